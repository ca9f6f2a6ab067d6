import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { curlRequest } from '../host/curl.ts';
import { debian, inUrl, reachedAt } from '../host/fields.ts';
import { answers } from '../host/http.ts';
import { ownDaemon, ownUser } from '../host/own-daemon.ts';
import { releaseOf } from '../host/pin.ts';
import { service } from '../host/service.ts';
import { appIni } from './app-ini.ts';
import { type Fields, fields, PROGRAM, UPSTREAM } from './fields.ts';
import { CONFIG, HOME } from './paths.ts';

/**
 * Makes the administrator. The program takes a password only as a word of its command, which others can see: so it is
 * made with a chance one, and that is changed at once by a request that is read (its user comes from here).
 */
const MAKE_ADMIN = String.raw`
set -eu
request=$(cat)
made=$(gitea --config "$1" admin user create --admin --username "$2" --email "$3" --random-password --must-change-password=false)
chance=$(printf '%s\n' "$made" | sed -n "s/^generated random password is '\(.*\)'$/\1/p")
printf '%s\nuser = "%s:%s"\n' "$request" "$2" "$chance" | curl --silent --show-error --fail --max-time 20 --retry 30 --retry-connrefused --retry-delay 1 --output /dev/null --config -
`;

function administrator(given: Fields, at: string): HostItem {
  const { adminUser, adminPassword, adminEmail } = given;
  const request = curlRequest({
    url: `${at}/api/v1/admin/users/${adminUser}`,
    method: 'PATCH',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ login_name: adminUser, source_id: 0, password: adminPassword }),
  });
  return {
    is: 'task',
    title: 'make the administrator',
    done: ['sh', '-c', 'gitea --config "$1" admin user list --admin | grep -qw -- "$2"', 'sh', CONFIG, adminUser],
    run: ['sh', '-c', MAKE_ADMIN, 'sh', CONFIG, adminUser, adminEmail],
    stdin: request,
    as: 'git',
  };
}

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  const at = `http://${inUrl(reachedAt(given.reach, place))}:${given.port}`;
  const user = `${given.adminUser}:${given.adminPassword}`;
  return [
    debian('git'),
    releaseOf(UPSTREAM, given, place),
    ...ownUser('git', HOME),
    { is: 'directory', path: '/etc/gitea', mode: 0o750, owner: 'root', group: 'git' },
    { is: 'file', path: CONFIG, text: appIni(given, place), mode: 0o640, owner: 'root', group: 'git', isSecret: true },
    ...ownDaemon(
      'gitea',
      {
        description: 'Gitea',
        exec: [PROGRAM, 'web', '--config', CONFIG],
        user: 'git',
        environment: { USER: 'git', HOME, GITEA_WORK_DIR: HOME },
        workingDirectory: HOME,
        writes: [HOME],
        capabilities: given.sshPort < 1024 ? ['CAP_NET_BIND_SERVICE'] : [],
      },
      [CONFIG],
    ),
    administrator(given, at),
    answers('Gitea is well', { url: `${at}/api/healthz` }, { expect: '"pass"', withinSeconds: 90 }),
    answers('the administrator is let in', { url: `${at}/api/v1/user`, user }, { expect: '"is_admin":true' }),
  ];
}

/** Gitea, Git hosting. */
export const gitea: TaskService = service({
  name: 'gitea',
  categories: ['development'],
  summary: 'Git hosting with pull requests (Gitea).',
  source: 'release',
  version: null,
  fields,
  holdsData: true,
  data: [HOME],
  host: { memoryMib: 256 },
  ports: ({ port, reach, sshPort }) => [
    { port, protocol: 'tcp', reach, purpose: 'pages, for the proxy in front of it' },
    { port: sshPort, protocol: 'tcp', reach: 'network', purpose: 'Git over ssh' },
  ],
  endpoint: ({ isHttps, domain }) => `${isHttps ? 'https' : 'http'}://${domain}/`,
  want,
});
