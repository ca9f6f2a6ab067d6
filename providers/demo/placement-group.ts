import { demoKind } from './kind.ts';

export const placementGroup = demoKind({ collection: 'placement_groups', fields: { strategy: 'strategy' } });
