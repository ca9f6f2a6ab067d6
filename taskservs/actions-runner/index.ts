import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { debian, password } from '../host/fields.ts';
import { ownDaemon, ownUser } from '../host/own-daemon.ts';
import { pinFields, releaseOf, type Upstream } from '../host/pin.ts';
import { service } from '../host/service.ts';

const HOME = '/var/lib/actions-runner';
const ARCHIVE = '/usr/local/lib/provisioning/actions-runner.tar.gz';
const UPSTREAM: Upstream = {
  name: 'actions-runner',
  url: 'https://github.com/actions/runner/releases/download/v{version}/actions-runner-linux-{arch}-{version}.tar.gz',
  words: { amd64: 'x64', arm64: 'arm64' },
  archive: 'none',
  files: [{ to: ARCHIVE, mode: 0o644 }],
  checksums: 'https://github.com/actions/runner/releases (SHA-256 in the text of the release)',
  example: '2.321.0',
};

const fields = () =>
  z.strictObject({
    ...pinFields(UPSTREAM),
    url: z
      .string()
      .regex(/^https:\/\/[A-Za-z0-9.-]+(?::\d+)?(?:\/[\w.-]+){1,2}$/, 'is the page of a repository or an organisation')
      .describe('Repository or organisation whose work it does: `https://github.com/team/infrastructure`.'),
    download: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .optional()
      .describe('Address of the download, where it is not the one of upstream.'),
    token: password('Registration token from the settings of the repository; it is good for an hour and used once.'),
    name: z
      .string()
      .regex(/^[\w.-]{1,64}$/)
      .optional()
      .describe('Name that others see. Default: that of the server.'),
    labels: z
      .array(z.string().regex(/^[\w.-]{1,64}$/))
      .max(32)
      .default([])
      .describe('Words by which work finds it.'),
    ephemeral: z.boolean().default(false).describe('Do one piece of work, then leave.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

const UNPACK = String.raw`
set -eu
rm -rf "$1/bin" "$1/externals"
tar -x --no-same-owner -C "$1" -f "$2"
chown -R actions-runner:actions-runner "$1"
printf '%s\n' "$3" > "$1/.unpacked"
`;

/** The token is read, and reaches the program through its environment: words of a command can be seen by others. */
const REGISTER = String.raw`
set -eu
cd "$1"
IFS= read -r ACTIONS_RUNNER_INPUT_TOKEN
export ACTIONS_RUNNER_INPUT_TOKEN
shift
exec ./config.sh --unattended --replace --disableupdate "$@"
`;

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  const { version, sha256, download, labels } = given;
  const words = [
    '--url',
    given.url,
    '--name',
    given.name ?? place.server,
    ...(labels.length === 0 ? [] : ['--labels', labels.join(',')]),
    ...(given.ephemeral ? ['--ephemeral'] : []),
  ];
  return [
    ...['libicu72', 'git'].map(name => debian(place.codename === 'trixie' && name === 'libicu72' ? 'libicu76' : name)),
    releaseOf(UPSTREAM, { version, sha256, url: download }, place),
    ...ownUser('actions-runner', HOME),
    {
      is: 'task',
      title: 'unpack the runner',
      done: ['grep', '-qxF', '--', version, `${HOME}/.unpacked`],
      run: ['sh', '-c', UNPACK, 'sh', HOME, ARCHIVE, version],
      undo: ['rm', '-rf', '--', HOME],
    },
    {
      is: 'task',
      title: 'register the runner',
      done: ['test', '-s', `${HOME}/.runner`],
      run: ['sh', '-c', REGISTER, 'sh', HOME, ...words],
      stdin: `${given.token}\n`,
      as: 'actions-runner',
    },
    ...ownDaemon('actions-runner', {
      description: 'GitHub Actions runner',
      exec: [`${HOME}/run.sh`],
      user: 'actions-runner',
      workingDirectory: HOME,
      writes: [HOME],
      // The work of others makes namespaces of its own: browsers, builds.
      settings: { RestrictNamespaces: false, PrivateDevices: false },
    }),
    {
      is: 'verify',
      title: 'the runner listens',
      run: ['pgrep', '--full', '--euid', 'actions-runner', 'Runner.Listener'],
      withinSeconds: 60,
    },
  ];
}

/** A runner of GitHub Actions. */
export const actionsRunner: TaskService = service({
  name: 'actions-runner',
  categories: ['ci-cd'],
  summary: 'Does the work of GitHub Actions on a server of yours.',
  source: 'release',
  version: null,
  fields,
  holdsData: false,
  ports: () => [],
  endpoint: () => null,
  want,
});
