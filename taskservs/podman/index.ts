import { z } from 'zod';
import type { HostItem } from '../../schemas/taskserv.ts';
import { account, debian } from '../host/fields.ts';
import { heading, toml } from '../host/render.ts';
import { service } from '../host/service.ts';

const registry = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/, 'is the name of a registry such as docker.io');

const fields = () =>
  z.strictObject({
    runtime: z.enum(['crun', 'runc']).default('crun').describe('Program that starts containers. Default: crun.'),
    searchRegistries: z
      .array(registry)
      .max(8)
      .default([])
      .describe(
        'Registries that a short name such as `nginx` is looked for in. Default: none, names must be complete.',
      ),
    mirrors: z
      .record(registry, z.array(registry).min(1).max(8))
      .default({})
      .describe('By registry: where its images are looked for first.'),
    plaintextRegistries: z
      .array(registry)
      .max(32)
      .default([])
      .describe('Weaker: registries that are reached without TLS.'),
    pidsLimit: z.int().min(16).max(65_536).default(2048).describe('Most processes in one container. Default: 2048.'),
    apiSocket: z
      .boolean()
      .default(false)
      .describe('Whether root’s API socket is open. Whoever can use it is root. Default: false.'),
    rootlessUsers: z
      .array(account)
      .max(32)
      .default([])
      .describe(
        'Existing users that may run containers of their own: they get subordinate ids, and go on running after logout.',
      ),
  });

type Fields = z.output<ReturnType<typeof fields>>;

function enginesText({ runtime, pidsLimit }: Fields): string {
  return (
    heading() +
    toml({ containers: { pids_limit: pidsLimit }, engine: { runtime }, network: { network_backend: 'netavark' } })
  );
}

function registriesText({ searchRegistries, mirrors, plaintextRegistries }: Fields): string {
  const insecure = (location: string): { location: string; insecure: boolean } => ({
    location,
    insecure: plaintextRegistries.includes(location),
  });
  const named = new Set([...Object.keys(mirrors), ...plaintextRegistries]);
  const registry = [...named].map(location => ({
    ...insecure(location),
    ...(mirrors[location] === undefined ? {} : { mirror: mirrors[location].map(insecure) }),
  }));
  const short = { 'unqualified-search-registries': searchRegistries, 'short-name-mode': 'enforcing' };
  return heading() + toml({ ...short, ...(registry.length === 0 ? {} : { registry }) });
}

const SUBORDINATE = String.raw`
set -eu
start=$(awk -F: '{ end = $2 + $3; if (end > most) most = end } END { print most > 100000 ? most : 100000 }' /etc/subuid /etc/subgid)
usermod --add-subuids "$start-$((start + 65535))" --add-subgids "$start-$((start + 65535))" "$1"
mkdir -p /var/lib/systemd/linger
touch "/var/lib/systemd/linger/$1"
`;

function rootless(user: string): HostItem {
  return {
    is: 'task',
    title: `subordinate ids of ${user}`,
    done: [
      'sh',
      '-c',
      'grep -q "^$1:" /etc/subuid && grep -q "^$1:" /etc/subgid && test -e "/var/lib/systemd/linger/$1"',
      'sh',
      user,
    ],
    run: ['sh', '-c', SUBORDINATE, 'sh', user],
    undo: ['rm', '-f', `/var/lib/systemd/linger/${user}`],
  };
}

/** podman: containers without a daemon. */
export const podman = service({
  name: 'podman',
  categories: ['container-runtime'],
  summary: 'Podman, which runs containers without a daemon.',
  source: 'debian',
  version: null,
  holdsData: true,
  data: ['/var/lib/containers'],
  fields,
  ports: () => [],
  endpoint: ({ apiSocket }) => (apiSocket ? 'unix:///run/podman/podman.sock' : null),
  want: (given, _place, version) => [
    debian('podman', version),
    debian(given.runtime),
    debian('netavark'),
    debian('aardvark-dns'),
    debian('iptables'),
    debian('uidmap'),
    { is: 'directory', path: '/etc/containers/containers.conf.d', mode: 0o755 },
    { is: 'directory', path: '/etc/containers/registries.conf.d', mode: 0o755 },
    { is: 'file', path: '/etc/containers/containers.conf.d/50-provisioning.conf', text: enginesText(given) },
    { is: 'file', path: '/etc/containers/registries.conf.d/50-provisioning.conf', text: registriesText(given) },
    ...given.rootlessUsers.map(rootless),
    { is: 'daemon', unit: 'podman.socket', state: given.apiSocket ? 'running' : 'stopped' },
    {
      is: 'verify',
      title: `podman works with ${given.runtime}`,
      run: ['podman', 'info', '--format', '{{.Host.OCIRuntime.Name}} {{.Host.NetworkBackend}}'],
      expect: `^${given.runtime} netavark$`,
    },
  ],
});
