import { describe, expect, it } from 'vitest';
import type { Call } from '../../../providers/aws/client.ts';
import { differenceOf } from '../../../providers/aws/firewall-rules.ts';
import {
  type Allowance,
  FREE_EXIT,
  allowancesIn,
  allowancesOf,
  permissionsOf,
  rulesIn,
} from '../../../providers/aws/rules.ts';
import type { JsonObject } from '../../../schemas/json.ts';
import { ProviderFault } from '../../../schemas/provider.ts';

const call = { what: 'create firewall' } as Call;

/** What AWS makes of allowances: one permission for each protocol and ports, without an order of its own. */
function kept(allowances: readonly Allowance[]): readonly Allowance[] {
  const filled = permissionsOf(allowances).map(one => ({
    IpRanges: [],
    Ipv6Ranges: [],
    UserIdGroupPairs: [],
    ...one,
  }));
  const back = filled.flatMap((one, at) => allowancesIn(allowances[at]?.direction ?? 'in', [one]));
  return [...back].reverse();
}

const CASES: readonly (readonly JsonObject[])[] = [
  [],
  [{ direction: 'in', protocol: 'tcp', port: 22, sources: ['10.0.0.0/8'] }],
  [{ direction: 'in', protocol: 'tcp', port: '8000-8100' }],
  [{ direction: 'in', protocol: 'icmp' }],
  [{ direction: 'in', protocol: 'any', sources: ['fd00::/8', '10.0.0.0/8'] }],
  [{ direction: 'in', protocol: 'udp', sources: ['0.0.0.0/0', '::/0'], description: 'all of it' }],
  [
    { direction: 'in', protocol: 'tcp', port: 443 },
    { direction: 'in', protocol: 'tcp', port: 22, sources: ['192.0.2.0/24', '10.0.0.0/8'], description: 'office' },
    { direction: 'out', protocol: 'tcp', port: 443 },
    { direction: 'in', protocol: 'tcp', port: 22, sources: ['198.51.100.0/24'], description: 'home' },
  ],
];

describe('rules of a security group', () => {
  it.each(CASES.map(rules => ({ rules })))('come back as they were written: $rules', ({ rules }) => {
    const allowances = allowancesOf(call, { rules: [...rules] });
    expect(rulesIn(kept(allowances))).toEqual(rules);
    const free = rules.some(rule => rule['direction'] === 'out') ? [] : [FREE_EXIT];
    expect(differenceOf([...kept(allowances), ...free], allowances)).toEqual({ add: [], remove: [], describe: [] });
  });

  it('take the free exit away when they say what may go out, and give it back', () => {
    const out = allowancesOf(call, { rules: [{ direction: 'out', protocol: 'tcp', port: 443, sources: ['::/0'] }] });
    expect(differenceOf([FREE_EXIT], out)).toEqual({ add: out, remove: [FREE_EXIT], describe: [] });
    expect(differenceOf(out, [])).toEqual({ add: [FREE_EXIT], remove: out, describe: [] });
  });

  it('are only described anew when nothing but their order changes', () => {
    const a = { direction: 'in', protocol: 'tcp', port: 22, sources: ['10.0.0.0/8'] };
    const b = { direction: 'in', protocol: 'tcp', port: 80, sources: ['10.0.0.0/8'] };
    const had = [...allowancesOf(call, { rules: [a, b] }), FREE_EXIT];
    const wanted = allowancesOf(call, { rules: [b, a] });
    expect(differenceOf(had, wanted)).toEqual({ add: [], remove: [], describe: wanted });
  });

  it('that others added by hand are shown after ours, and go with the next change', () => {
    const ours = allowancesOf(call, {
      rules: [{ direction: 'in', protocol: 'tcp', port: 22, sources: ['10.0.0.0/8'] }],
    });
    const byHand: Allowance = {
      ...FREE_EXIT,
      direction: 'in',
      protocol: 'tcp',
      from: 0,
      to: 65_535,
      description: 'oops',
    };
    expect(rulesIn([byHand, ...ours])).toEqual([
      { direction: 'in', protocol: 'tcp', port: 22, sources: ['10.0.0.0/8'] },
      { direction: 'in', protocol: 'tcp', sources: ['0.0.0.0/0'], description: 'oops' },
    ]);
    expect(differenceOf([byHand, FREE_EXIT, ...ours], ours).remove).toEqual([byHand]);
  });

  it.each([
    [
      [
        { direction: 'in', protocol: 'icmp' },
        { direction: 'in', protocol: 'icmp', sources: ['0.0.0.0/0'] },
      ],
      'rule_repeated',
    ],
    [[{ direction: 'in', protocol: 'icmp', description: 'x'.repeat(255) }], 'description_too_long'],
  ])('refuses %j', (rules, code) => {
    expect(() => allowancesOf(call, { rules })).toThrow(ProviderFault);
    expect(() => allowancesOf(call, { rules })).toThrow(code);
  });
});
