import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { debian, port, secretLines } from '../host/fields.ts';
import { ownDaemon, ownUser } from '../host/own-daemon.ts';
import { digestField, releaseOf, type Upstream, Version } from '../host/pin.ts';
import { environment } from '../host/render.ts';
import { service } from '../host/service.ts';

const HOME = '/var/lib/provisioning-node';
const LIBRARY = '/usr/local/lib/provisioning/program';
const PROGRAM_ARCHIVE = '/usr/local/lib/provisioning/program.tgz';
const SECRETS = '/etc/provisioning/node.env';
const NODE: Upstream = {
  name: 'node',
  url: 'https://nodejs.org/dist/v{version}/node-v{version}-linux-{arch}.tar.xz',
  words: { amd64: 'x64', arm64: 'arm64' },
  archive: 'tar.xz',
  files: [{ from: 'node-v{version}-linux-{arch}/bin/node', to: `${LIBRARY}/node`, mode: 0o755 }],
  checksums: 'https://nodejs.org/dist/v<version>/SHASUMS256.txt',
  example: '20.19.0',
};
const PROGRAM: Upstream = {
  name: 'provisioning',
  url: '',
  archive: 'none',
  files: [{ to: PROGRAM_ARCHIVE, mode: 0o644 }],
  checksums: 'the releases of this program (SHA256SUMS)',
  example: '0.1.0',
};

const fields = () =>
  z.strictObject({
    version: Version.describe('Version of this program to install.'),
    sha256: digestField(PROGRAM),
    url: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .describe('Address of its package, `provisioning-<version>.tgz`.'),
    node: z
      .strictObject({
        version: Version.describe('Version of Node.js, 20.19 or newer.'),
        sha256: digestField(NODE),
        url: z
          .url({ protocol: /^https?$/ })
          .max(2048)
          .optional()
          .describe('Address of the download, where it is not the one of upstream.'),
      })
      .describe('Node.js, which runs it. The program keeps its own.'),
    repository: z
      .string()
      .max(2048)
      .regex(/^(?:https:\/\/|ssh:\/\/|git@|file:\/\/\/)[^\s"'\\<>`{}|^]+$/, 'is a repository over https, ssh or file')
      .describe('Repository that it follows.'),
    branch: z
      .string()
      .regex(/^[\w][\w./-]{0,127}$/)
      .default('main')
      .describe('Branch whose head is desired.'),
    workspaces: z
      .array(z.string().regex(/^[\w][\w./-]{0,127}$/))
      .max(256)
      .default([])
      .describe('Only these workspaces; all unless said.'),
    intervalSeconds: z.int().min(5).max(86_400).default(30).describe('Time between two looks at the repository.'),
    parallel: z.int().min(1).max(64).default(4).describe('Workspaces worked on at once.'),
    webhooks: z
      .strictObject({ port: port.default(8080).describe('Port on loopback.') })
      .optional()
      .describe('Hear of pushes at once; needs PROVISIONING_WEBHOOK_SECRET among the secrets.'),
    secrets: z
      .record(
        z.string().regex(/^[A-Z][A-Z0-9_]{1,100}$/, 'is the name of an environment variable'),
        secretLines('Value.'),
      )
      .default({})
      .describe('Credentials of clouds and Git hosts, as environment variables: `HCLOUD_TOKEN`, `GITHUB_TOKEN`.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

/** Unpacks the package anew, so that no file of an older one stays. */
const UNPACK = String.raw`
set -eu
rm -rf "$1/package.new"
mkdir -p "$1/package.new"
tar -x --no-same-owner --strip-components=1 -C "$1/package.new" -f "$2"
printf '%s\n' "$3" > "$1/package.new/.digest"
rm -rf "$1/package"
mv "$1/package.new" "$1/package"
`;

/** It has run for ten seconds: one that cannot read its repository ends before, and is started again and again. */
const STAYS = String.raw`
systemctl is-active -q provisioning.service || exit 1
since=$(systemctl show -P ActiveEnterTimestampMonotonic provisioning.service)
now=$(cut -d ' ' -f 1 /proc/uptime)
[ $((${'$'}{now%.*} - since / 1000000)) -ge 10 ]
`;

function command({
  repository,
  branch,
  workspaces,
  intervalSeconds,
  parallel,
  webhooks,
}: Fields): readonly [string, ...string[]] {
  return [
    `${LIBRARY}/node`,
    `${LIBRARY}/package/dist/main.js`,
    'reconcile',
    '--watch',
    `--repository=${repository}`,
    `--branch=${branch}`,
    ...workspaces.map(name => `--workspace=${name}`),
    `--interval=${intervalSeconds}`,
    `--parallel=${parallel}`,
    ...(webhooks === undefined ? [] : [`--listen=${webhooks.port}`]),
  ];
}

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  return [
    debian('git'),
    debian('openssh-client'),
    releaseOf(NODE, given.node, place),
    releaseOf(PROGRAM, given, place),
    {
      is: 'task',
      title: 'unpack the program',
      done: ['grep', '-qxF', '--', given.sha256, `${LIBRARY}/package/.digest`],
      run: ['sh', '-c', UNPACK, 'sh', LIBRARY, PROGRAM_ARCHIVE, given.sha256],
      undo: ['rm', '-rf', '--', `${LIBRARY}/package`],
    },
    { is: 'link', path: '/usr/local/bin/provisioning', to: `${LIBRARY}/package/dist/main.js` },
    ...ownUser('provisioning', HOME),
    { is: 'directory', path: '/etc/provisioning', mode: 0o755 },
    {
      is: 'file',
      path: SECRETS,
      text: environment({ HOME, PROVISIONING_HOME: `${HOME}/home`, ...given.secrets }),
      mode: 0o600,
      isSecret: true,
    },
    ...ownDaemon(
      'provisioning',
      {
        description: 'Provisioning: follows a repository',
        exec: command(given),
        user: 'provisioning',
        environmentFile: SECRETS,
        workingDirectory: HOME,
        writes: [HOME],
        settings: { TimeoutStopSec: 120 },
      },
      [SECRETS],
    ),
    {
      is: 'verify',
      title: 'the program says which version it is',
      run: [`${LIBRARY}/node`, `${LIBRARY}/package/dist/main.js`, '--version'],
      expect: '^[0-9]+[.][0-9]+[.][0-9]+',
    },
    {
      is: 'verify',
      title: 'it follows the repository and does not give up',
      run: ['sh', '-c', STAYS],
      withinSeconds: 120,
    },
  ];
}

/** This very program, as a node that does the work. */
export const provisioning: TaskService = service({
  name: 'provisioning',
  categories: ['base-system'],
  summary: 'This program as a node that follows a repository and does the work.',
  source: 'release',
  version: null,
  fields,
  holdsData: false,
  host: { memoryMib: 256 },
  ports: ({ webhooks }) =>
    webhooks === undefined
      ? []
      : [{ port: webhooks.port, protocol: 'tcp', reach: 'host', purpose: 'webhooks of the Git host' }],
  endpoint: () => null,
  want,
});
