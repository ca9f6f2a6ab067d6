import { z } from 'zod';
import { doorOfHost, label, line, password, port, reach, url } from '../host/fields.ts';

const target = z.strictObject({
  targets: z.array(doorOfHost).min(1).max(1000).describe('Hosts and ports such as 10.0.1.5:9100.'),
  path: z
    .string()
    .regex(/^\/[A-Za-z0-9._~/-]{0,200}$/, 'is a path such as /metrics')
    .default('/metrics')
    .describe('Path of the metrics. Default: /metrics.'),
  scheme: z.enum(['http', 'https']).default('http').describe('Default: http.'),
  login: z
    .strictObject({ user: label.describe('Name.'), password: password('Password.') })
    .optional()
    .describe('Name and password that the targets ask for.'),
});

const rule = z.strictObject({
  expression: line(2000).describe('When it is true in PromQL, such as `up == 0`.'),
  forSeconds: z.int().min(0).max(604_800).default(60).describe('How long it must be true. Default: 60.'),
  severity: z.enum(['info', 'warning', 'critical']).default('warning').describe('Default: warning.'),
  summary: line(500).describe('What it means, for people. `{{ $labels.instance }}` is the target.'),
});

const alerting = z.strictObject({
  port: port.default(9093).describe('Port of Alertmanager on loopback. Default: 9093.'),
  webhooks: z.array(url).min(1).max(20).describe('Addresses that alerts are sent to as JSON.'),
  repeatHours: z
    .int()
    .min(1)
    .max(720)
    .default(12)
    .describe('Hours after which an alert that goes on is sent again. Default: 12.'),
});

const exporter = z.strictObject({
  reach: reach('network'),
  port: port.default(9100).describe('Port. Default: 9100.'),
});

/** Fields of the service. */
export const fields = () =>
  z
    .strictObject({
      collects: z
        .boolean()
        .default(true)
        .describe('Whether this server collects metrics. False on servers that only show their own. Default: true.'),
      reach: reach('host'),
      port: port.default(9090).describe('Port of Prometheus. Default: 9090.'),
      login: z
        .strictObject({ user: label.describe('Name.'), password: password('Password.') })
        .optional()
        .describe('Name and password that readers give.'),
      anonymous: z
        .boolean()
        .default(false)
        .describe('Weaker: whether everybody who reaches the port may read without a password.'),
      targets: z.record(label, target).default({}).describe('What is collected, by name.'),
      intervalSeconds: z
        .int()
        .min(1)
        .max(3600)
        .default(15)
        .describe('Seconds between two looks at a target. Default: 15.'),
      retentionDays: z.int().min(1).max(3650).default(15).describe('How long metrics are kept. Default: 15.'),
      retentionMib: z
        .int()
        .min(64)
        .max(16_777_216)
        .optional()
        .describe('Most space for metrics in MiB. Default: no limit.'),
      rules: z.record(label, rule).default({}).describe('Alerts by name.'),
      alertmanager: alerting.optional().describe('Sends alerts on (Alertmanager, on this server).'),
      nodeExporter: exporter.optional().describe('Shows metrics of this server itself (node exporter).'),
    })
    .refine(given => given.reach === 'host' || given.login !== undefined || given.anonymous || !given.collects, {
      path: ['login'],
      error: 'others can reach it: give `login`, or say `anonymous: true`',
    });

export type Fields = z.output<ReturnType<typeof fields>>;
