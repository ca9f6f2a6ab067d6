import { z } from 'zod';
import type { Kind } from '../kind.ts';
import { labels } from './fields.ts';

export const placementGroup: Kind = {
  name: 'placement-group',
  summary: 'Servers in it run on different physical hosts.',
  spec: z.strictObject({ strategy: z.enum(['spread']).optional(), labels: labels.optional() }),
  fields: { strategy: { effect: 'replace' }, labels: { effect: 'live', sharedKeys: true } },
  outputs: { id: { lifetime: 'stable' } },
  holdsData: false,
  createFirst: true,
};
