import { z } from 'zod';
import { LABEL } from '../../schemas/owner.ts';
import { ProviderFault } from '../../schemas/provider.ts';
import { invalid } from './account.ts';
import { type Call, ec2 } from './client.ts';
import { fault } from './errors.ts';
import { differenceOf, writeRules } from './firewall-rules.ts';
import { type Filters, Id, Word, allPages, eachFilter, listOf } from './pages.ts';
import { Permission, allowancesIn } from './rules.ts';
import { TAG, Tags, tagList } from './tags.ts';

const Group = z.object({
  GroupId: Id,
  GroupName: Id,
  Description: Word,
  VpcId: Word,
  IpPermissions: listOf(Permission),
  IpPermissionsEgress: listOf(Permission),
  Tags,
});
export type Group = z.infer<typeof Group>;

/** What every group of ours says of itself. AWS never lets it be changed. */
export const DESCRIPTION = 'Made by Provisioning';

/**
 * A security group belongs to one VPC, and a firewall of ours to none. So a firewall is one group, and a copy of it in
 * every other VPC where a server has it; the copy's name says of which group it is.
 */
const COPY = 'provisioning copy of ';

/** The firewall that a group stands for; null for the group that every VPC has from the start. */
export function primaryOf(group: {
  readonly GroupId: string;
  readonly GroupName?: string | null | undefined;
}): string | null {
  const name = group.GroupName ?? '';
  if (name === 'default') return null;
  return name.startsWith(COPY) ? name.slice(COPY.length) : group.GroupId;
}

export function groups(call: Call, sets: readonly Filters[]): Promise<readonly Group[]> {
  const reply = z.object({ SecurityGroups: listOf(Group), NextToken: Word });
  return eachFilter(sets, Filters =>
    allPages(
      call,
      (group: Group) => group.GroupId,
      async NextToken => {
        const page = await ec2(call, 'DescribeSecurityGroups', { Filters, NextToken, MaxResults: 1_000 }, reply);
        return { items: page.SecurityGroups, next: page.NextToken };
      },
    ),
  );
}

/** The names of the copies of these groups. */
export function copyNames(ids: readonly string[]): string[] {
  return ids.map(id => `${COPY}${id}`);
}

/** What a group allows. */
export function allowances(group: Group) {
  return [...allowancesIn('in', group.IpPermissions), ...allowancesIn('out', group.IpPermissionsEgress)];
}

/** The copies in a network: they go with it, because nothing else in it can have them any more. */
export async function copiesIn(call: Call, vpc: string): Promise<readonly string[]> {
  const found = await groups(call, [[{ Name: 'vpc-id', Values: [vpc] }]]);
  return found.filter(group => group.GroupName.startsWith(COPY)).map(group => group.GroupId);
}

/** The groups of these firewalls in a VPC; null is the one where they were made first. A copy that is missing is made. */
export async function groupsIn(
  call: Call,
  firewalls: readonly string[],
  vpc: string | null,
): Promise<readonly string[]> {
  const primaries = await groups(call, [[{ Name: 'group-id', Values: [...firewalls] }]]);
  const strangers = vpc === null ? [] : primaries.filter(group => group.VpcId !== vpc);
  const Values = copyNames(strangers.map(group => group.GroupId));
  const copies =
    vpc === null || Values.length === 0
      ? []
      : await groups(call, [
          [
            { Name: 'group-name', Values },
            { Name: 'vpc-id', Values: [vpc] },
          ],
        ]);
  const ids: string[] = [];
  for (const id of firewalls) {
    const primary = primaries.find(group => group.GroupId === id);
    if (primary === undefined) throw invalid(call.what, 'no_firewall', 'one of the firewalls is not there');
    if (vpc === null || primary.VpcId === vpc) ids.push(id);
    else ids.push(await copied(call, primary, { vpc, copy: copies.find(group => primaryOf(group) === id) }));
  }
  return ids.sort();
}

/** A copy with the rules of its firewall. One that a crash left without them gets them now. */
async function copied(
  call: Call,
  primary: Group,
  given: { readonly vpc: string; readonly copy: Group | undefined },
): Promise<string> {
  const { vpc, copy } = given;
  const id = copy?.GroupId ?? (await madeCopy(call, primary, vpc));
  const has = copy === undefined ? [{ ...FREE, direction: 'out' as const }] : allowances(copy);
  const difference = differenceOf(has, allowances(primary));
  await writeRules(call, id, difference).catch((error: unknown) => {
    // Another server of the same firewall was faster.
    if (!(error instanceof ProviderFault) || error.error.class !== 'already-exists') throw error;
  });
  return id;
}

const FREE = { protocol: '-1', from: -1, to: -1, range: '0.0.0.0/0', description: '' };

async function madeCopy(call: Call, primary: Group, VpcId: string): Promise<string> {
  const [GroupName = ''] = copyNames([primary.GroupId]);
  const owner = Object.fromEntries(Object.entries(primary.Tags).filter(([key]) => OWNER.has(key)));
  const Tags = tagList({ ...owner, [TAG.part]: `firewall.${primary.GroupId}` });
  const TagSpecifications = [{ ResourceType: 'security-group' as const, Tags }];
  const input = { GroupName, Description: DESCRIPTION, VpcId, TagSpecifications };
  try {
    return (await ec2(call, 'CreateSecurityGroup', input, z.object({ GroupId: Id }))).GroupId;
  } catch (error) {
    if (!(error instanceof ProviderFault) || error.error.class !== 'already-exists') throw error;
    const [other] = await groups(call, [
      [
        { Name: 'group-name', Values: [GroupName] },
        { Name: 'vpc-id', Values: [VpcId] },
      ],
    ]);
    if (other === undefined) throw error;
    return other.GroupId;
  }
}

const OWNER: ReadonlySet<string> = new Set(Object.values(LABEL));

/** The group that every VPC has: it lets its members talk to each other and to the outside. */
export async function defaultGroup(call: Call, vpc: string | null): Promise<string> {
  const filters = [{ Name: 'group-name', Values: ['default'] }];
  const [group] = await groups(call, [vpc === null ? filters : [...filters, { Name: 'vpc-id', Values: [vpc] }]]);
  if (group === undefined)
    throw fault('state', 'no_default_group', call.what, { why: 'the network has no default group' });
  return group.GroupId;
}
