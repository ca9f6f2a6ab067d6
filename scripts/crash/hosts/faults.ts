import type { HostSite } from './host-site.ts';

/** What happens to a host while a service is brought about on it, and how that is taken back. */
export interface HostFault {
  readonly name: string;
  /** When it strikes: before the pass, while the run goes on, or at a failpoint where the program waits meanwhile. */
  readonly at: 'before' | 'running' | { readonly point: string };
  strike(site: HostSite): Promise<unknown>;
  /** Puts the host right; at once where `heals` is `at once`, otherwise when the pass has ended. */
  heal?(site: HostSite): Promise<unknown>;
  readonly heals?: 'at once';
  /** What the pass must say where it cannot go on; absent where it must go through by itself. */
  readonly says?: RegExp;
  /** How often the task may run: once, unless the host was started anew or the run itself was killed. */
  readonly mostRuns?: number;
  /** Takes ten minutes, so that it is only run when it is asked for. */
  readonly isSlow?: true;
}

const on =
  (script: string) =>
  (site: HostSite): Promise<unknown> =>
    site.inside(script);

const seconds = (count: number): Promise<void> => new Promise(resolve => setTimeout(resolve, count * 1_000));

/** A file system that is full, over a folder. */
const fill = (folder: string, kib: number): string =>
  `mkdir -p ${folder} && mount -t tmpfs -o size=${kib}k none ${folder} && { cat /dev/zero > ${folder}/fill; true; } 2>/dev/null`;

/** Other programs lock the packages like this, and keep them locked for some seconds. */
const lockFor = (count: number): string =>
  `perl -e 'use Fcntl; open F, ">>", "/var/lib/dpkg/lock-frontend"; $l = pack "s s x4 q q i x4", F_WRLCK, 0, 0, 0, 0; fcntl F, F_SETLK, $l or die; open L, ">", "/run/locked"; close L; sleep ${count}' >/dev/null 2>&1 & for i in $(seq 50); do [ ! -e /run/locked ] || break; sleep 0.1; done; rm /run/locked`;

/** What the host says over SSH gets lost from now on. */
const DEAF =
  'nft add table inet storm; nft "add chain inet storm out { type filter hook output priority 0; }"; nft add rule inet storm out tcp sport 22 drop';

/** Answers of the host get lost from the nth command on, for longer than a connection lives without one. */
const deafAt = (nth: number): HostFault => ({
  name: `answers lost from command ${nth} on`,
  at: { point: `ssh.run.before:${nth}:pause` },
  strike: on(DEAF),
  heal: async site => {
    await seconds(20);
    await site.inside('nft delete table inet storm');
  },
  heals: 'at once',
});

const pausedFor = (count: number): HostFault => ({
  name: `paused for ${count} s`,
  at: 'running',
  strike: async site => site.lab.engine('pause', await site.container()),
  heal: async site => {
    await seconds(count);
    await site.lab.engine('unpause', await site.container());
  },
  heals: 'at once',
});

/** Every fault of the proof. */
export const HOST_FAULTS: readonly HostFault[] = [
  { name: 'connection cut', at: 'running', strike: on('pkill -KILL -f "^sshd: root"') },
  {
    name: 'rebooted',
    at: 'running',
    strike: async site => site.lab.engine('restart', '--time', '0', await site.container()),
    mostRuns: 2,
  },
  { name: 'run killed', at: 'running', strike: on('systemctl kill -s KILL "provisioning-run-*"'), mostRuns: 2 },
  {
    name: 'another host key',
    at: 'before',
    strike: on(
      'cd /etc/ssh && mkdir kept && cp -a ssh_host_ed25519_key* kept && rm ssh_host_ed25519_key* && ssh-keygen -q -t ed25519 -N "" -f ssh_host_ed25519_key && systemctl restart ssh',
    ),
    heal: on('cd /etc/ssh && cp -a kept/* . && rm -r kept && systemctl restart ssh'),
    says: /shows the host key SHA256:\S+, but SHA256:\S+ is pinned: nothing was sent/,
  },
  {
    name: 'disk full for packages',
    at: 'before',
    strike: on(fill('/var/cache/apt/archives', 64)),
    heal: on('umount /var/cache/apt/archives'),
    says: /"install hello" failed on the host: .*(?:no space|enough free space)/i,
  },
  {
    name: 'disk full for our notes',
    at: 'before',
    strike: on(fill('/var/lib/provisioning', 16)),
    heal: on('umount /var/lib/provisioning'),
    says: /"write down what was here" failed on the host: .*no space/i,
  },
  {
    name: 'memory file system full',
    at: 'before',
    strike: on(
      'mount -o remount,size=$(($(df -k --output=used /run | tail -1) + 12))k /run && { cat /dev/zero > /run/fill; true; } 2>/dev/null',
    ),
    heal: on('rm /run/fill; mount -o remount,size=100% /run'),
    says: /no space left/i,
  },
  { name: 'packages locked for 10 s', at: 'before', strike: on(lockFor(10)) },
  {
    name: 'login refused',
    at: 'before',
    strike: on('mv ~root/.ssh/authorized_keys ~root/.ssh/aside'),
    heal: on('mv ~root/.ssh/aside ~root/.ssh/authorized_keys'),
    says: /refused the login/,
  },
  {
    name: 'sshd away for 20 s',
    at: 'running',
    strike: on('systemctl stop ssh; pkill -KILL -f "^sshd: root"'),
    heal: async site => {
      await seconds(20);
      await site.inside('systemctl start ssh');
    },
    heals: 'at once',
  },
  pausedFor(3),
  pausedFor(30),
  deafAt(2),
  deafAt(3),
  deafAt(4),
  {
    name: 'stopped before',
    at: 'before',
    strike: async site => site.lab.engine('stop', '--time', '0', await site.container()),
  },
  {
    name: 'packages locked for good',
    at: 'before',
    strike: on(lockFor(3_600)),
    heal: on('pkill perl'),
    says: /another program on the host installs packages/,
    isSlow: true,
  },
];
