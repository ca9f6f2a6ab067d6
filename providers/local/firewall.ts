import { isIP } from 'node:net';
import { isObject } from '../../schemas/json.ts';
import type { Spec } from '../../schemas/resource.ts';
import { fault } from './faults.ts';

/** Where a host has its rules; its own daemon loads them at every boot. */
export const RULES_FILE = '/etc/nftables.conf';

const CLEAR = 'table inet provisioning\ndelete table inet provisioning\n';

/**
 * The rules of a host's firewalls for nftables: what no rule allows is dropped inbound, answers excepted. Without
 * firewalls everything is let in.
 */
export function rulesOf(spec: Spec, virtual: { readonly [id: string]: Spec }): string {
  const ids = Array.isArray(spec['firewalls']) ? (spec['firewalls'] as readonly string[]) : [];
  if (ids.length === 0) return CLEAR;
  const lines = ids.flatMap(id => {
    const rules = virtual[id]?.['rules'];
    if (!Array.isArray(rules))
      throw fault('invalid-input', 'firewall_unknown', 'compile the firewalls', { why: 'a firewall is not known' });
    return rules.flatMap(rule => (isObject(rule) && rule['direction'] === 'in' ? linesOf(rule) : []));
  });
  return `${CLEAR}table inet provisioning {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    iif "lo" accept
${lines.map(line => `    ${line}\n`).join('')}  }
}
`;
}

/** One rule of ours as lines of nftables, one for each family of its sources. */
function linesOf(rule: { readonly [field: string]: unknown }): readonly string[] {
  const match = matchOf(rule);
  const sources = Array.isArray(rule['sources']) ? (rule['sources'] as readonly string[]) : null;
  if (sources === null) return [`${match} accept`.trim()];
  return (['ip', 'ip6'] as const).flatMap(family => {
    const own = sources.filter(range => isIP(range.split('/')[0] ?? '') === (family === 'ip' ? 4 : 6));
    return own.length === 0 ? [] : [`${family} saddr { ${own.join(', ')} } ${match} accept`];
  });
}

/** By number, because a host has no list of protocol names. */
const NUMBERS: { readonly [protocol: string]: string } = { tcp: '6', udp: '17', icmp: '{ 1, 58 }' };

function matchOf({ protocol, port }: { readonly [field: string]: unknown }): string {
  if (port !== undefined)
    return protocol === 'any' ? `th dport ${String(port)}` : `${String(protocol)} dport ${String(port)}`;
  const number = NUMBERS[String(protocol)];
  return number === undefined ? '' : `meta l4proto ${number}`;
}
