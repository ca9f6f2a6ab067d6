import { z } from 'zod';
import type { HostItem, HostPlace, ServicePort, TaskService } from '../../schemas/taskserv.ts';
import { inUrl, listenOn, reach as reachable, reachedAt } from '../host/fields.ts';
import { ownDaemon, ownUser } from '../host/own-daemon.ts';
import { pinFields, releaseOf, type Upstream } from '../host/pin.ts';
import { heading, yaml } from '../host/render.ts';
import { service } from '../host/service.ts';

const PROGRAM = '/usr/local/bin/jaeger';
const CONFIG = '/etc/jaeger/jaeger.yaml';
const HOME = '/var/lib/jaeger';
const UPSTREAM: Upstream = {
  name: 'jaeger',
  url: 'https://github.com/jaegertracing/jaeger/releases/download/v{version}/jaeger-{version}-linux-{arch}.tar.gz',
  archive: 'tar.gz',
  files: [{ from: 'jaeger-{version}-linux-{arch}/jaeger', to: PROGRAM, mode: 0o755 }],
  checksums: 'https://github.com/jaegertracing/jaeger/releases (jaeger-<version>-linux-<architecture>.sha256sum.txt)',
  example: '2.2.0',
};

const fields = () =>
  z.strictObject({
    ...pinFields(UPSTREAM),
    intake: reachable('network'),
    pages: reachable('host'),
    keepHours: z.int().min(1).max(8760).default(72).describe('How long traces are kept.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

function config({ intake, pages, keepHours }: Fields, place: HostPlace): string {
  const at = (to: ServicePort['reach'], port: number) => `${inUrl(listenOn(to, place))}:${port}`;
  return `${heading()}${yaml({
    service: {
      extensions: ['jaeger_storage', 'jaeger_query', 'healthcheckv2'],
      pipelines: { traces: { receivers: ['otlp'], processors: ['batch'], exporters: ['jaeger_storage_exporter'] } },
      telemetry: { logs: { level: 'info' }, metrics: { level: 'none' } },
    },
    extensions: {
      healthcheckv2: { use_v2: true, http: { endpoint: '127.0.0.1:13133' } },
      jaeger_query: {
        storage: { traces: 'disk' },
        http: { endpoint: at(pages, 16_686) },
        grpc: { endpoint: '127.0.0.1:16685' },
      },
      jaeger_storage: {
        backends: {
          disk: {
            badger: {
              directories: { keys: `${HOME}/keys`, values: `${HOME}/values` },
              ephemeral: false,
              ttl: { spans: `${keepHours}h` },
            },
          },
        },
      },
    },
    receivers: { otlp: { protocols: { grpc: { endpoint: at(intake, 4317) }, http: { endpoint: at(intake, 4318) } } } },
    processors: { batch: {} },
    exporters: { jaeger_storage_exporter: { trace_storage: 'disk' } },
  })}`;
}

/** Sends one span with the time of now, and asks for the service that it names. */
const SEND_AND_ASK = String.raw`
set -eu
now=$(date +%s)
span=$(printf '{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"provisioning-probe"}}]},"scopeSpans":[{"spans":[{"traceId":"%016x%016x","spanId":"%016x","name":"probe","kind":1,"startTimeUnixNano":"%s000000000","endTimeUnixNano":"%s500000000"}]}]}]}' "$now" "$$" "$now" "$now" "$now")
curl -fsS --max-time 10 -H 'Content-Type: application/json' --data-raw "$span" "$1/v1/traces"
curl -fsS --max-time 10 "$2/api/services"
`;

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  const at = (to: ServicePort['reach'], port: number) => `http://${inUrl(reachedAt(to, place))}:${port}`;
  return [
    releaseOf(UPSTREAM, given, place),
    ...ownUser('jaeger', HOME),
    { is: 'directory', path: '/etc/jaeger', mode: 0o755 },
    { is: 'file', path: CONFIG, text: config(given, place) },
    ...ownDaemon(
      'jaeger',
      { description: 'Jaeger', exec: [PROGRAM, `--config=${CONFIG}`], user: 'jaeger', writes: [HOME] },
      [CONFIG],
    ),
    {
      is: 'verify',
      title: 'a span is taken in and found',
      run: ['sh', '-c', SEND_AND_ASK, 'sh', at(given.intake, 4318), at(given.pages, 16_686)],
      expect: 'provisioning-probe',
      withinSeconds: 60,
    },
  ];
}

/** Jaeger, traces of requests through many services. */
export const jaeger: TaskService = service({
  name: 'jaeger',
  categories: ['observability'],
  summary: 'Follows requests through many services (Jaeger, by OpenTelemetry).',
  source: 'release',
  version: null,
  fields,
  holdsData: true,
  data: [HOME],
  host: { memoryMib: 256 },
  ports: ({ intake, pages }) => [
    { port: 4317, protocol: 'tcp', reach: intake, purpose: 'spans over gRPC' },
    { port: 4318, protocol: 'tcp', reach: intake, purpose: 'spans over HTTP' },
    { port: 16_686, protocol: 'tcp', reach: pages, purpose: 'pages for people' },
  ],
  endpoint: (given, place) => `http://${inUrl(reachedAt(given.pages, place))}:16686`,
  want,
});
