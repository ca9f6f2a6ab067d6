import { z } from 'zod';
import type { HostItem, TaskService } from '../../schemas/taskserv.ts';
import { debian, line } from '../host/fields.ts';
import { type Origin, repositoryField, repositoryOf } from '../host/origin.ts';
import { Version } from '../host/pin.ts';
import { heading, toml } from '../host/render.ts';
import { service } from '../host/service.ts';

const SOCKET = 'unix:///var/run/crio/crio.sock';
const CONFIG = '/etc/crio/crio.conf.d/50-provisioning.conf';

/** Each minor version has a repository of its own. */
function origin(version: string): Origin {
  const minor = version.split('.').slice(0, 2).join('.');
  return {
    name: 'cri-o',
    uri: `https://download.opensuse.org/repositories/isv:/cri-o:/stable:/v${minor}/deb/`,
    suite: '/',
    components: [],
    keyAt: 'https://download.opensuse.org/repositories/isv:/cri-o:/stable:/v<minor>/deb/Release.key',
  };
}

const fields = () =>
  z.strictObject({
    version: Version.describe('Version to install, such as 1.32.1; the minor one is that of Kubernetes.'),
    repository: repositoryField(origin('0.0')),
    cgroups: z.enum(['systemd', 'cgroupfs']).default('systemd').describe('Who makes the control groups of containers.'),
    runtime: z.enum(['crun', 'runc', 'youki']).default('crun').describe('Program that starts a container.'),
    pauseImage: line(255).default('registry.k8s.io/pause:3.10').describe('Image that holds the namespaces of a pod.'),
    pidsLimit: z.int().min(64).max(1_000_000).default(4096).describe('Most processes in one container.'),
    insecureRegistries: z
      .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,252}(?::\d{1,5})?$/, 'is a registry such as 10.0.0.5:5000'))
      .max(16)
      .default([])
      .describe('Weaker than the default: registries that are asked without TLS.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

/** Debian puts runc and crun here; the repository of CRI-O brings its own below /usr/libexec. */
const PATHS = { crun: '/usr/bin/crun', runc: '/usr/sbin/runc', youki: '/usr/local/bin/youki' } as const;

function config({ cgroups, runtime, pauseImage, pidsLimit, insecureRegistries }: Fields): string {
  return `${heading()}${toml({
    crio: {
      runtime: {
        default_runtime: runtime,
        cgroup_manager: cgroups,
        ...(cgroups === 'cgroupfs' ? { conmon_cgroup: 'pod' } : {}),
        default_ulimits: ['nofile=1048576:1048576'],
        seccomp_use_default_when_empty: true,
        runtimes: { [runtime]: { runtime_path: PATHS[runtime], runtime_type: 'oci', container_min_memory: '12MiB' } },
        pids_limit: pidsLimit,
      },
      image: { pause_image: pauseImage, insecure_registries: insecureRegistries },
      metrics: { enable_metrics: true, metrics_host: '127.0.0.1', metrics_port: 9537 },
    },
  })}`;
}

function want(given: Fields): readonly HostItem[] {
  return [
    repositoryOf(origin(given.version), given.repository),
    ...(given.runtime === 'youki' ? [] : [debian(given.runtime)]),
    debian('cri-o', `${given.version}-*`),
    { is: 'directory', path: '/etc/crio', mode: 0o755 },
    { is: 'directory', path: '/etc/crio/crio.conf.d', mode: 0o755 },
    { is: 'file', path: CONFIG, text: config(given) },
    { is: 'daemon', unit: 'crio.service', restartOn: [CONFIG] },
    {
      is: 'verify',
      title: 'CRI-O answers',
      run: ['crio', 'status', '--socket=/var/run/crio/crio.sock', 'info'],
      expect: 'cgroup driver',
    },
  ];
}

/** CRI-O, the container runtime made for Kubernetes. */
export const crio: TaskService = service({
  name: 'crio',
  categories: ['container-runtime'],
  summary: 'Container runtime made for Kubernetes (CRI-O).',
  source: 'repository',
  version: null,
  fields,
  holdsData: false,
  ports: () => [{ port: 9537, protocol: 'tcp', reach: 'host', purpose: 'metrics' }],
  endpoint: () => SOCKET,
  want,
});
