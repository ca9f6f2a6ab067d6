import { demoKind } from './kind.ts';

export const floatingIp = demoKind({
  collection: 'floating_ips',
  fields: { version: 'version', zone: 'zone', server: 'server' },
  attachedBy: 'server',
  outputs: { ip: 'ip' },
});
