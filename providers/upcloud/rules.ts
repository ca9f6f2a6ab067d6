import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import { canonical, isObject } from '../../schemas/json.ts';
import type { Spec } from '../../schemas/resource.ts';
import { fault } from './faults.ts';
import { textsOf } from './fields.ts';
import { boundsOf, plainAddress } from './ranges.ts';
import { FirewallRule } from './replies.ts';

type Part = Partial<FirewallRule>;

const FAMILIES = ['IPv4', 'IPv6'] as const;
/** Rules that one server can have. */
const MOST_RULES = 1_000;

/**
 * The firewall of UpCloud does not keep track of connections. Without these rules the last one would drop the answers
 * to everything that a server itself asks for: names, packages, its address. The ports are those that Linux gives to
 * connections of its own.
 */
const REPLIES: readonly Part[] = [
  ...FAMILIES.flatMap(family => [
    { family, protocol: 'tcp', destination_port_start: '32768', destination_port_end: '60999' },
    { family, protocol: 'udp', destination_port_start: '32768', destination_port_end: '60999' },
    { family, protocol: 'icmp' },
  ]),
  { family: 'IPv4', protocol: 'udp', destination_port_start: '68', destination_port_end: '68' },
  { family: 'IPv6', protocol: 'udp', destination_port_start: '546', destination_port_end: '546' },
].map(rule => ({ ...rule, action: 'accept', direction: 'in', comment: 'answers' }));

const DROP: Part = { action: 'drop', direction: 'in' };

/** The whole rule list of a server: the rules of its firewalls in order, answers, and nothing else. Empty without firewalls. */
export function compiledRules(spec: Spec, virtual: { readonly [id: string]: Spec }): readonly FirewallRule[] {
  const ids = textsOf(spec, 'firewalls');
  if (ids.length === 0) return [];
  const parts = ids.flatMap(id => {
    const firewall = virtual[id];
    const rules = firewall?.['rules'];
    if (!Array.isArray(rules))
      throw fault('invalid-input', 'firewall_unknown', 'compile the firewalls', { why: 'a firewall is not known' });
    return rules.flatMap(rule => (isObject(rule) ? partsOf(rule) : []));
  });
  const all = [...parts, ...REPLIES, DROP];
  if (all.length > MOST_RULES)
    throw fault('invalid-input', 'too_many_rules', 'compile the firewalls', {
      why: `the firewalls of a server have ${all.length} rules together; UpCloud takes ${MOST_RULES}`,
    });
  return all.map(part => FirewallRule.parse(part));
}

/** A rule of ours as rules of UpCloud, which know one family and one range each. */
function partsOf(rule: { readonly [field: string]: unknown }): readonly Part[] {
  const { direction, protocol, port, sources, description } = rule;
  const side = direction === 'out' ? 'destination' : 'source';
  const ports = port === undefined ? [] : String(port).split('-');
  const shared: Part = {
    action: 'accept',
    direction: direction === 'out' ? 'out' : 'in',
    ...(protocol === 'any' ? {} : { protocol: String(protocol) }),
    ...(ports.length === 0 ? {} : { destination_port_start: ports[0] ?? '', destination_port_end: ports.at(-1) ?? '' }),
    ...(typeof description === 'string' ? { comment: description } : {}),
  };
  if (!Array.isArray(sources)) return FAMILIES.map(family => ({ ...shared, family }));
  return sources.map(range => {
    const { first, last } = boundsOf(String(range));
    return {
      ...shared,
      family: isIP(first) === 6 ? 'IPv6' : 'IPv4',
      [`${side}_address_start`]: first,
      [`${side}_address_end`]: last,
    };
  });
}

/** Fields whose text may be written in more than one way. */
const ADDRESSES = [
  'source_address_start',
  'source_address_end',
  'destination_address_start',
  'destination_address_end',
] as const;

/** Digest of a rule list: fields that are not set and empty ones are the same, as are two spellings of an address; comments do not count. */
export function rulesDigest(rules: readonly FirewallRule[]): string {
  const plain = rules.map(({ comment: _comment, ...rule }) => ({
    ...rule,
    ...Object.fromEntries(ADDRESSES.map(field => [field, plainAddress(rule[field])])),
  }));
  return createHash('sha256').update(canonical(plain)).digest('hex').slice(0, 20);
}
