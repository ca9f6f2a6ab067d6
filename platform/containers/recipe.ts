import { createHash } from 'node:crypto';

/** How an image of a host is built: a Debian root file system with systemd, sshd and what task services need to begin. */
export interface Recipe {
  /** As `debian-12`. */
  readonly image: string;
  /** Name with tag in the store of the container engine. */
  readonly reference: string;
  readonly suite: string;
  readonly packages: readonly string[];
  /** Shell commands of mmdebstrap, run with the new root as `$1`. */
  readonly hooks: readonly string[];
  /** What an import says of the image, in the words of a Dockerfile. */
  readonly changes: readonly string[];
  /** Changes when anything above does: the label of a built image holds it. */
  readonly hash: string;
}

/** Labels of a built image. */
export const IMAGE_LABEL = { image: 'provisioning.image', recipe: 'provisioning.recipe' } as const;

/** Debian's own name of each image. */
export const SUITES: { readonly [image: string]: string } = { 'debian-12': 'bookworm', 'debian-13': 'trixie' };

const PACKAGES = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'openssh-server',
  'sudo',
  'iproute2',
  'iputils-ping',
  'ca-certificates',
  'procps',
  'curl',
  'gnupg',
  'nftables',
  'kmod',
  'less',
  'python3-minimal',
  'xz-utils',
];

/** Daemons that wait for hardware, or that would change a host behind the back of whoever looks for drift. */
const MASKED = [
  'systemd-udevd',
  'systemd-logind',
  'getty@tty1',
  'console-getty',
  'apt-daily.timer',
  'apt-daily-upgrade.timer',
  'fstrim.timer',
  'dpkg-db-backup.timer',
];

const HOOKS = [
  // A host gets its key at its creation; two hosts with one key or one machine id would be the same to others.
  'rm -f "$1"/etc/ssh/ssh_host_*',
  ': > "$1"/etc/machine-id; mkdir -p -m700 "$1/root/.ssh"',
  'echo force-unsafe-io > "$1"/etc/dpkg/dpkg.cfg.d/unsafe-io',
  'printf "Acquire::Languages \\"none\\";\\nAcquire::Check-Valid-Until \\"false\\";\\n" > "$1"/etc/apt/apt.conf.d/99local',
  `chroot "$1" systemctl mask ${MASKED.join(' ')}`,
];

/** How a container of the image starts. The signal that systemd ends on is told at the creation of a host: Docker takes none at an import. */
const START = ['CMD ["/sbin/init"]'];

/** The recipe of an image; undefined when there is none of that name. */
export function recipeFor(image: string): Recipe | undefined {
  const suite = Object.hasOwn(SUITES, image) ? SUITES[image] : undefined;
  if (suite === undefined) return undefined;
  const parts = JSON.stringify([suite, PACKAGES, HOOKS, START]);
  const hash = createHash('sha256').update(parts).digest('hex').slice(0, 16);
  const changes = [...START, `LABEL ${IMAGE_LABEL.image}=${image}`, `LABEL ${IMAGE_LABEL.recipe}=${hash}`];
  const reference = `localhost/provisioning-host:${image}`;
  return { image, reference, suite, packages: PACKAGES, hooks: HOOKS, changes, hash };
}

/** Where packages come from: the archive, and the one with the security updates. */
export interface Mirror {
  readonly archive: string;
  readonly security: string;
}

/** The arguments of mmdebstrap that write the root file system as a tar to its standard output. */
export function debstrapArguments(
  { suite, packages, hooks }: Recipe,
  { archive, security }: Mirror,
): readonly string[] {
  return [
    '--variant=minbase',
    '--mode=root',
    '--dpkgopt=force-unsafe-io',
    `--include=${packages.join(',')}`,
    ...hooks.map(hook => `--customize-hook=${hook}`),
    suite,
    '-',
    `deb ${archive} ${suite} main`,
    `deb ${archive} ${suite}-updates main`,
    `deb ${security} ${suite}-security main`,
  ];
}
