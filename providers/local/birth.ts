import { gzipSync } from 'node:zlib';
import type { HostKey } from '../transport/host-key.ts';
import type { Account } from './account.ts';
import { RULES_FILE } from './firewall.ts';
import { type TarFile, tarOf } from './tar.ts';

/** What a host is born with. */
export interface Birth {
  readonly hostKey: HostKey;
  readonly publicKeys: readonly string[];
  /** For nftables. */
  readonly rules: string;
  /** A script for the first boot. */
  readonly userData: string | undefined;
}

/** Variable that carries it; nobody but root of the machine can read it, and the host's own processes do not inherit it. */
export const BIRTH = 'PROVISIONING_BIRTH';

const FIRST_BOOT = '/etc/provisioning/first-boot';

const DAEMON = `[Unit]
Description=First boot script of this host
ConditionPathExists=!/etc/provisioning/booted
After=network.target sshd.service
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=${FIRST_BOOT}
ExecStartPost=/usr/bin/touch /etc/provisioning/booted
[Install]
WantedBy=multi-user.target
`;

/** All files of a birth as one word for the environment of the first process. The same birth is the same word. */
export function birthOf({ hostKey, publicKeys, rules, userData }: Birth): string {
  const files: TarFile[] = [
    { path: 'etc/ssh/ssh_host_ed25519_key', text: hostKey.privateKey, mode: 0o600 },
    { path: 'etc/ssh/ssh_host_ed25519_key.pub', text: `${hostKey.publicKey}\n`, mode: 0o644 },
    { path: 'root/.ssh/authorized_keys', text: publicKeys.map(key => `${key}\n`).join(''), mode: 0o600 },
    { path: RULES_FILE, text: rules, mode: 0o644 },
    ...(userData === undefined
      ? []
      : [
          { path: FIRST_BOOT, text: userData, mode: 0o700 },
          { path: 'etc/systemd/system/provisioning-first-boot.service', text: DAEMON, mode: 0o644 },
        ]),
  ];
  return gzipSync(tarOf(files)).toString('base64');
}

/** Controllers that a host must be able to divide when it runs containers itself. */
const CONTROLLERS = 'cpu cpuacct cpuset memory devices freezer blkio pids';

const ROOM_FOR_CONTAINERS = `for c in ${CONTROLLERS}; do
  [ ! -d /sys/fs/cgroup/$c ] || mount -o remount,bind,rw /sys/fs/cgroup/$c
done
mount -o remount,bind,rw /sys/fs/cgroup
`;

/** The first process of a host: it puts the files of its birth in place once, and becomes systemd. */
export function firstProcess(profile: Account['profile']): readonly string[] {
  const script = `set -e
if [ ! -e /etc/provisioning/born ]; then
  echo "$${BIRTH}" | base64 -d | tar -xz -C /
  systemctl -q enable nftables
  [ ! -e ${FIRST_BOOT} ] || systemctl -q enable provisioning-first-boot
  mkdir -p /etc/provisioning
  touch /etc/provisioning/born
fi
unset ${BIRTH}
${profile === 'container-host' ? ROOM_FOR_CONTAINERS : ''}exec /lib/systemd/systemd`;
  return ['/bin/sh', '-c', script];
}
