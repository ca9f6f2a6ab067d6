import { z } from 'zod';
import { GROUND, pem, range, secret, servicesField, size } from './parts/fields.ts';
import { type Disk, mountOf, volumeOf } from './parts/disk.ts';
import { networkOf } from './parts/ground.ts';
import { nodeName, nodesOf } from './parts/nodes.ts';
import { template } from './parts/template.ts';

/** A registry of container images with a disk of its own. */
export const ociReg = template({
  name: 'oci-reg',
  summary: 'A registry of container images, with TLS, passwords and a disk of its own.',
  example: `oci-reg:
  images:
    operators: ["198.51.100.0/24"]
    sshKeys: [operator]
    users: { builder: "\${secret.images/builder}" }
`,
  fields: () =>
    z.strictObject({
      ...GROUND,
      size: size('Size of the server.'),
      diskGib: z
        .int()
        .min(1)
        .max(65_536)
        .default(50)
        .describe('Size of the disk for images in GiB. It can grow. Default: 50.'),
      clients: z.array(range).max(64).default([]).describe('Ranges from outside the cluster that may connect.'),
      users: z.record(z.string(), secret('Password of the user.')).describe('Passwords by user.'),
      tls: z
        .strictObject({
          certificate: pem('Certificate with its chain, in PEM.'),
          key: secret('Private key, in PEM.').max(65_536),
        })
        .optional()
        .describe('Certificate of the registry. Without it the server signs one itself.'),
      services: servicesField('oci-reg', 'local-storage'),
    }),
  resources(fields, place) {
    const { users, tls, diskGib, clients } = fields;
    const server = nodeName(place, 'registry', 1);
    const disk: Disk = { server, sizeGib: diskGib, path: '/srv/registry' };
    const mount = mountOf(disk, place);
    const needs = Object.keys(mount).map(service => `taskserv.${service}/${server}`);
    const registry = {
      port: 5000,
      users,
      ...(tls === undefined ? {} : { tls }),
      ...(needs.length > 0 ? { folder: `${disk.path}/images`, needs } : {}),
    };
    const group = {
      role: 'registry',
      count: 1,
      isSingle: true as const,
      size: { asked: fields.size, standard: 'small' as const },
      atOnce: 1,
      doors: [
        { port: 5000, from: 'cluster' as const, purpose: 'Images' },
        { port: 5000, from: clients, purpose: 'Images, for clients' },
      ],
      services: () => ({ ...mount, 'oci-reg': registry }),
    };
    const within = { ground: fields, place };
    return [...networkOf(fields, place), ...nodesOf(group, within), ...volumeOf(disk, within)];
  },
  outputs: (_, place) => ({ url: `\${taskserv.oci-reg.${nodeName(place, 'registry', 1)}.endpoint}` }),
});
