import type { Definition } from './kind.ts';
import { PlacementGroup } from './replies.ts';

export const placementGroup: Definition<PlacementGroup> = {
  kind: 'placement-group',
  collection: 'placement_groups',
  member: 'placement_group',
  reply: PlacementGroup,
  pollMs: 500,
  hasProtection: false,
  show: (_ctx, _account, object) => ({
    spec: { strategy: object.type },
    outputs: {},
    attached: object.servers.length > 0,
  }),
  body: () => ({ body: { type: 'spread' } }),
};
