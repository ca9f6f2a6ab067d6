import { z } from 'zod';
import type { Kind } from '../kind.ts';
import { ipRange, labels, reference, zone } from './fields.ts';

export const subnet: Kind = {
  name: 'subnet',
  summary: 'A part of a network that servers are attached to.',
  spec: z.strictObject({ network: reference('network'), ipRange, zone: zone.optional(), labels: labels.optional() }),
  fields: {
    network: { effect: 'replace', ref: 'network' },
    ipRange: { effect: 'replace', normalise: 'cidr' },
    zone: { effect: 'replace' },
    labels: { effect: 'live', sharedKeys: true },
  },
  outputs: {
    id: { lifetime: 'stable' },
    ipRange: { lifetime: 'stable', sameAs: 'ipRange' },
    gateway: { lifetime: 'stable' },
  },
  holdsData: false,
  createFirst: false,
};
