import { isObject, type Json, type JsonObject, sameJson } from '../../schemas/json.ts';
import type { Spec } from '../../schemas/resource.ts';
import { fault } from './faults.ts';
import { type Definition, step } from './kind.ts';
import { Firewall, type Rule } from './replies.ts';

/** The API takes this many rules. */
const MOST_RULES = 50;
const EVERYWHERE = ['0.0.0.0/0', '::/0'];
const ALL_PORTS = '1-65535';

export const firewall: Definition<Firewall> = {
  kind: 'firewall',
  collection: 'firewalls',
  member: 'firewall',
  reply: Firewall,
  pollMs: 500,
  hasProtection: false,
  show: (_ctx, _account, object) => ({
    spec: { rules: fromRules(object.rules) },
    outputs: {},
    attached: object.applied_to.length > 0,
  }),
  body: (_ctx, _account, { spec }) => ({ body: { rules: toRules(spec, 'create firewall') } }),
  next(_ctx, account, object, goal) {
    if (!goal.fields.includes('rules') || sameJson(fromRules(object.rules), goal.spec['rules'])) return null;
    const what = `${goal.verb} firewall`;
    const body = { rules: toRules(goal.spec, what) };
    return step(account, { method: 'POST', path: `/firewalls/${object.id}/actions/set_rules`, body, what });
  },
};

/** Hetzner has no rule for every protocol: it is written as one rule for each that there is. */
const PROTOCOLS = ['tcp', 'udp', 'icmp', 'esp', 'gre'];

function toRules(spec: Spec, what: string): JsonObject[] {
  const rules = ((spec['rules'] ?? []) as Json[]).filter(isObject).flatMap(rule => toRule(rule as JsonObject, what));
  if (rules.length <= MOST_RULES) return rules;
  const why = `it has ${rules.length} rules at Hetzner Cloud, which takes ${MOST_RULES}; a rule for any protocol counts ${PROTOCOLS.length} times`;
  throw fault('invalid-input', 'too_many_rules', what, { why });
}

function toRule(rule: JsonObject, what: string): JsonObject[] {
  const { direction, protocol, port, sources, description } = rule;
  if (sameJson(sources, EVERYWHERE))
    throw fault('invalid-input', 'sources_everywhere', what, { why: 'leave `sources` out to allow everybody' });
  const ips = (sources ?? EVERYWHERE) as Json;
  const protocols = protocol === 'any' ? PROTOCOLS : [String(protocol)];
  return protocols.map(one => ({
    direction: direction ?? 'in',
    protocol: one,
    ...(one === 'tcp' || one === 'udp' ? { port: port === undefined ? ALL_PORTS : String(port) } : {}),
    ...(direction === 'out' ? { destination_ips: ips } : { source_ips: ips }),
    ...(description === undefined ? {} : { description }),
  }));
}

function fromRules(rules: readonly Rule[]): JsonObject[] {
  const found: JsonObject[] = [];
  for (let at = 0; at < rules.length; at += 1) {
    const group = rules.slice(at, at + PROTOCOLS.length);
    const all = group.map(fromRule);
    const same = all.every(one => sameJson({ ...one, protocol: 'any' }, { ...all[0], protocol: 'any' }));
    if (
      sameJson(
        group.map(rule => rule.protocol),
        PROTOCOLS,
      ) &&
      same
    ) {
      found.push({ ...all[0], protocol: 'any' });
      at += PROTOCOLS.length - 1;
    } else found.push(fromRule(rules[at] as Rule));
  }
  return found;
}

function fromRule(rule: Rule): JsonObject {
  const ips = (rule.direction === 'out' ? rule.destination_ips : rule.source_ips) ?? [];
  const isEverywhere = ips.length === 2 && EVERYWHERE.every(range => ips.includes(range));
  const port = rule.port == null || rule.port === 'any' || rule.port === ALL_PORTS ? undefined : rule.port;
  return {
    direction: rule.direction,
    protocol: rule.protocol,
    ...(port === undefined ? {} : { port: /^\d+$/.test(port) ? Number(port) : port }),
    ...(isEverywhere ? {} : { sources: [...ips] }),
    ...(rule.description == null || rule.description === '' ? {} : { description: rule.description }),
  };
}
