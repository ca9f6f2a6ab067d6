import { z } from 'zod';
import type { Kind } from '../kind.ts';
import { labels, reference, zone } from './fields.ts';

export const floatingIp: Kind = {
  name: 'floating-ip',
  summary: 'A public address that can move from server to server.',
  spec: z.strictObject({
    version: z.enum(['ipv4', 'ipv6']).optional().describe('Default: ipv4.'),
    zone: zone.optional(),
    server: reference('server').optional().describe('Server that has it now.'),
    labels: labels.optional(),
  }),
  fields: {
    version: { effect: 'replace' },
    zone: { effect: 'replace' },
    server: { effect: 'live', ref: 'server' },
    labels: { effect: 'live', sharedKeys: true },
  },
  outputs: { id: { lifetime: 'stable' }, ip: { lifetime: 'stable' } },
  holdsData: false,
  createFirst: true,
};
