import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { inUrl, line, listenOn, password, port, reach as reachable, reachedAt, url } from '../host/fields.ts';
import { answers } from '../host/http.ts';
import { ownDaemon, ownUser } from '../host/own-daemon.ts';
import { pinFields, releaseOf, type Upstream } from '../host/pin.ts';
import { environment } from '../host/render.ts';
import { service } from '../host/service.ts';

const PROGRAM = '/usr/local/bin/coder';
const SECRETS = '/etc/coder/coder.env';
const HOME = '/var/lib/coder';
const UPSTREAM: Upstream = {
  name: 'coder',
  url: 'https://github.com/coder/coder/releases/download/v{version}/coder_{version}_linux_{arch}.tar.gz',
  archive: 'tar.gz',
  files: [{ from: 'coder', to: PROGRAM, mode: 0o755 }],
  checksums: 'https://github.com/coder/coder/releases (coder_<version>_checksums.txt)',
  example: '2.18.1',
};

const fields = () =>
  z.strictObject({
    ...pinFields(UPSTREAM),
    address: url.describe('Address under which people and their workspaces reach it.'),
    reach: reachable('host'),
    port: port.default(3000).describe('Port for HTTP; put a proxy with TLS in front of it.'),
    database: password(
      'PostgreSQL that it keeps its records in: `postgres://user:password@host:5432/coder?sslmode=require`.',
    ),
    telemetry: z.boolean().default(false).describe('Tell upstream how it is used.'),
    origins: line(2048).optional().describe('Address with a `*` under which the pages of workspaces are shown.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  const settings = {
    CODER_ACCESS_URL: given.address,
    CODER_HTTP_ADDRESS: `${inUrl(listenOn(given.reach, place))}:${given.port}`,
    CODER_PG_CONNECTION_URL: given.database,
    CODER_TELEMETRY_ENABLE: given.telemetry,
    CODER_WILDCARD_ACCESS_URL: given.origins,
    CODER_SECURE_AUTH_COOKIE: given.address.startsWith('https://'),
    CODER_CACHE_DIRECTORY: `${HOME}/cache`,
    CODER_CONFIG_DIR: `${HOME}/config`,
  };
  const at = `http://${inUrl(reachedAt(given.reach, place))}:${given.port}`;
  return [
    releaseOf(UPSTREAM, given, place),
    ...ownUser('coder', HOME),
    { is: 'directory', path: '/etc/coder', mode: 0o755 },
    { is: 'file', path: SECRETS, text: environment(settings), mode: 0o600, isSecret: true },
    ...ownDaemon(
      'coder',
      {
        description: 'Coder',
        exec: [PROGRAM, 'server'],
        user: 'coder',
        environmentFile: SECRETS,
        writes: [HOME],
      },
      [SECRETS],
    ),
    answers(
      'Coder says which build it is',
      { url: `${at}/api/v2/buildinfo` },
      { expect: '"version"', withinSeconds: 120 },
    ),
  ];
}

/** Coder, workplaces of developers. */
export const coder: TaskService = service({
  name: 'coder',
  categories: ['development'],
  summary: 'Workplaces of developers on servers (Coder).',
  source: 'release',
  version: null,
  fields,
  holdsData: false,
  host: { memoryMib: 1024 },
  ports: ({ port: number, reach }) => [{ port: number, protocol: 'tcp', reach, purpose: 'pages and workspaces' }],
  endpoint: ({ address }) => address,
  want,
});
