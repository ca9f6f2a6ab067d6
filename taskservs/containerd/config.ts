import type { Json } from '../../schemas/json.ts';
import { heading, toml } from '../host/render.ts';

/** What the configuration is made from. */
export interface ContainerdConfig {
  readonly runtime: 'runc' | 'crun';
  readonly extraRuntimes: { readonly [name: string]: string };
  readonly systemdCgroup: boolean;
  readonly sandboxImage: string;
  readonly snapshotter: 'overlayfs' | 'native';
  readonly metrics?: string | undefined;
}

const CRI = 'io.containerd.grpc.v1.cri';

/** `/etc/containerd/config.toml`, version 2 of its format. */
export function configText(config: ContainerdConfig): string {
  const { runtime, extraRuntimes, systemdCgroup, sandboxImage, snapshotter, metrics } = config;
  const runtimeOf = (binary: string): { [key: string]: Json } => ({
    runtime_type: 'io.containerd.runc.v2',
    options: { BinaryName: binary, SystemdCgroup: systemdCgroup },
  });
  const runtimes = {
    [runtime]: runtimeOf(`/usr/${runtime === 'runc' ? 'sbin' : 'bin'}/${runtime}`),
    ...Object.fromEntries(Object.entries(extraRuntimes).map(([name, binary]) => [name, runtimeOf(binary)])),
  };
  return (
    heading() +
    toml({
      version: 2,
      plugins: {
        [CRI]: {
          sandbox_image: sandboxImage,
          cni: { bin_dir: '/usr/lib/cni', conf_dir: '/etc/cni/net.d' },
          containerd: { snapshotter, default_runtime_name: runtime, runtimes },
          registry: { config_path: '/etc/containerd/certs.d' },
        },
        'io.containerd.internal.v1.opt': { path: '/var/lib/containerd/opt' },
      },
      ...(metrics === undefined ? {} : { metrics: { address: metrics } }),
    })
  );
}

/** `hosts.toml` of one registry: where its images are looked for first. */
export function hostsText(registry: string, mirrors: readonly string[]): string {
  const hosts = Object.fromEntries(mirrors.map(mirror => [mirror, { capabilities: ['pull', 'resolve'] }]));
  return heading() + toml({ server: registryAddress(registry), host: hosts });
}

function registryAddress(registry: string): string {
  return registry === 'docker.io' ? 'https://registry-1.docker.io' : `https://${registry}`;
}
