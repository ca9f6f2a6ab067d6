import type { Account } from './account.ts';

/** What the host configuration of a container says besides its limits. */
export type Extra = { readonly [field: string]: unknown };

/** Without these, daemons that isolate themselves do not start. */
const STANDARD = ['SYS_ADMIN', 'NET_ADMIN', 'NET_RAW', 'SYS_PTRACE', 'SETFCAP', 'DAC_READ_SEARCH'];

const DEVICES = ['/dev/fuse', '/dev/net/tun'];

/** Capabilities and mounts of a host, in the words of the Docker API. */
export function profileOf({ engine, profile }: Account): Extra {
  return { ...booting(engine), ...(profile === 'standard' ? { CapAdd: STANDARD } : containerHost(engine)) };
}

/** Where systemd wants to write. Podman sees that it is started and does all this itself. */
function booting(engine: Account['engine']): Extra {
  if (engine === 'podman') return {};
  return {
    Tmpfs: { '/run': '', '/run/lock': '', '/tmp': '' },
    CgroupnsMode: 'host',
    Binds: ['/sys/fs/cgroup:/sys/fs/cgroup:rw'],
  };
}

/** Containers in a host need devices, and a place for their layers that is no layer itself. */
function containerHost(engine: Account['engine']): Extra {
  return {
    CapAdd: [...STANDARD, 'MKNOD', 'SYS_CHROOT', 'AUDIT_WRITE'],
    SecurityOpt: ['seccomp=unconfined', engine === 'podman' ? 'unmask=all' : 'systempaths=unconfined'],
    Devices: DEVICES.map(path => ({ PathOnHost: path, PathInContainer: path, CgroupPermissions: 'rwm' })),
    DeviceCgroupRules: ['a *:* rwm'],
  };
}

/** Anonymous volumes of a host; they go when it goes. */
export function volumesOf({ profile }: Account): Extra {
  return profile === 'standard' ? {} : { '/var/lib/containerd': {}, '/var/lib/containers': {} };
}
