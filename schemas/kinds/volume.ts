import { z } from 'zod';
import type { Kind } from '../kind.ts';
import { labels, reference, zone } from './fields.ts';

export const volume: Kind = {
  name: 'volume',
  summary: 'A disk of its own that survives its server.',
  spec: z.strictObject({
    sizeGib: z.int().min(1).max(65_536).describe('Size in GiB. It can grow, not shrink.'),
    type: z.enum(['ssd', 'hdd']).optional(),
    zone: zone.optional(),
    server: reference('server').optional().describe('Server it is attached to.'),
    format: z.enum(['ext4', 'xfs', 'none']).optional(),
    labels: labels.optional(),
  }),
  fields: {
    sizeGib: { effect: 'live', growOnly: true },
    type: { effect: 'replace' },
    zone: { effect: 'replace' },
    server: { effect: 'live', ref: 'server' },
    format: { effect: 'replace' },
    labels: { effect: 'live', sharedKeys: true },
  },
  outputs: { id: { lifetime: 'stable' }, device: { lifetime: 'volatile' } },
  holdsData: true,
  createFirst: false,
};
