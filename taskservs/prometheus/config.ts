import type { HostPlace } from '../../schemas/taskserv.ts';
import type { Json } from '../../schemas/json.ts';
import { inUrl, listenOn, reachedAt } from '../host/fields.ts';
import { environment, heading, type Setting, yaml } from '../host/render.ts';
import type { Fields } from './fields.ts';

/** Folder of the configuration. */
export const FOLDER = '/etc/prometheus';

/** `host:port` at which Prometheus is asked on its own host. */
export function ownDoor({ reach, port }: Fields, place: HostPlace): string {
  return `${inUrl(reachedAt(reach, place))}:${port}`;
}

/** `prometheus.yml`. */
export function configText(given: Fields, place: HostPlace): string {
  const { alertmanager, nodeExporter, targets, intervalSeconds } = given;
  const node = nodeExporter && {
    job_name: 'node',
    static_configs: [{ targets: [`${inUrl(reachedAt(nodeExporter.reach, place))}:${nodeExporter.port}`] }],
  };
  const own = {
    job_name: 'prometheus',
    ...loginOf(given.login),
    static_configs: [{ targets: [ownDoor(given, place)] }],
  };
  const jobs = Object.entries(targets).map(([name, one]) => ({
    job_name: name,
    metrics_path: one.path,
    scheme: one.scheme,
    ...loginOf(one.login),
    static_configs: [{ targets: one.targets }],
  }));
  return (
    heading() +
    yaml({
      global: { scrape_interval: `${intervalSeconds}s`, evaluation_interval: `${intervalSeconds}s` },
      rule_files: [`${FOLDER}/provisioning-rules.yml`],
      ...(alertmanager && {
        alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${alertmanager.port}`] }] }] },
      }),
      scrape_configs: [own, ...(node === undefined ? [] : [node]), ...jobs],
    })
  );
}

function loginOf(login: Fields['login']): { basic_auth?: { username: string; password: string } } {
  return login === undefined ? {} : { basic_auth: { username: login.user, password: login.password } };
}

/** Alerts as Prometheus reads them. */
export function rulesText({ rules }: Fields): string {
  const list = Object.entries(rules).map(
    ([alert, one]): Json => ({
      alert,
      expr: one.expression,
      for: `${one.forSeconds}s`,
      labels: { severity: one.severity },
      annotations: { summary: one.summary },
    }),
  );
  return heading() + yaml({ groups: list.length === 0 ? [] : [{ name: 'provisioning', rules: list }] });
}

/** `alertmanager.yml`. */
export function alertsText({ webhooks, repeatHours }: NonNullable<Fields['alertmanager']>): string {
  return (
    heading() +
    yaml({
      route: {
        receiver: 'provisioning',
        group_by: ['alertname'],
        group_wait: '10s',
        group_interval: '1m',
        repeat_interval: `${repeatHours}h`,
      },
      receivers: [{ name: 'provisioning', webhook_configs: webhooks.map(url => ({ url, send_resolved: true })) }],
    })
  );
}

/** Words that Debian's unit starts Prometheus with. */
export function argumentsText(given: Fields, place: HostPlace): string {
  const size = given.retentionMib === undefined ? [] : [`--storage.tsdb.retention.size=${given.retentionMib}MB`];
  const login = given.login === undefined ? [] : [`--web.config.file=${FOLDER}/web.yml`];
  return args([
    `--config.file=${FOLDER}/prometheus.yml`,
    '--storage.tsdb.path=/var/lib/prometheus/metrics2',
    `--storage.tsdb.retention.time=${given.retentionDays}d`,
    ...size,
    `--web.listen-address=${inUrl(listenOn(given.reach, place))}:${given.port}`,
    ...login,
  ]);
}

/** An `ARGS` file of Debian. */
export function args(words: readonly Setting[]): string {
  return heading() + environment({ ARGS: words.join(' ') });
}
