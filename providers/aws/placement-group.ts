import { z } from 'zod';
import { cloudName } from '../../schemas/owner.ts';
import type { Observed } from '../../schemas/provider.ts';
import { type Call, ec2 } from './client.ts';
import type { AwsKind, Sighting, Where } from './kind.ts';
import { Id, Word, listOf } from './pages.ts';
import { Nothing } from './retag.ts';
import { unlessGone } from './settle.ts';
import { Tags, newTags } from './tags.ts';

const Group = z.object({ GroupId: Id, GroupName: Id, State: Word, Strategy: Word, Tags });
type Group = z.infer<typeof Group>;

const PHASES: { readonly [state: string]: Observed['phase'] } = { available: 'ready', deleting: 'deleting' };

/** Placement groups have no pages and few objects, so that all are read and chosen from here. */
async function groups(call: Call, where: Where): Promise<readonly Group[]> {
  const { PlacementGroups } = await ec2(
    call,
    'DescribePlacementGroups',
    {},
    z.object({ PlacementGroups: listOf(Group) }),
  );
  return PlacementGroups.filter(group => {
    if (where.by === 'ids') return where.ids.includes(group.GroupId);
    if (where.by === 'tag') return group.Tags[where.key] === where.value;
    if (where.by === 'name') return group.GroupName === where.name;
    return where.by === 'all';
  });
}

/** Groups whose servers are on different hardware: at most seven running servers in one zone. */
export const placementGroup: AwsKind = {
  tagger: 'ec2',
  sight: async (call, _account, where) => (await groups(call, where)).map(sighted),
  async create(call, _account, request) {
    const input = {
      GroupName: cloudName(request.owner),
      Strategy: 'spread' as const,
      TagSpecifications: [{ ResourceType: 'placement-group' as const, Tags: newTags(request) }],
    };
    const reply = z.object({ PlacementGroup: z.object({ GroupId: Id }) });
    const { PlacementGroup } = await ec2(call, 'CreatePlacementGroup', input, reply, { main: true });
    return PlacementGroup.GroupId;
  },
  converge: (_call, _account, seen) => Promise.resolve(seen.phase === 'ready' ? 'done' : 'wait'),
  async remove(call, _account, seen) {
    if (seen.phase === 'deleting') return 'wait';
    await unlessGone(ec2(call, 'DeletePlacementGroup', { GroupName: seen.nativeName }, Nothing, { main: true }));
    return 'done';
  },
};

function sighted(group: Group): Sighting {
  return {
    id: group.GroupId,
    tags: group.Tags,
    nativeName: group.GroupName,
    spec: { strategy: group.Strategy ?? 'spread' },
    outputs: {},
    phase: PHASES[group.State ?? ''] ?? 'pending',
    ended: group.State === 'deleted',
    createdAt: 0,
    attached: false,
    carriers: [group.GroupId],
    facts: null,
  };
}
