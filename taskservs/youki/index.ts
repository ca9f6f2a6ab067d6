import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { pinFields, releaseOf, type Upstream } from '../host/pin.ts';
import { heading, toml } from '../host/render.ts';
import { service } from '../host/service.ts';

const PROGRAM = '/usr/local/bin/youki';

const UPSTREAM: Upstream = {
  name: 'youki',
  url: 'https://github.com/youki-dev/youki/releases/download/v{version}/youki-{version}-{arch}-musl.tar.gz',
  words: { amd64: 'x86_64', arm64: 'aarch64' },
  archive: 'tar.gz',
  files: [{ from: 'youki', to: PROGRAM, mode: 0o755 }],
  checksums: 'https://github.com/youki-dev/youki/releases',
  example: '0.5.7',
};

const fields = () =>
  z.strictObject({
    ...pinFields(UPSTREAM),
    containerd: z.boolean().default(true).describe('Offer it to containerd as the runtime `youki`.'),
    podman: z.boolean().default(false).describe('Offer it to podman as the runtime `youki`.'),
    systemdCgroups: z.boolean().default(true).describe('Let systemd make the control groups of containers.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

const CONTAINERD = '/etc/containerd/conf.d/50-youki.toml';
const PODMAN = '/etc/containers/containers.conf.d/50-youki.conf';

/** An entry for `imports` of the main file of containerd. */
function containerdEntry({ systemdCgroups }: Fields): string {
  const youki = {
    runtime_type: 'io.containerd.runc.v2',
    options: { BinaryName: PROGRAM, SystemdCgroup: systemdCgroups },
  };
  const plugins = { 'io.containerd.grpc.v1.cri': { containerd: { runtimes: { youki } } } };
  return `${heading()}${toml({ version: 2, plugins })}`;
}

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  return [
    releaseOf(UPSTREAM, given, place),
    ...(given.containerd ? folders('/etc/containerd', '/etc/containerd/conf.d') : []),
    ...(given.containerd ? [{ is: 'file', path: CONTAINERD, text: containerdEntry(given) } as const] : []),
    ...(given.podman ? folders('/etc/containers', '/etc/containers/containers.conf.d') : []),
    ...(given.podman
      ? [
          {
            is: 'file',
            path: PODMAN,
            text: `${heading()}${toml({ engine: { runtimes: { youki: [PROGRAM] } } })}`,
          } as const,
        ]
      : []),
    { is: 'verify', title: 'youki knows what this kernel can do', run: [PROGRAM, 'info'], expect: 'Version' },
  ];
}

function folders(...paths: readonly string[]): readonly HostItem[] {
  return paths.map(path => ({ is: 'directory', path, mode: 0o755 }));
}

/** youki, a program that starts containers. */
export const youki: TaskService = service({
  name: 'youki',
  categories: ['container-runtime'],
  summary: 'Starts containers for containerd, CRI-O or podman (youki).',
  source: 'release',
  version: null,
  fields,
  holdsData: false,
  ports: () => [],
  endpoint: () => null,
  want,
});
