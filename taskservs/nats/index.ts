import { z } from 'zod';
import type { HostItem, HostPlace } from '../../schemas/taskserv.ts';
import type { Json } from '../../schemas/json.ts';
import { debian, doorOfHost, inUrl, label, listenOn, password, port, reach, reachedAt } from '../host/fields.ts';
import { heading, json } from '../host/render.ts';
import { service } from '../host/service.ts';
import { tlsFields, tlsItems } from '../host/tls.ts';

const subject = z.string().regex(/^[A-Za-z0-9_$*>.-]{1,200}$/, 'is a subject such as orders.>');

const user = z.strictObject({
  password: password('Password of the user.'),
  publish: z.array(subject).max(100).optional().describe('Subjects that it may send to. Default: all.'),
  subscribe: z.array(subject).max(100).optional().describe('Subjects that it may listen to. Default: all.'),
});

const fields = () =>
  z.strictObject({
    reach: reach('network'),
    port: port.default(4222).describe('Port for clients. Default: 4222.'),
    monitorPort: port.default(8222).describe('Port on loopback that tells how it is. Default: 8222.'),
    users: z.record(label, user).describe('Users by name. Nobody is let in without a password.'),
    jetStream: z
      .strictObject({
        memoryMib: z.int().min(1).max(1_048_576).default(256).describe('Most memory in MiB. Default: 256.'),
        diskMib: z.int().min(1).max(16_777_216).default(1024).describe('Most disk in MiB. Default: 1024.'),
      })
      .optional()
      .describe('Keeps messages (JetStream). Default: messages are only passed on.'),
    cluster: z
      .strictObject({
        name: label.describe('Name of the cluster, the same on all its servers.'),
        port: port.default(6222).describe('Port for the other servers. Default: 6222.'),
        password: password('Password that the servers give each other.').regex(
          /^[A-Za-z0-9-]+$/,
          'has letters, digits and - only, because it stands in addresses',
        ),
        members: z.array(doorOfHost).min(1).max(16).describe('The other servers, such as 10.0.1.6:6222.'),
      })
      .optional()
      .describe('Several servers that pass messages to each other.'),
    maxPayloadKib: z.int().min(1).max(65_536).default(1024).describe('Longest message in KiB. Default: 1024.'),
    ...tlsFields(),
  });

type Fields = z.output<ReturnType<typeof fields>>;

const CONFIG = '/etc/nats-server.conf';
const TLS = '/etc/nats';
const DATA = '/var/lib/nats';
const MINE = { owner: 'root', group: 'nats' };

/** The format of NATS takes JSON as it is. */
function configText(given: Fields, place: HostPlace): string {
  const { jetStream, cluster } = given;
  const tls = given.plaintext ? {} : { tls: { cert_file: `${TLS}/tls.crt`, key_file: `${TLS}/tls.key`, timeout: 5 } };
  const own = listenOn(given.reach, place);
  const users = Object.entries(given.users).map(([name, one]): Json => {
    const permissions = {
      ...(one.publish && { publish: one.publish }),
      ...(one.subscribe && { subscribe: one.subscribe }),
    };
    return { user: name, password: one.password, ...(Object.keys(permissions).length === 0 ? {} : { permissions }) };
  });
  return (
    heading() +
    json({
      server_name: place.server,
      host: own,
      port: given.port,
      http: `127.0.0.1:${given.monitorPort}`,
      max_payload: given.maxPayloadKib * 1024,
      authorization: { users, timeout: 5 },
      ...tls,
      ...(jetStream && {
        jetstream: {
          store_dir: DATA,
          max_mem: jetStream.memoryMib * 1_048_576,
          max_file: jetStream.diskMib * 1_048_576,
        },
      }),
      ...(cluster && {
        cluster: {
          name: cluster.name,
          listen: `${inUrl(place.address)}:${cluster.port}`,
          authorization: { user: 'cluster', password: cluster.password, timeout: 5 },
          routes: [...cluster.members].sort().map(member => `nats-route://cluster:${cluster.password}@${member}`),
        },
      }),
    })
  );
}

/** One message goes through the server: sent and received over one connection, in the words of its protocol. */
const TALK = String.raw`
set -eu
read -r login
exec 3<>"/dev/tcp/$1/$2"
read -r _ <&3
printf 'CONNECT %s\r\nSUB provisioning.verify 1\r\nPUB provisioning.verify 2\r\n42\r\nPING\r\n' "$login" >&3
while read -r -t 5 line <&3; do
  printf '%s\n' "$line"
  case $line in PONG* | -ERR*) break ;; esac
done`;

function verify(given: Fields, place: HostPlace): readonly HostItem[] {
  const at = reachedAt(given.reach, place);
  const healthy: HostItem = {
    is: 'verify',
    title: 'the server is well',
    run: [
      'curl',
      '--silent',
      '--show-error',
      '--fail',
      '--max-time',
      '5',
      `http://127.0.0.1:${given.monitorPort}/healthz`,
    ],
    expect: '"ok"',
    withinSeconds: 60,
  };
  const asks: HostItem = {
    is: 'verify',
    title: 'clients must log in',
    run: [
      'bash',
      '-c',
      'exec 3<>"/dev/tcp/$1/$2"; read -r -t 5 line <&3; printf "%s" "$line"',
      'bash',
      at,
      String(given.port),
    ],
    expect: given.plaintext ? '"auth_required":true' : '"auth_required":true.*"tls_required":true',
  };
  const [first] = Object.entries(given.users).filter(
    ([, { publish, subscribe }]) => publish === undefined && subscribe === undefined,
  );
  if (!given.plaintext || first === undefined) return [healthy, asks];
  const login = JSON.stringify({ user: first[0], pass: first[1].password, verbose: false, pedantic: false });
  const talks: HostItem = {
    is: 'verify',
    title: 'a message is sent and received',
    run: ['bash', '-c', TALK, 'bash', at, String(given.port)],
    stdin: `${login}\n`,
    expect: '^42\\s*$',
  };
  return [healthy, asks, talks];
}

/** NATS: messages between services. */
export const nats = service({
  name: 'nats',
  categories: ['messaging'],
  summary: 'NATS, which passes messages between services and keeps them where asked (JetStream).',
  source: 'debian',
  version: null,
  holdsData: true,
  data: [DATA],
  fields,
  ports: given => [
    { port: given.port, protocol: 'tcp', reach: given.reach, purpose: 'clients' },
    ...(given.cluster === undefined
      ? []
      : [{ port: given.cluster.port, protocol: 'tcp' as const, reach: 'network' as const, purpose: 'servers' }]),
  ],
  endpoint: (given, place) =>
    `${given.plaintext ? 'nats' : 'tls'}://${inUrl(reachedAt(given.reach, place))}:${given.port}`,
  want: (given, place, version) => [
    debian('nats-server', version),
    debian('curl'),
    { is: 'directory', path: DATA, mode: 0o750, owner: 'nats', group: 'nats' },
    ...(given.plaintext
      ? []
      : [
          { is: 'directory', path: TLS, mode: 0o750, ...MINE } as const,
          ...tlsItems(given.tls, { folder: TLS, ...MINE }, place),
        ]),
    {
      is: 'file',
      path: CONFIG,
      text: configText(given, place),
      mode: 0o640,
      ...MINE,
      check: ['nats-server', '-t', '-c', '{}'],
    },
    { is: 'daemon', unit: 'nats-server.service', restartOn: [CONFIG, `${TLS}/tls.crt`, `${TLS}/tls.key`] },
    ...verify(given, place),
  ],
});
