import type { HostItem, HostPlace } from '../../schemas/taskserv.ts';
import { debian, inUrl } from '../host/fields.ts';
import { heading, singleQuoted } from '../host/render.ts';
import { service } from '../host/service.ts';
import { tlsItems } from '../host/tls.ts';
import { configText, postgresRelease } from './config.ts';
import { type Fields, fields } from './fields.ts';

const CONFIG = '/etc/patroni/config.yml';
const MINE = { owner: 'postgres', group: 'postgres' };

function folders({ etcdTls }: Fields): readonly HostItem[] {
  const own: readonly HostItem[] = [{ is: 'directory', path: '/etc/patroni/tls', mode: 0o750, ...MINE }];
  if (etcdTls === undefined) return own;
  return [
    ...own,
    { is: 'directory', path: '/etc/patroni/etcd', mode: 0o750, ...MINE },
    { is: 'file', path: '/etc/patroni/etcd/ca.crt', text: etcdTls.ca, ...MINE },
    { is: 'file', path: '/etc/patroni/etcd/tls.crt', text: etcdTls.certificate, ...MINE },
    { is: 'file', path: '/etc/patroni/etcd/tls.key', text: etcdTls.key, mode: 0o600, isSecret: true, ...MINE },
  ];
}

/** Debian would make a cluster of its own on the port that Patroni needs. */
const NO_CLUSTER: readonly HostItem[] = [
  { is: 'directory', path: '/etc/postgresql-common', mode: 0o755 },
  { is: 'directory', path: '/etc/postgresql-common/createcluster.d', mode: 0o755 },
  {
    is: 'file',
    path: '/etc/postgresql-common/createcluster.d/patroni.conf',
    text: `${heading()}create_main_cluster = false\n`,
  },
];

/** Only the leader can write; on the others there is nothing to do, because they copy. */
const ASK = String.raw`
psql -X -A -t -p "$1" -d postgres -c 'SELECT pg_is_in_recovery()' | grep -q t && exit 0
psql -X -A -t -p "$1" -d postgres -c "$2" | grep -F -x -q -- "$3"`;

function userTask(name: string, { password, databases }: Fields['users'][string], door: number): readonly HostItem[] {
  const [quoted, text] = [`"${name}"`, singleQuoted(name)];
  const task = (title: string, query: string, sought: string, stdin: string): HostItem => ({
    is: 'task',
    title,
    done: ['sh', '-c', ASK, 'sh', String(door), query, sought],
    run: ['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-p', String(door), '-d', 'postgres'],
    stdin,
    as: 'postgres',
  });
  const made = `SELECT format('CREATE ROLE %I LOGIN', ${text}) WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${text})\\gexec\n`;
  const secret = `SET log_statement = 'none';\nSET standard_conforming_strings = on;\n`;
  return [
    task(
      `user ${name}`,
      'SELECT rolname FROM pg_roles',
      name,
      onLeader(`${secret}${made}ALTER ROLE ${quoted} PASSWORD ${singleQuoted(password)};\n`),
    ),
    ...databases.map(database =>
      task(
        `database ${database} of ${name}`,
        'SELECT datname FROM pg_database',
        database,
        onLeader(
          `SELECT format('CREATE DATABASE %I OWNER %I', ${singleQuoted(database)}, ${text}) WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = ${singleQuoted(database)})\\gexec\n`,
        ),
      ),
    ),
  ];
}

function onLeader(commands: string): string {
  return `SELECT NOT pg_is_in_recovery() AS leads \\gset\n\\if :leads\n${commands}\\endif\n`;
}

const JOINED = String.raw`
curl --silent --fail --max-time 5 "$1/health" >/dev/null &&
  curl --silent --fail --max-time 5 "$1/cluster" | grep -Eq '"role": ?"leader"'`;

/** Users can only be made when there is a leader, which takes the first member some seconds. */
function joined(given: Fields, place: HostPlace): HostItem {
  const api = `http://${inUrl(place.address)}:${given.apiPort}`;
  const wait = `for _ in $(seq 150); do ( ${JOINED} ) && exit 0; sleep 2; done; exit 1`;
  return {
    is: 'task',
    title: 'this server is a member of a cluster with a leader',
    done: ['sh', '-c', JOINED, 'sh', api],
    run: ['sh', '-c', wait, 'sh', api],
    withinSeconds: 400,
  };
}

function verify(given: Fields, place: HostPlace): readonly HostItem[] {
  const api = `http://${inUrl(place.address)}:${given.apiPort}`;
  const ask = (path: string): readonly string[] => [
    'curl',
    '--silent',
    '--show-error',
    '--fail',
    '--max-time',
    '5',
    `${api}${path}`,
  ];
  return [
    {
      is: 'verify',
      title: 'PostgreSQL runs as a member',
      run: ask('/health'),
      expect: '"state": ?"running"',
      withinSeconds: 180,
    },
    {
      is: 'verify',
      title: 'the cluster has a leader',
      run: ask('/cluster'),
      expect: '"role": ?"leader"',
      withinSeconds: 120,
    },
  ];
}

/** Patroni: PostgreSQL on several servers, with a leader that is replaced when it fails. */
export const patroni = service({
  name: 'patroni',
  categories: ['database-ha', 'databases'],
  summary: 'Patroni, which runs PostgreSQL on several servers and replaces a leader that fails.',
  source: 'debian',
  version: null,
  conflicts: ['postgres'],
  holdsData: true,
  saysGoodbye: true,
  data: ['/var/lib/postgresql'],
  host: { memoryMib: 512, diskMib: 1024, codenames: ['bookworm', 'trixie'] },
  fields,
  ports: given => [
    { port: given.port, protocol: 'tcp', reach: 'network', purpose: 'SQL' },
    { port: given.apiPort, protocol: 'tcp', reach: 'network', purpose: 'who leads' },
  ],
  endpoint: (given, place) => `postgres://${inUrl(place.address)}:${given.port}`,
  want: (given, place, version) => [
    debian('patroni', version),
    ...NO_CLUSTER,
    debian('curl'),
    debian('locales'),
    debian(`postgresql-${postgresRelease(place)}`),
    debian('python3-etcd'),
    ...folders(given),
    ...tlsItems(undefined, { folder: '/etc/patroni/tls', ...MINE }, place),
    { is: 'file', path: CONFIG, text: configText(given, place), mode: 0o600, isSecret: true, ...MINE },
    { is: 'daemon', unit: 'patroni.service', restartOn: [CONFIG] },
    joined(given, place),
    ...Object.entries(given.users).flatMap(([name, user]) => userTask(name, user, given.port)),
    ...verify(given, place),
  ],
});
