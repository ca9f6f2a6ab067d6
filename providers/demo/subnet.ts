import { demoKind } from './kind.ts';

export const subnet = demoKind({
  collection: 'subnets',
  fields: { network: 'network', ipRange: 'ip_range', zone: 'zone' },
  outputs: { ipRange: 'ip_range', gateway: 'gateway' },
});
