import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import {
  debian,
  inUrl,
  label,
  line,
  listenOn,
  password,
  port,
  reach as reachable,
  reachedAt,
  url,
} from '../host/fields.ts';
import { answers } from '../host/http.ts';
import { type Origin, repositoryField, repositoryOf } from '../host/origin.ts';
import { heading, ini, yaml } from '../host/render.ts';
import { service } from '../host/service.ts';

const ORIGIN: Origin = {
  name: 'grafana',
  uri: 'https://apt.grafana.com',
  suite: 'stable',
  components: ['main'],
  keyAt: 'https://apt.grafana.com/gpg.key',
};
const CONFIG = '/etc/grafana/grafana.ini';
const PASSWORD = '/etc/grafana/admin-password';
const SOURCES = '/etc/grafana/provisioning/datasources/provisioning.yaml';
const BOARDS = '/etc/grafana/provisioning/dashboards/provisioning.yaml';
const FOLDER = '/var/lib/grafana/dashboards';

const Source = z.strictObject({
  type: z.enum(['prometheus', 'loki', 'jaeger', 'tempo', 'postgres', 'alertmanager']).describe('What it is.'),
  url: z
    .string()
    .max(2048)
    .regex(/^[A-Za-z0-9][^\s"'\\<>`{}|^]*$/, 'is an address')
    .describe('Where it is.'),
  isDefault: z.boolean().default(false).describe('Asked where nothing else is said.'),
});

const fields = () =>
  z.strictObject({
    repository: repositoryField(ORIGIN),
    reach: reachable('host'),
    port: port.default(3000).describe('Port for HTTP; put a proxy with TLS in front of it to let others in.'),
    address: url.optional().describe('Address under which people reach it.'),
    adminUser: label.default('admin').describe('Name of the administrator.'),
    adminPassword: password('Password of the administrator.'),
    sources: z.record(line(64), Source).default({}).describe('Where figures, lines and traces come from, by name.'),
    dashboards: z
      .record(label, z.string().max(1_048_576))
      .default({})
      .describe('Pages of pictures as JSON, by name, as Grafana exports them.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

/** The password stands in a file of its own, because this format could not hold every password. */
function config(given: Fields, place: HostPlace): string {
  return (
    heading(';') +
    ini({
      server: {
        http_addr: listenOn(given.reach, place),
        http_port: given.port,
        root_url: given.address,
      },
      security: {
        admin_user: given.adminUser,
        admin_password: `$__file{${PASSWORD}}`,
        disable_gravatar: true,
        cookie_secure: given.address?.startsWith('https://') ?? false,
        cookie_samesite: 'strict',
        strict_transport_security: true,
      },
      users: { allow_sign_up: false, allow_org_create: false },
      'auth.anonymous': { enabled: false },
      analytics: { reporting_enabled: false, check_for_updates: false, check_for_plugin_updates: false },
      metrics: { enabled: true },
    })
  );
}

function sources({ sources: all }: Fields): string {
  const datasources = Object.entries(all).map(([name, one]) => ({
    name,
    type: one.type,
    access: 'proxy',
    url: one.url,
    isDefault: one.isDefault,
    editable: false,
  }));
  return `${heading()}${yaml({ apiVersion: 1, prune: true, datasources })}`;
}

function boards(): string {
  const provider = { name: 'provisioning', type: 'file', allowUiUpdates: false, options: { path: FOLDER } };
  return `${heading()}${yaml({ apiVersion: 1, providers: [provider] })}`;
}

const owned = { owner: 'root', group: 'grafana', mode: 0o640 } as const;

function want(given: Fields, place: HostPlace, version: string | undefined): readonly HostItem[] {
  const { adminUser, adminPassword } = given;
  const at = `http://${inUrl(reachedAt(given.reach, place))}:${given.port}`;
  const names = Object.entries(given.dashboards);
  return [
    repositoryOf(ORIGIN, given.repository),
    debian('grafana', version),
    { is: 'file', path: PASSWORD, text: adminPassword, isSecret: true, ...owned },
    { is: 'file', path: CONFIG, text: config(given, place), ...owned },
    { is: 'file', path: SOURCES, text: sources(given), ...owned },
    { is: 'file', path: BOARDS, text: boards(), ...owned },
    { is: 'directory', path: FOLDER, mode: 0o755 },
    ...names.map(([name, text]): HostItem => ({ is: 'file', path: `${FOLDER}/${name}.json`, text })),
    { is: 'daemon', unit: 'grafana-server.service', restartOn: [PASSWORD, CONFIG, SOURCES, BOARDS] },
    {
      is: 'task',
      title: 'set the password of the administrator',
      done: ['test', '-e', '/var/lib/grafana/grafana.db'],
      run: [
        'grafana-cli',
        '--homepath=/usr/share/grafana',
        `--config=${CONFIG}`,
        'admin',
        'reset-admin-password',
        '--password-from-stdin',
      ],
      stdin: adminPassword,
      as: 'grafana',
    },
    answers(
      'the administrator is let in',
      { url: `${at}/api/org`, user: `${adminUser}:${adminPassword}` },
      { expect: '"name"', withinSeconds: 120 },
    ),
    answers(
      'the sources are known',
      { url: `${at}/api/datasources`, user: `${adminUser}:${adminPassword}` },
      { expect: Object.keys(given.sources).length === 0 ? '^\\[' : '"uid"' },
    ),
  ];
}

/** Grafana, pictures of figures, lines and traces. */
export const grafana: TaskService = service({
  name: 'grafana',
  categories: ['observability'],
  summary: 'Pictures of figures, log lines and traces (Grafana).',
  source: 'repository',
  version: null,
  fields,
  holdsData: true,
  data: ['/var/lib/grafana'],
  host: { memoryMib: 256 },
  ports: ({ port: number, reach }) => [{ port: number, protocol: 'tcp', reach, purpose: 'pages for people' }],
  endpoint: (given, place) => given.address ?? `http://${inUrl(reachedAt(given.reach, place))}:${given.port}`,
  want,
});
