import { type Call, ec2 } from './client.ts';
import { Nothing } from './retag.ts';
import { type Allowance, type Direction, FREE_EXIT, keyOf, permissionsOf } from './rules.ts';

/** The writes that bring one security group to what is wanted. */
interface Difference {
  readonly add: readonly Allowance[];
  readonly remove: readonly Allowance[];
  readonly describe: readonly Allowance[];
}

/** What to add, to take away and to describe anew. As long as no rule goes outwards, everything may. */
export function differenceOf(has: readonly Allowance[], rules: readonly Allowance[]): Difference {
  const wanted = rules.some(one => one.direction === 'out') ? rules : [...rules, FREE_EXIT];
  const before = new Map(has.map(one => [keyOf(one), one]));
  const after = new Set(wanted.map(keyOf));
  const isFree = (one: Allowance): boolean => keyOf(one) === keyOf(FREE_EXIT) && one.description === '';
  return {
    add: wanted.filter(one => !before.has(keyOf(one))),
    remove: has.filter(one => !after.has(keyOf(one))),
    describe: wanted.filter(one => {
      const former = before.get(keyOf(one));
      return former !== undefined && former.description !== one.description && !isFree(one);
    }),
  };
}

/** Adds before it takes away: in between, more is allowed than should be, and never less than was. */
export async function writeRules(call: Call, GroupId: string, difference: Difference): Promise<boolean> {
  let wrote = false;
  for (const [verb, allowances] of Object.entries(difference) as [keyof Difference, readonly Allowance[]][]) {
    for (const direction of ['in', 'out'] as const) {
      const IpPermissions = permissionsOf(allowances.filter(one => one.direction === direction));
      if (IpPermissions.length === 0) continue;
      await ec2(call, WRITES[verb][direction], { GroupId, IpPermissions }, Nothing);
      wrote = true;
    }
  }
  return wrote;
}

const WRITES = {
  add: { in: 'AuthorizeSecurityGroupIngress', out: 'AuthorizeSecurityGroupEgress' },
  describe: {
    in: 'UpdateSecurityGroupRuleDescriptionsIngress',
    out: 'UpdateSecurityGroupRuleDescriptionsEgress',
  },
  remove: { in: 'RevokeSecurityGroupIngress', out: 'RevokeSecurityGroupEgress' },
} as const satisfies { readonly [verb in keyof Difference]: { readonly [direction in Direction]: string } };
