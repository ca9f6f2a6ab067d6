import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { host, inUrl, line, listenOn, password, port, reach as reachable, reachedAt } from '../host/fields.ts';
import { ownDaemon, ownUser } from '../host/own-daemon.ts';
import { digestField, pinFields, releaseOf, type Upstream, Version } from '../host/pin.ts';
import { service } from '../host/service.ts';

const HOME = '/var/lib/step-ca';
const PASSWORD = '/etc/step-ca/password';
const CA: Upstream = {
  name: 'step-ca',
  url: 'https://github.com/smallstep/certificates/releases/download/v{version}/step-ca_linux_{version}_{arch}.tar.gz',
  archive: 'tar.gz',
  files: [{ from: 'step-ca_{version}/step-ca', to: '/usr/local/bin/step-ca', mode: 0o755 }],
  checksums: 'https://github.com/smallstep/certificates/releases (checksums.txt)',
  example: '0.28.1',
};
const CLI: Upstream = {
  name: 'step',
  url: 'https://github.com/smallstep/cli/releases/download/v{version}/step_linux_{version}_{arch}.tar.gz',
  archive: 'tar.gz',
  files: [{ from: 'step_{version}/bin/step', to: '/usr/local/bin/step', mode: 0o755 }],
  checksums: 'https://github.com/smallstep/cli/releases (checksums.txt)',
  example: '0.28.2',
};

const fields = () =>
  z.strictObject({
    ...pinFields(CA),
    step: z
      .strictObject({
        version: Version.describe('Version of the program step.'),
        sha256: digestField(CLI),
        url: z
          .url({ protocol: /^https?$/ })
          .max(2048)
          .optional()
          .describe('Address of the download, where it is not the one of upstream.'),
      })
      .describe('The program step, which talks to the authority.'),
    name: line(64).default('Internal CA').describe('Name in the certificate of the authority.'),
    names: z
      .array(host)
      .min(1)
      .max(16)
      .optional()
      .describe('Under what clients reach it. Default: its address and the name of the server.'),
    password: password('What the keys of the authority are locked with.'),
    reach: reachable('network'),
    port: port.default(8443).describe('Port for clients.'),
    acme: z.boolean().default(true).describe('Give certificates by ACME as well.'),
    days: z.int().min(1).max(397).default(1).describe('How long a certificate is good, unless its request says less.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

/** Begins the authority. Its password is read from a file; name, address and names come as words. */
const BEGIN = String.raw`
set -eu
name=$1 address=$2 password=$3
shift 3
names=
for one in "$@"; do names="$names --dns $one"; done
step ca init --deployment-type standalone --name "$name" --address "$address" --provisioner admin --password-file "$password" --provisioner-password-file "$password" $names
`;

/** Gets a certificate, and renews it. */
const ISSUE = String.raw`
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
step ca certificate proof.internal "$work/crt" "$work/key" --provisioner admin --provisioner-password-file "$2" --ca-url "$1" --root "$STEPPATH/certs/root_ca.crt" --not-after 10m >&2
step ca renew --force "$work/crt" "$work/key" --ca-url "$1" --root "$STEPPATH/certs/root_ca.crt" >&2
step certificate inspect --short "$work/crt"
`;

const SET_DAYS = String.raw`
set -eu
hours=$(( $1 * 24 ))h
step ca provisioner update admin --x509-max-dur "$hours" --x509-default-dur "$hours" --ca-config "$STEPPATH/config/ca.json"
if [ "$2" = acme ]; then
  grep -q '"type": "ACME"' "$STEPPATH/config/ca.json" || step ca provisioner add acme --type ACME --ca-config "$STEPPATH/config/ca.json"
fi
printf '%s %s\n' "$1" "$2" > "$STEPPATH/limits"
`;

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  const names = given.names ?? [...new Set([place.address, place.server, '127.0.0.1'])];
  const listen = `${inUrl(listenOn(given.reach, place))}:${given.port}`;
  const url = `https://${inUrl(reachedAt(given.reach, place))}:${given.port}`;
  const inHome = ['env', `STEPPATH=${HOME}`, 'sh', '-c'];
  const limits = [String(given.days), given.acme ? 'acme' : 'none'];
  return [
    releaseOf(CA, given, place),
    releaseOf(CLI, given.step, place),
    ...ownUser('step-ca', HOME),
    { is: 'directory', path: '/etc/step-ca', mode: 0o755 },
    {
      is: 'file',
      path: PASSWORD,
      text: given.password,
      mode: 0o400,
      owner: 'step-ca',
      group: 'step-ca',
      isSecret: true,
    },
    {
      is: 'task',
      title: 'begin the authority',
      done: ['test', '-s', `${HOME}/config/ca.json`],
      run: [...inHome, BEGIN, 'sh', given.name, listen, PASSWORD, ...names],
      as: 'step-ca',
    },
    {
      is: 'task',
      title: 'say how long certificates are good',
      done: ['grep', '-qxF', '--', limits.join(' '), `${HOME}/limits`],
      run: [...inHome, SET_DAYS, 'sh', ...limits],
      as: 'step-ca',
    },
    ...ownDaemon('step-ca', {
      description: 'step-ca',
      exec: ['/usr/local/bin/step-ca', `${HOME}/config/ca.json`, `--password-file=${PASSWORD}`],
      user: 'step-ca',
      environment: { STEPPATH: HOME },
      writes: [HOME],
      capabilities: given.port < 1024 ? ['CAP_NET_BIND_SERVICE'] : [],
    }),
    {
      is: 'verify',
      title: 'a certificate is issued and renewed',
      run: [...inHome, ISSUE, 'sh', url, PASSWORD],
      as: 'step-ca',
      expect: 'proof\\.internal',
      withinSeconds: 60,
    },
  ];
}

/** step-ca, an authority of one's own. */
export const stepCa: TaskService = service({
  name: 'step-ca',
  categories: ['certificates'],
  summary: 'Certificate authority of your own, with ACME (step-ca).',
  source: 'release',
  version: null,
  fields,
  holdsData: true,
  data: [HOME],
  ports: ({ port: number, reach }) => [{ port: number, protocol: 'tcp', reach, purpose: 'certificates' }],
  endpoint: (given, place) => `https://${inUrl(reachedAt(given.reach, place))}:${given.port}`,
  want,
});
