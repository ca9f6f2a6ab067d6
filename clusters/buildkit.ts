import { z } from 'zod';
import type { TemplatePlace } from '../schemas/cluster.ts';
import { count, GROUND, pem, range, secret, servicesField, size } from './parts/fields.ts';
import { networkOf } from './parts/ground.ts';
import { type Group, nodeName, nodesOf } from './parts/nodes.ts';
import { template } from './parts/template.ts';

const shape = () =>
  z.strictObject({
    ...GROUND,
    workers: count('Workers that build.', 2),
    atOnce: count('Workers that change at the same time; the others wait.', 1),
    size: size('Size of a worker.'),
    clients: z.array(range).max(64).default([]).describe('Ranges from outside the cluster that may build.'),
    ca: pem('Certificate of the authority that signs clients, in PEM.'),
    certificate: pem('Certificate of the workers, in PEM.'),
    key: secret('Private key of the workers, in PEM.').max(65_536),
    cachePassword: secret('Password of the user `builder` of the registry for caches.'),
    services: servicesField('buildkit', 'oci-reg'),
  });
type Fields = z.output<ReturnType<typeof shape>>;

/** Workers that build container images, with a registry for what they cache. */
export const buildkit = template({
  name: 'buildkit',
  summary: 'Workers that build container images, and a registry for their caches.',
  example: `buildkit:
  build:
    operators: ["198.51.100.0/24"]
    sshKeys: [operator]
    workers: 2
    ca: \${var.certificate}
    certificate: \${var.certificate}
    key: \${secret.build/key}
    cachePassword: \${secret.build/cache}
    services:
      buildkit: { version: "0.19.0", sha256: "0000000000000000000000000000000000000000000000000000000000000000" } # of the release that you trust
`,
  fields: shape,
  resources(fields, place) {
    const within = { ground: fields, place };
    return [...networkOf(fields, place), ...nodesOf(cacheOf(fields), within), ...nodesOf(workersOf(fields), within)];
  },
  outputs: (fields, place) => ({
    ...workersOutputs(fields, place),
    cache: `\${taskserv.oci-reg.${nodeName(place, 'cache', 1)}.endpoint}`,
  }),
});

function workersOutputs({ workers }: Fields, place: TemplatePlace): { readonly [output: string]: string } {
  const one = (number: number): string => `\${taskserv.buildkit.${nodeName(place, 'worker', number)}.endpoint}`;
  return Object.fromEntries(Array.from({ length: workers }, (_, index) => [`worker-${index + 1}`, one(index + 1)]));
}

function cacheOf({ cachePassword }: Fields): Group {
  const registry = { port: 5000, users: { builder: cachePassword } };
  return {
    role: 'cache',
    count: 1,
    isSingle: true,
    size: { asked: undefined, standard: 'small' },
    atOnce: 1,
    doors: [{ port: 5000, from: 'cluster', purpose: 'Caches' }],
    services: () => ({ 'oci-reg': registry }),
  };
}

function workersOf({ workers, size: asked, atOnce, clients, ca, certificate, key }: Fields): Group {
  const buildkit = { remote: { port: 1234, ca, certificate, key } };
  return {
    role: 'worker',
    count: workers,
    size: { asked, standard: 'medium' },
    atOnce,
    doors: [
      { port: 1234, from: 'cluster', purpose: 'Builds' },
      { port: 1234, from: clients, purpose: 'Builds, for clients' },
    ],
    services: () => ({ buildkit }),
  };
}
