import type { HostItem, HostPlace, ServicePort } from '../../schemas/taskserv.ts';
import { curlUser } from '../host/curl-user.ts';
import { debian, inUrl, listenOn, reachedAt } from '../host/fields.ts';
import { service } from '../host/service.ts';
import { alertsText, args, argumentsText, configText, FOLDER, ownDoor, rulesText } from './config.ts';
import { type Fields, fields } from './fields.ts';

const MINE = { owner: 'root', group: 'prometheus' };

const LOGIN = String.raw`
set -eu
umask 027
IFS= read -r name
IFS= read -r secret
hash=$(printf '%s' "$secret" | htpasswd -n -i -B "$name" | cut -d: -f2)
printf "basic_auth_users:\n  '%s': '%s'\n" "$name" "$hash" > /etc/prometheus/web.yml.new
chown root:prometheus /etc/prometheus/web.yml.new
mv /etc/prometheus/web.yml.new /etc/prometheus/web.yml
`;

function loginItems({ login }: Fields): readonly HostItem[] {
  if (login === undefined) return [];
  return [
    debian('apache2-utils'),
    {
      is: 'task',
      title: `password of ${login.user}`,
      done: ['promtool', 'check', 'web-config', `${FOLDER}/web.yml`],
      run: ['sh', '-c', LOGIN],
      stdin: `${login.user}\n${login.password}\n`,
      undo: ['rm', '-f', `${FOLDER}/web.yml`],
    },
  ];
}

const QUERY = ['curl', '--silent', '--show-error', '--fail', '--max-time', '5', '--get', '--config', '-'];

/** The metric is there when Prometheus looked at the target and it answered. */
function looked(title: string, job: string, given: Fields, place: HostPlace): HostItem {
  const { login } = given;
  return {
    is: 'verify',
    title,
    run: [...QUERY, '--data-urlencode', `query=up{job="${job}"}`, `http://${ownDoor(given, place)}/api/v1/query`],
    stdin: login === undefined ? '' : curlUser(login.user, login.password),
    expect: '"value":\\[[0-9.]+,"1"\\]',
    withinSeconds: 60 + 3 * given.intervalSeconds,
  };
}

function exporterItems(given: Fields, place: HostPlace): readonly HostItem[] {
  const { nodeExporter } = given;
  if (nodeExporter === undefined) return [];
  const door = `${inUrl(listenOn(nodeExporter.reach, place))}:${nodeExporter.port}`;
  return [
    debian('prometheus-node-exporter'),
    debian('curl'),
    { is: 'file', path: '/etc/default/prometheus-node-exporter', text: args([`--web.listen-address=${door}`]) },
    { is: 'daemon', unit: 'prometheus-node-exporter.service', restartOn: ['/etc/default/prometheus-node-exporter'] },
    {
      is: 'verify',
      title: 'metrics of this server are shown',
      run: [
        'curl',
        '--silent',
        '--show-error',
        '--fail',
        `http://${inUrl(reachedAt(nodeExporter.reach, place))}:${nodeExporter.port}/metrics`,
      ],
      expect: 'node_load1 ',
    },
  ];
}

function alertItems({ alertmanager }: Fields): readonly HostItem[] {
  if (alertmanager === undefined) return [];
  const words = [
    `--config.file=${FOLDER}/alertmanager.yml`,
    `--web.listen-address=127.0.0.1:${alertmanager.port}`,
    '--cluster.listen-address=',
  ];
  return [
    debian('prometheus-alertmanager'),
    debian('curl'),
    {
      is: 'file',
      path: `${FOLDER}/alertmanager.yml`,
      text: alertsText(alertmanager),
      check: ['amtool', 'check-config', '{}'],
    },
    { is: 'file', path: '/etc/default/prometheus-alertmanager', text: args(words) },
    {
      is: 'daemon',
      unit: 'prometheus-alertmanager.service',
      restartOn: ['/etc/default/prometheus-alertmanager'],
      reloadOn: [`${FOLDER}/alertmanager.yml`],
    },
    {
      is: 'verify',
      title: 'alerts are taken',
      run: ['curl', '--silent', '--show-error', '--fail', `http://127.0.0.1:${alertmanager.port}/api/v2/status`],
      expect: '"versionInfo"',
    },
  ];
}

function collectorItems(given: Fields, place: HostPlace): readonly HostItem[] {
  return [
    debian('curl'),
    ...loginItems(given),
    {
      is: 'file',
      path: `${FOLDER}/provisioning-rules.yml`,
      text: rulesText(given),
      check: ['promtool', 'check', 'rules', '{}'],
    },
    {
      is: 'file',
      path: `${FOLDER}/prometheus.yml`,
      text: configText(given, place),
      mode: 0o640,
      ...MINE,
      check: ['promtool', 'check', 'config', '{}'],
    },
    { is: 'file', path: '/etc/default/prometheus', text: argumentsText(given, place) },
    {
      is: 'daemon',
      unit: 'prometheus.service',
      restartOn: ['/etc/default/prometheus'],
      reloadOn: [`${FOLDER}/prometheus.yml`, `${FOLDER}/provisioning-rules.yml`],
    },
    looked('it looks at itself', 'prometheus', given, place),
    ...(given.nodeExporter === undefined ? [] : [looked('it looks at this server', 'node', given, place)]),
  ];
}

/** Prometheus with its alerts, and the metrics of a server. */
export const prometheus = service({
  name: 'prometheus',
  categories: ['observability'],
  summary: 'Prometheus, which collects metrics and raises alerts, and the exporter for those of a server.',
  source: 'debian',
  version: null,
  holdsData: true,
  data: ['/var/lib/prometheus'],
  fields,
  ports: (given): readonly ServicePort[] => [
    ...(given.collects ? [{ port: given.port, protocol: 'tcp' as const, reach: given.reach, purpose: 'queries' }] : []),
    ...(given.nodeExporter === undefined
      ? []
      : [
          {
            port: given.nodeExporter.port,
            protocol: 'tcp' as const,
            reach: given.nodeExporter.reach,
            purpose: 'metrics of the server',
          },
        ]),
  ],
  endpoint: (given, place) => (given.collects ? `http://${ownDoor(given, place)}` : null),
  want: (given, place, version) => [
    ...(given.collects ? [debian('prometheus', version)] : []),
    ...exporterItems(given, place),
    ...alertItems(given),
    ...(given.collects ? collectorItems(given, place) : []),
  ],
});
