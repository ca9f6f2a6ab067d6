import { demoKind } from './kind.ts';

export const volume = demoKind({
  collection: 'volumes',
  fields: { sizeGib: 'size_gib', type: 'type', zone: 'zone', server: 'server', format: 'format' },
  resized: ['sizeGib'],
  attachedBy: 'server',
  outputs: { device: 'device' },
});
