import { demoKind } from './kind.ts';

export const network = demoKind({
  collection: 'networks',
  fields: { ipRange: 'ip_range', zone: 'zone' },
  outputs: { ipRange: 'ip_range' },
});
