import { z } from 'zod';
import type { HostItem, HostPlace } from '../../schemas/taskserv.ts';
import { debian, inUrl, label, listenOn, password, port, reach, reachedAt } from '../host/fields.ts';
import { doubleQuoted, heading, ini } from '../host/render.ts';
import { service } from '../host/service.ts';
import { tlsFields, tlsItems } from '../host/tls.ts';
import { sqlName, userSql } from './sql.ts';

const database = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'has letters, digits and _');

const fields = () =>
  z.strictObject({
    reach: reach('network'),
    port: port.default(3306).describe('Port for clients. Default: 3306.'),
    databases: z
      .array(database)
      .max(100)
      .default([])
      .describe('Databases that shall exist. One that is taken out stays with its data.'),
    users: z
      .record(
        label,
        z.strictObject({
          password: password('Password of the user.'),
          databases: z.array(database).min(1).max(100).describe('Databases in which it may do everything.'),
          from: z
            .string()
            .regex(/^[A-Za-z0-9.:%_/-]{1,60}$/, 'is an address, a range with % or a name')
            .default('%')
            .describe('Where it may come from, in MariaDB’s words. Default: % (every host that reaches the port).'),
        }),
      )
      .default({})
      .describe('Users by name.'),
    ...tlsFields(),
    maxConnections: z.int().min(10).max(100_000).default(200).describe('Most connections at once. Default: 200.'),
    bufferPoolMib: z.int().min(16).max(1_048_576).default(128).describe('Memory for data in MiB. Default: 128.'),
    characterSet: z
      .enum(['utf8mb4', 'latin1'])
      .default('utf8mb4')
      .describe('Character set of new databases. Default: utf8mb4.'),
  });

type Fields = z.output<ReturnType<typeof fields>>;

const TLS = '/etc/mysql/tls';
const CONFIG = '/etc/mysql/mariadb.conf.d/90-provisioning.cnf';

function configText(given: Fields, place: HostPlace): string {
  const secured = given.plaintext
    ? {}
    : { ssl_cert: `${TLS}/tls.crt`, ssl_key: `${TLS}/tls.key`, tls_version: 'TLSv1.2,TLSv1.3' };
  return (
    heading() +
    ini(
      {
        mariadbd: {
          bind_address: listenOn(given.reach, place),
          port: given.port,
          ...secured,
          require_secure_transport: given.plaintext ? 'OFF' : 'ON',
          local_infile: 'OFF',
          skip_name_resolve: 'ON',
          max_connections: given.maxConnections,
          innodb_buffer_pool_size: `${given.bufferPoolMib}M`,
          character_set_server: given.characterSet,
          sql_mode: 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
        },
      },
      value => (typeof value === 'number' ? String(value) : doubleQuoted(value)),
    )
  );
}

const HAS = (query: string): string => `mariadb -N -B -e "${query}" | grep -F -x -q -- "$1"`;

function databaseTask(name: string): HostItem {
  return {
    is: 'task',
    title: `database ${name}`,
    done: ['sh', '-c', HAS('SELECT SCHEMA_NAME FROM information_schema.SCHEMATA'), 'sh', name],
    run: ['mariadb'],
    stdin: `CREATE DATABASE IF NOT EXISTS ${sqlName(name)};\n`,
  };
}

function userTask(
  name: string,
  { password: secret, databases, from }: Fields['users'][string],
  plaintext: boolean,
): HostItem {
  return {
    is: 'task',
    title: `user ${name}`,
    done: ['sh', '-c', HAS("SELECT CONCAT(User, ' ', Host) FROM mysql.user"), 'sh', `${name} ${from}`],
    run: ['mariadb'],
    stdin: userSql(name, { password: secret, databases, from, tls: !plaintext }),
    undo: ['sh', '-c', `printf 'DROP USER IF EXISTS %s;' "$1" | mariadb`, 'sh', `'${name}'@'${from}'`],
  };
}

const USE = String.raw`
IFS= read -r MYSQL_PWD
export MYSQL_PWD
mariadb --no-defaults -N -B "$@" -e "CREATE TEMPORARY TABLE provisioning_verify (v INT); INSERT INTO provisioning_verify VALUES (42); SELECT v FROM provisioning_verify"`;

function verify(given: Fields, place: HostPlace): readonly HostItem[] {
  const own: HostItem = {
    is: 'verify',
    title: 'a query is answered',
    run: ['mariadb', '-N', '-B', '-e', 'SELECT 6 * 7'],
    expect: '^42$',
  };
  const [first] = Object.entries(given.users).filter(([, { from }]) => from === '%');
  if (first === undefined) return [own];
  const [name, user] = first;
  const door = [`--host=${reachedAt(given.reach, place)}`, `--port=${given.port}`, `--user=${name}`];
  return [
    own,
    {
      is: 'verify',
      title: `${name} writes a row and reads it`,
      run: ['sh', '-c', USE, 'sh', ...door, ...(given.plaintext ? [] : ['--ssl']), `--database=${user.databases[0]}`],
      stdin: `${user.password}\n`,
      expect: '^42$',
    },
  ];
}

/** MariaDB under the name that its clients call it by. */
export const mysql = service({
  name: 'mysql',
  categories: ['databases'],
  summary: 'MariaDB, the MySQL of Debian.',
  source: 'debian',
  version: null,
  holdsData: true,
  data: ['/var/lib/mysql'],
  host: { memoryMib: 256, diskMib: 1024 },
  fields,
  ports: given => [{ port: given.port, protocol: 'tcp', reach: given.reach, purpose: 'SQL' }],
  endpoint: (given, place) => `mysql://${inUrl(reachedAt(given.reach, place))}:${given.port}`,
  want: (given, place, version) => [
    debian('mariadb-server', version),
    debian('mariadb-client', version),
    ...(given.plaintext
      ? []
      : [
          { is: 'directory', path: TLS, mode: 0o750, owner: 'mysql', group: 'mysql' } as const,
          ...tlsItems(given.tls, { folder: TLS, owner: 'mysql', group: 'mysql' }, place),
        ]),
    { is: 'file', path: CONFIG, text: configText(given, place) },
    { is: 'daemon', unit: 'mariadb.service', restartOn: [CONFIG, `${TLS}/tls.crt`, `${TLS}/tls.key`] },
    ...given.databases.map(databaseTask),
    ...Object.entries(given.users).map(([name, user]) => userTask(name, user, given.plaintext)),
    ...verify(given, place),
  ],
});
