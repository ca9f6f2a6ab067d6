import { z } from 'zod';
import { GROUND, certificateField, range, secret, servicesField, size } from './parts/fields.ts';
import { type Door, networkOf } from './parts/ground.ts';
import { type Group, nodeName, nodesOf } from './parts/nodes.ts';
import { template } from './parts/template.ts';

const shape = () =>
  z.strictObject({
    ...GROUND,
    size: size('Size of the server.'),
    people: z.array(range).min(1).max(64).describe('Ranges that may look at the pages.'),
    senders: z.array(range).max(64).default([]).describe('Ranges from outside the cluster that send lines and traces.'),
    domain: z.string().min(1).max(253).describe('Name under which people reach it.'),
    tls: certificateField(),
    adminPassword: secret('Password of `admin` of Grafana.'),
    targets: z
      .record(z.string(), z.array(z.string().min(1)).min(1).max(1_000))
      .default({})
      .describe('What is watched, by name: hosts and ports such as `${server.web-1.privateIp}:9100`.'),
    webhooks: z.array(z.string().min(1)).max(20).default([]).describe('Addresses that alerts are sent to.'),
    services: servicesField('prometheus', 'grafana', 'loki', 'jaeger', 'nginx'),
  });
type Fields = z.output<ReturnType<typeof shape>>;

/** Figures, lines, traces and alerts in one place. */
export const monitoring = template({
  name: 'monitoring',
  summary: 'Prometheus with alerts, Loki, Jaeger and Grafana behind nginx.',
  example: `monitoring:
  watch:
    operators: ["198.51.100.0/24"]
    people: ["198.51.100.0/24"]
    sshKeys: [operator]
    domain: watch.example.com
    tls: { certificate: "\${var.certificate}", key: "\${secret.watch/key}" }
    adminPassword: \${secret.watch/admin}
    targets: { web: ["10.0.1.5:9100"] }
    services:
      grafana: { repository: { uri: "https://packages.example.com", key: "\${var.repositoryKey}" } }
      loki: { version: "3.3.2", sha256: "0000000000000000000000000000000000000000000000000000000000000000" } # of the releases that you trust
      jaeger: { version: "1.65.0", sha256: "0000000000000000000000000000000000000000000000000000000000000000" }
`,
  fields: shape,
  resources: (fields, place) => [
    ...networkOf(fields, place),
    ...nodesOf(serverOf(fields, nodeName(place, 'watch', 1)), { ground: fields, place }),
  ],
  outputs: ({ domain }, place) => ({
    url: `https://${domain}`,
    address: `\${server.${nodeName(place, 'watch', 1)}.publicIp}`,
    lines: `\${taskserv.loki.${nodeName(place, 'watch', 1)}.endpoint}`,
    traces: `\${taskserv.jaeger.${nodeName(place, 'watch', 1)}.endpoint}`,
  }),
});

/** Alerts that every installation wants. */
const RULES = {
  gone: { expression: 'up == 0', severity: 'critical', summary: '{{ $labels.instance }} does not answer' },
  disk_full: {
    expression: 'node_filesystem_avail_bytes{fstype!="tmpfs"} / node_filesystem_size_bytes < 0.1',
    summary: 'a disk of {{ $labels.instance }} is nearly full',
  },
};

function prometheusOf({ targets, webhooks }: Fields) {
  const watched = Object.entries(targets).map(([name, doors]) => [name, { targets: doors }] as const);
  return {
    reach: 'host',
    targets: { self: { targets: ['127.0.0.1:9100'] }, ...Object.fromEntries(watched) },
    nodeExporter: { reach: 'host' },
    rules: RULES,
    ...(webhooks.length > 0 ? { alertmanager: { webhooks } } : {}),
  };
}

function grafanaOf({ domain, adminPassword }: Fields, server: string) {
  return {
    reach: 'host',
    address: `https://${domain}`,
    adminPassword,
    sources: {
      Prometheus: { type: 'prometheus', url: 'http://127.0.0.1:9090', isDefault: true },
      Loki: { type: 'loki', url: `\${taskserv.loki.${server}.endpoint}` },
      Jaeger: { type: 'jaeger', url: 'http://127.0.0.1:16686' },
    },
  };
}

function serverOf(fields: Fields, server: string): Group {
  const { people, senders, domain, tls } = fields;
  const web = [80, 443].map((port): Door => ({ port, from: people, purpose: 'Pages for people' }));
  const intake = [3100, 4317, 4318].flatMap((port): Door[] => [
    { port, from: 'cluster', purpose: 'Lines and traces' },
    { port, from: senders, purpose: 'Lines and traces from outside' },
  ]);
  const nginx = { names: [domain], upstreams: ['127.0.0.1:3000'], tls, needs: [`taskserv.grafana/${server}`] };
  return {
    role: 'watch',
    count: 1,
    isSingle: true,
    size: { asked: fields.size, standard: 'medium' },
    atOnce: 1,
    doors: [...web, ...intake],
    services: () => ({
      prometheus: prometheusOf(fields),
      loki: { reach: 'network', port: 3100 },
      jaeger: { intake: 'network' },
      grafana: grafanaOf(fields, server),
      nginx,
    }),
  };
}
