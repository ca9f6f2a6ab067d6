import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { account } from '../host/fields.ts';
import { pinFields, releaseOf, type Upstream } from '../host/pin.ts';
import { service } from '../host/service.ts';

const PROGRAM = '/usr/local/bin/nu';
const UPSTREAM: Upstream = {
  name: 'nushell',
  url: 'https://github.com/nushell/nushell/releases/download/{version}/nu-{version}-{arch}-unknown-linux-gnu.tar.gz',
  words: { amd64: 'x86_64', arm64: 'aarch64' },
  archive: 'tar.gz',
  files: [{ from: 'nu-{version}-{arch}-unknown-linux-gnu/nu', to: PROGRAM, mode: 0o755 }],
  checksums: 'https://github.com/nushell/nushell/releases (SHA256SUMS)',
  example: '0.101.0',
};

const fields = () =>
  z.strictObject({
    ...pinFields(UPSTREAM),
    users: z
      .array(account)
      .max(32)
      .default([])
      .describe('Users of the system whose login shell it becomes; nobody is changed unless named here.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

/** Adds the shell to those that a user may have, once. */
const ALLOW = 'grep -qxF -- "$1" /etc/shells || printf "%s\\n" "$1" >> /etc/shells';
const FORBID =
  'grep -vxF -- "$1" /etc/shells > /etc/shells.new || true; mv /etc/shells.new /etc/shells; chmod 644 /etc/shells';

/** Notes down the shell of a user the first time, and gives the user another one. */
const GIVE = String.raw`
set -eu
mkdir -p -m 755 /var/lib/provisioning/nushell
kept=/var/lib/provisioning/nushell/$1
if [ ! -e "$kept" ]; then getent passwd -- "$1" | cut -d: -f7 > "$kept"; fi
usermod --shell "$2" -- "$1"
`;

/** Gives a user back the shell that was noted down. */
const GIVE_BACK = String.raw`
set -eu
kept=/var/lib/provisioning/nushell/$1
if [ -e "$kept" ]; then usermod --shell "$(cat "$kept")" -- "$1"; rm -f "$kept"; fi
`;

function want({ users, ...pin }: Fields, place: HostPlace): readonly HostItem[] {
  return [
    releaseOf(UPSTREAM, pin, place),
    {
      is: 'task',
      title: 'allow nu as a login shell',
      done: ['grep', '-qxF', '--', PROGRAM, '/etc/shells'],
      run: ['sh', '-c', ALLOW, 'sh', PROGRAM],
      undo: ['sh', '-c', FORBID, 'sh', PROGRAM],
    },
    ...users.map(
      (user): HostItem => ({
        is: 'task',
        title: `nu is the shell of ${user}`,
        done: ['sh', '-c', 'getent passwd -- "$1" | grep -q ":$2\\$"', 'sh', user, PROGRAM],
        run: ['sh', '-c', GIVE, 'sh', user, PROGRAM],
        undo: ['sh', '-c', GIVE_BACK, 'sh', user],
      }),
    ),
    {
      is: 'verify',
      title: 'nu works out a table',
      run: [PROGRAM, '--no-config-file', '--commands', '[[n]; [20] [22]] | get n | math sum'],
      expect: '^42$',
    },
  ];
}

/** Nushell. */
export const nushell: TaskService = service({
  name: 'nushell',
  categories: ['base-system'],
  summary: 'A shell whose pipes carry tables (Nushell).',
  source: 'release',
  version: null,
  fields,
  holdsData: false,
  ports: () => [],
  endpoint: () => null,
  want,
});
