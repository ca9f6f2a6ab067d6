import { z } from 'zod';
import type { HostItem } from '../../schemas/taskserv.ts';
import { debian } from '../host/fields.ts';
import { heading, toml } from '../host/render.ts';
import { service } from '../host/service.ts';

const FOLDER = '/etc/containers/containers.conf.d';

const podmanDefault: readonly HostItem[] = [
  { is: 'directory', path: '/etc/containers', mode: 0o755 },
  { is: 'directory', path: FOLDER, mode: 0o755 },
  {
    is: 'file',
    path: `${FOLDER}/60-crun.conf`,
    text: heading() + toml({ engine: { runtime: 'crun', runtimes: { crun: ['/usr/bin/crun'] } } }),
  },
];

/** crun: a small and fast program that starts containers. */
export const crun = service({
  name: 'crun',
  categories: ['container-runtime'],
  summary: 'crun, a small and fast program that starts containers.',
  source: 'debian',
  version: null,
  holdsData: false,
  fields: () =>
    z.strictObject({
      podmanDefault: z
        .boolean()
        .default(true)
        .describe('Whether podman on this server starts containers with it. Default: true.'),
    }),
  ports: () => [],
  endpoint: () => null,
  want: (fields, _place, version) => [
    debian('crun', version),
    ...(fields.podmanDefault ? podmanDefault : []),
    {
      is: 'verify',
      title: 'crun knows the specification of containers',
      run: ['crun', '--version'],
      expect: 'spec: 1\\.',
    },
    {
      is: 'verify',
      title: 'crun can ask this kernel for its containers',
      run: ['crun', '--root', '/run/provisioning-crun', 'list'],
      expect: '^NAME ',
    },
  ],
});
