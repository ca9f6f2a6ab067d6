import { z } from 'zod';
import type { Kind } from '../kind.ts';
import { ipRange, labels, zone } from './fields.ts';

export const network: Kind = {
  name: 'network',
  summary: 'A private network that subnets are cut from.',
  spec: z.strictObject({ ipRange, zone: zone.optional(), labels: labels.optional() }),
  fields: {
    ipRange: { effect: 'replace', normalise: 'cidr' },
    zone: { effect: 'replace' },
    labels: { effect: 'live', sharedKeys: true },
  },
  outputs: { id: { lifetime: 'stable' }, ipRange: { lifetime: 'stable', sameAs: 'ipRange' } },
  holdsData: false,
  createFirst: true,
};
