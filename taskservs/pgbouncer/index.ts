import { z } from 'zod';
import type { HostItem, HostPlace } from '../../schemas/taskserv.ts';
import { debian, host, inUrl, label, listenOn, password, port, reach, reachedAt } from '../host/fields.ts';
import { heading, ini, oneLine, type Settings, singleQuoted } from '../host/render.ts';
import { service } from '../host/service.ts';
import { tlsFields, tlsItems } from '../host/tls.ts';

const fields = () =>
  z.strictObject({
    reach: reach('network'),
    port: port.default(6432).describe('Port for clients. Default: 6432.'),
    databases: z
      .record(
        label,
        z.strictObject({
          host: host.describe('Host of the PostgreSQL server.'),
          port: port.default(5432).describe('Its port. Default: 5432.'),
          database: label.optional().describe('Name of the database there. Default: the same.'),
        }),
      )
      .describe('Databases by the name under which clients ask for them.'),
    users: z
      .record(label, z.strictObject({ password: password('Password of the user, here and at the server.') }))
      .describe('Users that may connect, with the passwords that the server knows too.'),
    poolMode: z
      .enum(['session', 'transaction', 'statement'])
      .default('transaction')
      .describe('When a connection to the server goes back to the pool. Default: transaction.'),
    poolSize: z
      .int()
      .min(1)
      .max(10_000)
      .default(20)
      .describe('Most connections to the server for each user and database. Default: 20.'),
    maxClients: z.int().min(1).max(100_000).default(1000).describe('Most clients at once. Default: 1000.'),
    serverTls: z
      .enum(['disable', 'prefer', 'require'])
      .default('prefer')
      .describe('Whether the way to the server goes through TLS. Default: prefer.'),
    ...tlsFields(),
  });

type Fields = z.output<ReturnType<typeof fields>>;

const FOLDER = '/etc/pgbouncer';
const MINE = { owner: 'postgres', group: 'postgres' };

function connection({ host: at, port: door, database }: Fields['databases'][string], name: string): string {
  return `host=${singleQuoted(at)} port=${door} dbname=${singleQuoted(database ?? name)}`;
}

function configText(given: Fields, place: HostPlace): string {
  const databases: Settings = Object.fromEntries(
    Object.entries(given.databases).map(([name, one]) => [name, connection(one, name)]),
  );
  const secured = {
    client_tls_sslmode: 'require',
    client_tls_cert_file: `${FOLDER}/tls/tls.crt`,
    client_tls_key_file: `${FOLDER}/tls/tls.key`,
    client_tls_protocols: 'secure',
  };
  const settings: Settings = {
    listen_addr: listenOn(given.reach, place),
    listen_port: given.port,
    unix_socket_dir: '/var/run/postgresql',
    logfile: '/var/log/postgresql/pgbouncer.log',
    pidfile: '/var/run/postgresql/pgbouncer.pid',
    auth_type: 'scram-sha-256',
    auth_file: `${FOLDER}/userlist.txt`,
    stats_users: Object.keys(given.users).sort().join(','),
    pool_mode: given.poolMode,
    default_pool_size: given.poolSize,
    max_client_conn: given.maxClients,
    server_tls_sslmode: given.serverTls,
    ignore_startup_parameters: 'extra_float_digits',
    ...(given.plaintext ? { client_tls_sslmode: 'disable' } : secured),
  };
  return heading(';') + ini({ databases, pgbouncer: settings });
}

/** Every word in double quotes that are doubled inside. */
function usersText({ users }: Fields): string {
  const quote = (text: string): string => `"${oneLine(text).replaceAll('"', '""')}"`;
  return Object.entries(users)
    .map(([name, { password: secret }]) => `${quote(name)} ${quote(secret)}\n`)
    .join('');
}

const ASK = String.raw`
IFS= read -r PGPASSWORD
export PGPASSWORD PGCONNECT_TIMEOUT=5
psql --no-psqlrc --tuples-only --no-align --dbname="$1" --command='SHOW VERSION'`;

function verify(given: Fields, place: HostPlace): readonly HostItem[] {
  const [first] = Object.entries(given.users);
  if (first === undefined) return [];
  const [name, { password: secret }] = first;
  const mode = given.plaintext ? 'disable' : 'require';
  const at = `host=${reachedAt(given.reach, place)} port=${given.port} user=${name} dbname=pgbouncer sslmode=${mode}`;
  return [
    {
      is: 'verify',
      title: `${name} is let in`,
      run: ['sh', '-c', ASK, 'sh', at],
      stdin: `${secret}\n`,
      expect: 'PgBouncer',
    },
  ];
}

/** PgBouncer: many clients share few connections to PostgreSQL. */
export const pgbouncer = service({
  name: 'pgbouncer',
  categories: ['database-ha', 'databases'],
  summary: 'PgBouncer, through which many clients share few connections to PostgreSQL.',
  source: 'debian',
  version: null,
  holdsData: false,
  fields,
  ports: given => [{ port: given.port, protocol: 'tcp', reach: given.reach, purpose: 'SQL' }],
  endpoint: (given, place) => `postgres://${inUrl(reachedAt(given.reach, place))}:${given.port}`,
  want: (given, place, version) => [
    debian('pgbouncer', version),
    debian('postgresql-client'),
    ...(given.plaintext
      ? []
      : [
          { is: 'directory', path: `${FOLDER}/tls`, mode: 0o750, ...MINE } as const,
          ...tlsItems(given.tls, { folder: `${FOLDER}/tls`, ...MINE }, place),
        ]),
    { is: 'file', path: `${FOLDER}/userlist.txt`, text: usersText(given), mode: 0o640, isSecret: true, ...MINE },
    { is: 'file', path: `${FOLDER}/pgbouncer.ini`, text: configText(given, place), mode: 0o640, ...MINE },
    {
      is: 'daemon',
      unit: 'pgbouncer.service',
      restartOn: [`${FOLDER}/pgbouncer.ini`, `${FOLDER}/tls/tls.crt`, `${FOLDER}/tls/tls.key`],
      reloadOn: [`${FOLDER}/userlist.txt`],
    },
    ...verify(given, place),
  ],
});
