import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import {
  debian,
  inUrl,
  label,
  listenOn,
  password,
  port,
  reach as reachable,
  reachedAt,
  secretLines,
} from '../host/fields.ts';
import { type Origin, repositoryField, repositoryOf } from '../host/origin.ts';
import { Version } from '../host/pin.ts';
import { heading, yaml } from '../host/render.ts';
import { service } from '../host/service.ts';
import { MAKE_USERS, PROBE } from './scripts.ts';

/** Each series has a repository of its own. */
function origin(version: string, codename: string): Origin {
  const series = version.split('.').slice(0, 2).join('.');
  return {
    name: 'mongodb',
    uri: 'https://repo.mongodb.org/apt/debian',
    suite: `${codename}/mongodb-org/${series}`,
    components: ['main'],
    keyAt: 'https://www.mongodb.org/static/pgp/server-<series>.asc',
  };
}

const CONFIG = '/etc/mongod.conf';
const TLS = '/etc/ssl/mongod.pem';

const User = z.strictObject({
  password: password('Password of the user.'),
  database: label.describe('Database that the user belongs to.'),
  role: z.enum(['read', 'readWrite', 'dbOwner']).default('readWrite').describe('What the user may do there.'),
});

const fields = () =>
  z.strictObject({
    version: Version.describe('Version to install, such as 8.0.4.'),
    repository: repositoryField(origin('0.0', '<codename>')),
    reach: reachable('network'),
    port: port.default(27_017).describe('Port for clients.'),
    adminUser: label.default('admin').describe('Name of the administrator.'),
    adminPassword: password('Password of the administrator.'),
    users: z.record(label, User).default({}).describe('Users of applications, by name.'),
    certificate: secretLines('Certificate and key of the server in one PEM. With it clients must use TLS.').optional(),
    cacheMib: z
      .int()
      .min(256)
      .max(1_048_576)
      .optional()
      .describe('Memory for documents; half of the memory unless said.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

function config(given: Fields, place: HostPlace): string {
  const { cacheMib, certificate } = given;
  const addresses = [...new Set(['127.0.0.1', listenOn(given.reach, place)])];
  return `${heading()}${yaml({
    storage: {
      dbPath: '/var/lib/mongodb',
      ...(cacheMib === undefined ? {} : { wiredTiger: { engineConfig: { cacheSizeGB: cacheMib / 1024 } } }),
    },
    systemLog: { destination: 'file', logAppend: true, path: '/var/log/mongodb/mongod.log' },
    net: {
      bindIp: addresses.includes('0.0.0.0') ? '0.0.0.0' : addresses.join(','),
      port: given.port,
      ...(certificate === undefined ? {} : { tls: { mode: 'requireTLS', certificateKeyFile: TLS } }),
    },
    processManagement: { timeZoneInfo: '/usr/share/zoneinfo' },
    security: { authorization: 'enabled', javascriptEnabled: false },
  })}`;
}

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  const { version, certificate, adminUser, adminPassword } = given;
  const owned = { owner: 'mongodb', group: 'mongodb' } as const;
  const shell = ['mongosh', '--quiet', '--nodb', '--file', '/dev/stdin'];
  const server = `mongodb://127.0.0.1:${given.port}/admin${certificate === undefined ? '' : '?tls=true&tlsAllowInvalidCertificates=true'}`;
  const users = Object.entries(given.users).map(([name, one]) => ({ name, ...one }));
  const told = (script: string): string =>
    `const told = ${JSON.stringify({ server, admin: adminUser, password: adminPassword, users })};\n${script}`;
  return [
    repositoryOf(origin(version, place.codename), given.repository),
    debian('mongodb-org-server', version),
    debian('mongodb-mongosh'),
    ...(certificate === undefined
      ? []
      : [{ is: 'file', path: TLS, text: certificate, mode: 0o400, isSecret: true, ...owned } as const]),
    { is: 'file', path: CONFIG, text: config(given, place) },
    { is: 'daemon', unit: 'mongod.service', restartOn: [CONFIG, ...(certificate === undefined ? [] : [TLS])] },
    { is: 'task', title: 'make the users', done: ['true'], run: shell, stdin: told(MAKE_USERS) },
    {
      is: 'verify',
      title: 'a document is written and read',
      run: shell,
      stdin: told(PROBE),
      expect: '^hello$',
      withinSeconds: 60,
    },
  ];
}

/** MongoDB. */
export const mongodb: TaskService = service({
  name: 'mongodb',
  categories: ['databases'],
  summary: 'Database of documents (MongoDB), with users and their rights.',
  source: 'repository',
  version: null,
  fields,
  holdsData: true,
  data: ['/var/lib/mongodb'],
  host: { memoryMib: 512, diskMib: 2048 },
  ports: ({ port: number, reach }) => [{ port: number, protocol: 'tcp', reach, purpose: 'clients' }],
  endpoint: (given, place) => `mongodb://${inUrl(reachedAt(given.reach, place))}:${given.port}`,
  want,
});
