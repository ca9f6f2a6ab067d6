import type { HostItem } from '../../schemas/taskserv.ts';
import { debian } from '../host/fields.ts';
import { heading, ini } from '../host/render.ts';
import { service } from '../host/service.ts';
import { type Fields, fields } from './fields.ts';
import { kernelText, sshText, upgradesText } from './texts.ts';

const SSH = '/etc/ssh/sshd_config.d/10-provisioning.conf';
const KERNEL = '/etc/sysctl.d/90-provisioning.conf';
const JOURNAL = '/etc/systemd/journald.conf.d/provisioning.conf';

const MAKE = String.raw`
set -eu
id -u -- "$1" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash -- "$1"
usermod --expiredate '' -- "$1"
install -d -m 0700 -o "$1" -g "$(id -gn -- "$1")" "$(getent passwd "$1" | cut -d: -f6)/.ssh"`;

function userItems([name, { keys, sudo }]: readonly [string, Fields['users'][string]]): readonly HostItem[] {
  return [
    {
      is: 'task',
      title: `user ${name}`,
      done: ['sh', '-c', 'id -u -- "$1" && test -d "$(getent passwd "$1" | cut -d: -f6)/.ssh"', 'sh', name],
      run: ['sh', '-c', MAKE, 'sh', name],
      undo: ['usermod', '--expiredate', '1', name],
    },
    {
      is: 'file',
      path: `/home/${name}/.ssh/authorized_keys`,
      text: heading() + keys.map(key => `${key}\n`).join(''),
      mode: 0o600,
      owner: name,
      group: name,
    },
    ...(sudo
      ? [
          {
            is: 'file',
            path: `/etc/sudoers.d/provisioning-${name}`,
            text: `${heading()}${name} ALL=(ALL:ALL) NOPASSWD: ALL\n`,
            mode: 0o440,
            check: ['visudo', '--check', '--file={}'],
          } as const,
        ]
      : []),
  ];
}

/** Every setting that this kernel has and lets be changed is as the file says. */
const AS_SAID = String.raw`
grep -v '^#' "$1" | while IFS='=' read -r name value; do
  name=$(echo $name)
  file=/proc/sys/$(echo "$name" | tr . /)
  [ -w "$file" ] && touch -c "$file" 2>/dev/null || continue
  [ "$(echo $(cat "$file"))" = "$(echo $value)" ] || exit 1
done`;

const LOAD = String.raw`sysctl --quiet --ignore --load="$1" 2>/dev/null || :`;

/** The ground of every server: who may log in, what the kernel lets through, and upgrades by night. */
export const os = service({
  name: 'os',
  categories: ['base-system', 'security'],
  summary: 'The ground of a server: who may log in, a hardened SSH and kernel, and security upgrades by night.',
  source: 'debian',
  version: null,
  holdsData: false,
  isRisky: true,
  fields,
  ports: () => [{ port: 22, protocol: 'tcp', reach: 'public', purpose: 'SSH' }],
  endpoint: () => null,
  want: given => [
    ...['openssh-server', 'sudo', 'procps', 'tzdata', 'unattended-upgrades', ...given.packages].map(name =>
      debian(name),
    ),
    ...Object.entries(given.users).flatMap(userItems),
    { is: 'directory', path: '/etc/ssh/sshd_config.d', mode: 0o755 },
    { is: 'file', path: SSH, text: sshText(given), mode: 0o600, check: ['sshd', '-t', '-f', '{}'] },
    { is: 'daemon', unit: 'ssh.service', reloadOn: [SSH] },
    { is: 'file', path: KERNEL, text: kernelText(given) },
    {
      is: 'task',
      title: 'the kernel does as its file says',
      done: ['sh', '-c', AS_SAID, 'sh', KERNEL],
      run: ['sh', '-c', LOAD, 'sh', KERNEL],
    },
    { is: 'file', path: '/etc/apt/apt.conf.d/60provisioning-upgrades', text: upgradesText(given) },
    { is: 'directory', path: '/etc/systemd/journald.conf.d', mode: 0o755 },
    { is: 'file', path: JOURNAL, text: heading() + ini({ Journal: { SystemMaxUse: `${given.journalMib}M` } }) },
    { is: 'daemon', unit: 'systemd-journald.service', restartOn: [JOURNAL] },
    { is: 'link', path: '/etc/localtime', to: `/usr/share/zoneinfo/${given.timezone}` },
    {
      is: 'verify',
      title: 'SSH does as it was told',
      run: ['sshd', '-T'],
      expect: `passwordauthentication ${given.passwordLogin ? 'yes' : 'no'}`,
    },
  ],
});
