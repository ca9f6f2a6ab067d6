import { z } from 'zod';
import type { Json } from '../../schemas/json.ts';
import { cloudName } from '../../schemas/owner.ts';
import { type Call, ec2 } from './client.ts';
import { DESCRIPTION, type Group, allowances, copyNames, groups, primaryOf } from './firewall-copies.ts';
import { differenceOf, writeRules } from './firewall-rules.ts';
import type { AwsKind, Sighting, Where } from './kind.ts';
import { Id, chunks, filtersFor } from './pages.ts';
import { Nothing } from './retag.ts';
import { allowancesOf, rulesIn } from './rules.ts';
import { unlessGone } from './settle.ts';
import { newTags } from './tags.ts';

interface Facts {
  readonly copies: readonly Group[];
  readonly primary: Group;
}

/** Security groups. */
export const firewall: AwsKind<Facts> = {
  tagger: 'ec2',
  async sight(call, _account, where) {
    const found = await withCopies(call, where);
    const primaries = found.filter(group => primaryOf(group) === group.GroupId);
    return primaries.map(primary =>
      sighted(
        primary,
        found.filter(group => primaryOf(group) === primary.GroupId && group !== primary),
      ),
    );
  },
  async create(call, account, request) {
    const { firewallNetwork } = account.config;
    allowancesOf(call, request.spec);
    const input = {
      GroupName: cloudName(request.owner),
      Description: DESCRIPTION,
      ...(firewallNetwork === undefined ? {} : { VpcId: firewallNetwork }),
      TagSpecifications: [{ ResourceType: 'security-group' as const, Tags: newTags(request) }],
    };
    return (await ec2(call, 'CreateSecurityGroup', input, z.object({ GroupId: Id }), { main: true })).GroupId;
  },
  async converge(call, _account, seen, goal) {
    if (!goal.fields.includes('rules')) return 'done';
    const rules = allowancesOf(call, goal.spec);
    let wrote = false;
    for (const group of [...seen.facts.copies, seen.facts.primary]) {
      if (await writeRules(call, group.GroupId, differenceOf(allowances(group), rules))) wrote = true;
    }
    return wrote ? 'wrote' : 'done';
  },
  async remove(call, _account, seen) {
    for (const copy of seen.facts.copies) {
      await unlessGone(ec2(call, 'DeleteSecurityGroup', { GroupId: copy.GroupId }, Nothing));
    }
    await unlessGone(ec2(call, 'DeleteSecurityGroup', { GroupId: seen.id }, Nothing, { main: true }));
    return 'done';
  },
};

/** Groups and their copies. A copy carries the owner's tags too, so that one call by tag finds both. */
async function withCopies(call: Call, where: Where): Promise<readonly Group[]> {
  const found = await groups(call, filtersFor(where, { id: 'group-id', name: 'group-name' }));
  if (where.by !== 'ids' && where.by !== 'name') return found;
  const names = copyNames(found.map(group => group.GroupId));
  const copies = await groups(
    call,
    chunks(names, 200).map(Values => [{ Name: 'group-name', Values }]),
  );
  return [...found, ...copies];
}

function sighted(primary: Group, copies: readonly Group[]): Sighting<Facts> {
  return {
    id: primary.GroupId,
    tags: primary.Tags,
    nativeName: primary.GroupName,
    spec: { rules: shownRules([primary, ...copies]) },
    outputs: {},
    phase: 'ready',
    createdAt: 0,
    attached: false,
    carriers: [primary.GroupId, ...copies.map(group => group.GroupId)],
    facts: { primary, copies },
  };
}

/** The rules of the firewall. When its groups differ, the rules of all of them, so that it looks different from what anybody wants. */
function shownRules(all: readonly Group[]): Json[] {
  const sets = new Map(
    all.map(group => {
      const rules = rulesIn(allowances(group));
      return [JSON.stringify(rules), rules] as const;
    }),
  );
  return [...sets.values()].flat();
}
