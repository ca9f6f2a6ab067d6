import { z } from 'zod';
import type { HostItem } from '../../schemas/taskserv.ts';
import { debian, host, path, port, url } from '../host/fields.ts';
import { service } from '../host/service.ts';
import { configText, hostsText } from './config.ts';

const registry = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d{1,5})?$/, 'is the name of a registry such as docker.io');

const fields = () =>
  z.strictObject({
    runtime: z.enum(['runc', 'crun']).default('runc').describe('Program that starts containers. Default: runc.'),
    extraRuntimes: z
      .record(z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'has a-z, 0-9 and -'), path)
      .default({})
      .describe('Further runtimes by name, with the path of their program, such as `youki`.'),
    systemdCgroup: z
      .boolean()
      .default(true)
      .describe('Whether systemd keeps the control groups, as Kubernetes wants it. Default: true.'),
    snapshotter: z
      .enum(['overlayfs', 'native'])
      .default('overlayfs')
      .describe('How layers are kept. Default: overlayfs.'),
    sandboxImage: z
      .string()
      .max(255)
      .regex(/^[a-z0-9][a-zA-Z0-9./:@_-]*$/, 'is the name of an image')
      .default('registry.k8s.io/pause:3.9')
      .describe('Image that holds a pod together. Default: registry.k8s.io/pause:3.9.'),
    mirrors: z
      .record(registry, z.array(url).min(1).max(8))
      .default({})
      .describe('By registry: where its images are looked for first.'),
    metrics: z
      .strictObject({
        address: host.default('127.0.0.1').describe('Address to listen on. Default: 127.0.0.1.'),
        port: port.default(1338).describe('Port. Default: 1338.'),
      })
      .optional()
      .describe('Where metrics are served. Default: nowhere.'),
  });

type Fields = z.output<ReturnType<typeof fields>>;

function mirrorItems(mirrors: Fields['mirrors']): readonly HostItem[] {
  return Object.entries(mirrors).flatMap(([name, addresses]): readonly HostItem[] => [
    { is: 'directory', path: `/etc/containerd/certs.d/${name}`, mode: 0o755 },
    { is: 'file', path: `/etc/containerd/certs.d/${name}/hosts.toml`, text: hostsText(name, addresses) },
  ]);
}

/** containerd: the daemon that runs containers for Kubernetes and for `ctr`. */
export const containerd = service({
  name: 'containerd',
  categories: ['container-runtime'],
  summary: 'containerd, which runs containers for Kubernetes and for ctr.',
  source: 'debian',
  version: null,
  holdsData: true,
  data: ['/var/lib/containerd'],
  fields,
  ports: ({ metrics }) =>
    metrics === undefined ? [] : [{ port: metrics.port, protocol: 'tcp', reach: 'network', purpose: 'metrics' }],
  endpoint: () => 'unix:///run/containerd/containerd.sock',
  want({ metrics, mirrors, ...config }, _place, version) {
    const text = configText({ ...config, metrics: metrics && `${metrics.address}:${metrics.port}` });
    return [
      debian('containerd', version),
      debian(config.runtime),
      debian('containernetworking-plugins'),
      { is: 'directory', path: '/etc/containerd', mode: 0o755 },
      { is: 'directory', path: '/etc/containerd/certs.d', mode: 0o755 },
      ...mirrorItems(mirrors),
      {
        is: 'file',
        path: '/etc/containerd/config.toml',
        text,
        check: ['containerd', '--config', '{}', 'config', 'dump'],
      },
      { is: 'daemon', unit: 'containerd.service', restartOn: ['/etc/containerd/config.toml'] },
      { is: 'verify', title: 'containerd answers', run: ['ctr', 'version'], expect: '^Server:' },
      {
        is: 'verify',
        title: `images are kept by ${config.snapshotter}, and the door for Kubernetes is open`,
        run: ['ctr', 'plugins', 'ls'],
        expect: `${config.snapshotter}\\s.*\\sok\\b`,
      },
    ];
  },
});
