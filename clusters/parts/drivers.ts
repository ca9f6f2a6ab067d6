import type { Name } from '../../schemas/name.ts';

/** What a template asks for in its own words. */
export type Size = 'small' | 'medium' | 'large';

/** How one cloud calls what templates ask for, and what it has. */
export interface DriverWords {
  readonly image: string;
  readonly sizes: { readonly [size in Size]: string };
  /** Null where there is no load balancer: a server of the cluster takes its place. */
  readonly balancer: { readonly size?: string; readonly keepsSender: boolean } | null;
  /** Servers can be kept on different machines. */
  readonly spreads: boolean;
  /** A volume is a device that a server can mount. */
  readonly disks: boolean;
  /** Servers are machines that exist: each is listed by the name of its node, in the network and behind the firewall that people gave it. */
  readonly exist?: true;
}

const DRIVERS: { readonly [driver: string]: DriverWords } = {
  demo: {
    image: 'debian-12',
    sizes: { small: 'small', medium: 'medium', large: 'large' },
    balancer: { size: 'lb-small', keepsSender: false },
    spreads: true,
    disks: true,
  },
  local: {
    image: 'debian-12',
    sizes: { small: 'small', medium: 'medium', large: 'large' },
    balancer: null,
    spreads: false,
    disks: false,
  },
  ssh: {
    image: 'debian-12',
    sizes: { small: '', medium: '', large: '' },
    balancer: null,
    spreads: false,
    disks: false,
    exist: true,
  },
  hetzner: {
    image: 'debian-12',
    sizes: { small: 'cx23', medium: 'cx33', large: 'ccx13' },
    balancer: { size: 'lb11', keepsSender: false },
    spreads: true,
    disks: true,
  },
  upcloud: {
    image: 'Debian GNU/Linux 12 (Bookworm)',
    sizes: { small: '2xCPU-4GB', medium: '4xCPU-8GB', large: '8xCPU-32GB' },
    balancer: { size: 'development', keepsSender: false },
    spreads: true,
    disks: true,
  },
  aws: {
    image: 'debian-12',
    sizes: { small: 't3.small', medium: 't3.large', large: 't3.xlarge' },
    // A network load balancer passes on the address of who connects.
    balancer: { keepsSender: true },
    spreads: true,
    disks: true,
  },
};

/** The words of a cloud; one that is not known is taken to be as plain as a set of machines. */
export function wordsOf(driver: Name): DriverWords {
  return (Object.hasOwn(DRIVERS, driver) ? DRIVERS[driver] : undefined) ?? (DRIVERS['local'] as DriverWords);
}
