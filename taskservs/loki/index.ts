import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { inUrl, listenOn, port, reach as reachable, reachedAt } from '../host/fields.ts';
import { answers } from '../host/http.ts';
import { ownDaemon, ownUser } from '../host/own-daemon.ts';
import { pinFields, releaseOf, type Upstream } from '../host/pin.ts';
import { heading, yaml } from '../host/render.ts';
import { service } from '../host/service.ts';

const PROGRAM = '/usr/local/bin/loki';
const CONFIG = '/etc/loki/loki.yaml';
const HOME = '/var/lib/loki';
const UPSTREAM: Upstream = {
  name: 'loki',
  url: 'https://github.com/grafana/loki/releases/download/v{version}/loki-linux-{arch}.zip',
  archive: 'zip',
  files: [{ from: 'loki-linux-{arch}', to: PROGRAM, mode: 0o755 }],
  checksums: 'https://github.com/grafana/loki/releases (SHA256SUMS)',
  example: '3.3.2',
};

const fields = () =>
  z.strictObject({
    ...pinFields(UPSTREAM),
    reach: reachable('host'),
    port: port
      .default(3100)
      .describe('Port for HTTP. Loki asks nobody who they are: put a proxy in front of it to let others in.'),
    keepDays: z.int().min(1).max(3650).default(30).describe('How long lines are kept.'),
    ingestMibPerSecond: z.int().min(1).max(1024).default(16).describe('Most that is taken in each second.'),
    tenants: z.boolean().default(false).describe('Every request must name its tenant in X-Scope-OrgID.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

function config(given: Fields, place: HostPlace): string {
  return `${heading()}${yaml({
    auth_enabled: given.tenants,
    analytics: { reporting_enabled: false },
    server: {
      http_listen_address: listenOn(given.reach, place),
      http_listen_port: given.port,
      grpc_listen_address: '127.0.0.1',
      grpc_listen_port: 9096,
    },
    common: {
      instance_addr: '127.0.0.1',
      path_prefix: HOME,
      replication_factor: 1,
      ring: { kvstore: { store: 'inmemory' } },
      storage: { filesystem: { chunks_directory: `${HOME}/chunks`, rules_directory: `${HOME}/rules` } },
    },
    schema_config: {
      configs: [
        {
          from: '2024-01-01',
          store: 'tsdb',
          object_store: 'filesystem',
          schema: 'v13',
          index: { prefix: 'index_', period: '24h' },
        },
      ],
    },
    limits_config: {
      retention_period: `${given.keepDays * 24}h`,
      ingestion_rate_mb: given.ingestMibPerSecond,
      ingestion_burst_size_mb: given.ingestMibPerSecond * 2,
      allow_structured_metadata: true,
    },
    compactor: {
      working_directory: `${HOME}/compactor`,
      retention_enabled: true,
      delete_request_store: 'filesystem',
    },
  })}`;
}

/** Takes in one line with the time of now, and asks for it. The address and the tenant come as words. */
const PUSH_AND_ASK = String.raw`
set -eu
line=$(printf '{"streams":[{"stream":{"job":"provisioning-probe"},"values":[["%s","hello"]]}]}' "$(date +%s%N)")
curl -fsS --max-time 10 -H 'Content-Type: application/json' -H "X-Scope-OrgID: $2" --data-raw "$line" "$1/loki/api/v1/push"
curl -fsS --max-time 10 -H "X-Scope-OrgID: $2" -G --data-urlencode 'query={job="provisioning-probe"}' "$1/loki/api/v1/query_range"
`;

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  const address = `http://${inUrl(reachedAt(given.reach, place))}:${given.port}`;
  return [
    releaseOf(UPSTREAM, given, place),
    ...ownUser('loki', HOME),
    { is: 'directory', path: '/etc/loki', mode: 0o755 },
    { is: 'file', path: CONFIG, text: config(given, place), check: [PROGRAM, '-verify-config', '-config.file={}'] },
    ...ownDaemon(
      'loki',
      { description: 'Grafana Loki', exec: [PROGRAM, `-config.file=${CONFIG}`], user: 'loki', writes: [HOME] },
      [CONFIG],
    ),
    answers('Loki is ready', { url: `${address}/ready` }, { expect: 'ready', withinSeconds: 90 }),
    {
      is: 'verify',
      title: 'a line is taken in and found',
      run: ['sh', '-c', PUSH_AND_ASK, 'sh', address, 'provisioning'],
      expect: '"hello"',
      withinSeconds: 60,
    },
  ];
}

/** Grafana Loki, the log of many machines. */
export const loki: TaskService = service({
  name: 'loki',
  categories: ['observability'],
  summary: 'Keeps the log lines of many machines and finds them by labels (Grafana Loki).',
  source: 'release',
  version: null,
  fields,
  holdsData: true,
  data: [HOME],
  host: { memoryMib: 256 },
  ports: ({ port: number, reach }) => [{ port: number, protocol: 'tcp', reach, purpose: 'lines in and out' }],
  endpoint: (given, place) => `http://${inUrl(reachedAt(given.reach, place))}:${given.port}`,
  want,
});
