import { z } from 'zod';
import type { JsonObject } from '../../schemas/json.ts';
import type { Spec } from '../../schemas/resource.ts';
import { invalid } from './account.ts';
import type { Call } from './client.ts';
import { Word, listOf } from './pages.ts';
import { assertCanonical } from './ranges.ts';

/** What a security group allows, in AWS's words. */
export const Permission = z.object({
  IpProtocol: Word,
  FromPort: z.int().nullish(),
  ToPort: z.int().nullish(),
  IpRanges: listOf(z.object({ CidrIp: Word, Description: Word })),
  Ipv6Ranges: listOf(z.object({ CidrIpv6: Word, Description: Word })),
  UserIdGroupPairs: listOf(z.object({ GroupId: Word })),
});
type Permission = z.infer<typeof Permission>;

export type Direction = 'in' | 'out';

/**
 * One allowance: one protocol, one range of ports, one range of addresses. AWS keeps neither the order nor the grouping
 * of rules, so that the description begins with where the allowance stands in the files: `#2.0 office` is the first
 * source of the third rule, `#2 office` one of the two that stand for everywhere.
 */
export interface Allowance {
  readonly direction: Direction;
  /** In AWS's words, with `-1` for all. */
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
  readonly range: string;
  readonly description: string;
}

const EVERYWHERE = ['0.0.0.0/0', '::/0'];
const NONE = -1;
const MARK = /^#(\d{1,3})(?:\.(\d{1,3}))?(?: (.*))?$/;

interface Rule {
  readonly direction: Direction;
  readonly protocol: string;
  readonly port?: number | string;
  readonly sources?: readonly string[];
  readonly description?: string;
}

/** The rules of a spec as allowances. */
export function allowancesOf(call: Call, spec: Spec): readonly Allowance[] {
  const rules = (spec['rules'] ?? []) as unknown as readonly Rule[];
  const all = rules.flatMap((rule, at) => {
    const sources = rule.sources ?? EVERYWHERE;
    return sources.map((range, nth): Allowance => {
      assertCanonical(call, range);
      const mark = rule.sources === undefined ? `#${at}` : `#${at}.${nth}`;
      return {
        direction: rule.direction,
        ...portsOf(rule, range),
        range,
        description: rule.description === undefined ? mark : `${mark} ${rule.description}`,
      };
    });
  });
  const keys = new Set<string>();
  for (const one of all) {
    const key = keyOf(one);
    if (keys.has(key)) throw invalid(call.what, 'rule_repeated', 'two rules allow the same, which AWS refuses');
    keys.add(key);
    if (one.description.length > 255)
      throw invalid(call.what, 'description_too_long', 'a description of a rule has at most 240 characters here');
  }
  return all;
}

function portsOf({ protocol, port }: Rule, range: string): Pick<Allowance, 'protocol' | 'from' | 'to'> {
  if (protocol === 'any') return { protocol: '-1', from: NONE, to: NONE };
  if (protocol === 'icmp') return { protocol: range.includes(':') ? 'icmpv6' : 'icmp', from: NONE, to: NONE };
  if (port === undefined) return { protocol, from: 0, to: 65_535 };
  const [from = 0, to = from] = String(port).split('-').map(Number);
  return { protocol, from, to };
}

/** What makes an allowance the same for AWS. */
export function keyOf(one: Allowance): string {
  return [one.direction, one.protocol, one.from, one.to, one.range].join(' ');
}

/** Every group allows everything outwards at first. */
export const FREE_EXIT: Allowance = {
  direction: 'out',
  protocol: '-1',
  from: NONE,
  to: NONE,
  range: '0.0.0.0/0',
  description: '',
};

/** What a group allows now. What refers to other groups is none of ours and left alone. */
export function allowancesIn(direction: Direction, permissions: readonly Permission[]): readonly Allowance[] {
  return permissions.flatMap(one => {
    const protocol = one.IpProtocol ?? '-1';
    const hasPorts = protocol === 'tcp' || protocol === 'udp';
    const from = hasPorts ? (one.FromPort ?? 0) : NONE;
    const to = hasPorts ? (one.ToPort ?? 65_535) : NONE;
    const allow = (range: string | null | undefined, description: string | null | undefined): Allowance => ({
      direction,
      protocol,
      from,
      to,
      range: range ?? '',
      description: description ?? '',
    });
    return [
      ...one.IpRanges.map(item => allow(item.CidrIp, item.Description)),
      ...one.Ipv6Ranges.map(item => allow(item.CidrIpv6, item.Description)),
    ];
  });
}

/** Allowances as AWS takes them. */
export function permissionsOf(allowances: readonly Allowance[]) {
  return allowances.map(one => {
    const described = one.description === '' ? {} : { Description: one.description };
    return {
      IpProtocol: one.protocol,
      FromPort: one.from,
      ToPort: one.to,
      ...(one.range.includes(':')
        ? { Ipv6Ranges: [{ CidrIpv6: one.range, ...described }] }
        : { IpRanges: [{ CidrIp: one.range, ...described }] }),
    };
  });
}

/** The rules that the allowances came from, in their order; what carries no mark of ours follows as rules of its own. */
export function rulesIn(allowances: readonly Allowance[]): JsonObject[] {
  const marked = new Map<
    number,
    { readonly nth: number; readonly one: Allowance; readonly text: string | undefined }[]
  >();
  const others: Allowance[] = [];
  for (const one of allowances) {
    const found = MARK.exec(one.description);
    if (found === null) others.push(one);
    else {
      const at = Number(found[1]);
      const nth = found[2] === undefined ? NONE : Number(found[2]);
      marked.set(at, [...(marked.get(at) ?? []), { nth, one, text: found[3] }]);
    }
  }
  const ours = [...marked]
    .sort(([a], [b]) => a - b)
    .map(([, parts]) => {
      const sorted = parts.sort((a, b) => a.nth - b.nth);
      const isEverywhere = sorted.every(part => part.nth === NONE) && sorted.length === EVERYWHERE.length;
      const sources = isEverywhere ? undefined : sorted.map(part => part.one.range);
      return ruleOf(sorted[0]?.one ?? FREE_EXIT, sources, sorted[0]?.text);
    });
  return [
    ...ours,
    ...others.filter(one => keyOf(one) !== keyOf(FREE_EXIT)).map(one => ruleOf(one, [one.range], one.description)),
  ];
}

function ruleOf(one: Allowance, sources: readonly string[] | undefined, description: string | undefined): JsonObject {
  const { direction, from, to } = one;
  const protocol = one.protocol === '-1' ? 'any' : one.protocol === 'icmpv6' ? 'icmp' : one.protocol;
  const port = from === NONE || (from === 0 && to === 65_535) ? undefined : from === to ? from : `${from}-${to}`;
  return {
    direction,
    protocol,
    ...(port === undefined ? {} : { port }),
    ...(sources === undefined ? {} : { sources: [...sources] }),
    ...(description === undefined || description === '' ? {} : { description }),
  };
}
