import type { HostPlace } from '../../schemas/taskserv.ts';
import { inUrl, listenOn } from '../host/fields.ts';
import { heading, shellWord } from '../host/render.ts';
import type { Fields, Listener } from './fields.ts';

/** Folder of the certificates. */
export const CERTIFICATES = '/etc/haproxy/tls';

const MODERN =
  'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305';

/** `/etc/haproxy/haproxy.cfg`. Words are quoted as haproxy reads them, which is as a shell does. */
export function configText(given: Fields, place: HostPlace): string {
  const sections = [
    section('global', [
      'log /dev/log local0',
      'chroot /var/lib/haproxy',
      'stats socket /run/haproxy/admin.sock mode 660 level admin',
      'user haproxy',
      'group haproxy',
      `maxconn ${given.maxConnections}`,
      'ssl-default-bind-options ssl-min-ver TLSv1.2 no-tls-tickets',
      `ssl-default-bind-ciphers ${MODERN}`,
      'ssl-default-server-options ssl-min-ver TLSv1.2',
    ]),
    section('defaults', [
      'log global',
      'option dontlognull',
      'option redispatch',
      'retries 3',
      'timeout connect 5s',
      'timeout queue 30s',
      'timeout http-request 10s',
      'timeout http-keep-alive 10s',
      'timeout tunnel 1h',
      'default-server init-addr last,libc,none inter 2s fall 3 rise 2',
    ]),
    section('frontend provisioning-metrics', [
      `bind 127.0.0.1:${given.metricsPort}`,
      'mode http',
      'timeout client 10s',
      'monitor-uri /healthy',
      'http-request use-service prometheus-exporter if { path /metrics }',
      'stats enable',
      'stats uri /servers',
    ]),
    ...Object.entries(given.listeners).map(([name, one]) => section(`listen ${name}`, listenerLines(name, one, place))),
  ];
  return `${heading()}${sections.join('\n')}`;
}

function section(name: string, lines: readonly string[]): string {
  return `${name}\n${lines.map(one => `    ${one}\n`).join('')}`;
}

function listenerLines(name: string, one: Listener, place: HostPlace): readonly string[] {
  const tls =
    one.tls === undefined
      ? ''
      : ` ssl crt ${CERTIFICATES}/${name}.pem${one.mode === 'http' ? ' alpn h2,http/1.1' : ''}`;
  const doors = one.reach === 'network' ? [listenOn(one.reach, place), '127.0.0.1'] : [listenOn(one.reach, place)];
  return [
    ...[...new Set(doors)].map(door => `bind ${inUrl(door)}:${one.port}${tls}`),
    `mode ${one.mode}`,
    `timeout client ${one.clientTimeoutSeconds}s`,
    `timeout server ${one.serverTimeoutSeconds}s`,
    ...(one.allow.length === 0 ? [] : [`tcp-request connection reject unless { src ${one.allow.join(' ')} }`]),
    ...(one.mode === 'http' ? httpLines(one) : ['option tcplog']),
    `balance ${one.balance}`,
    ...(one.health === undefined
      ? []
      : [
          'option httpchk',
          `http-check send meth GET uri ${shellWord(one.health.path)}`,
          'http-check expect status 200',
        ]),
    ...Object.entries(one.servers).map(([server, it]) => serverLine(server, it, one)),
  ];
}

function httpLines({ tls }: Listener): readonly string[] {
  return [
    'option httplog',
    // What a client claims to be is not believed.
    'http-request del-header X-Forwarded-For',
    'option forwardfor',
    `http-request set-header X-Forwarded-Proto ${tls === undefined ? 'http' : 'https'}`,
    ...(tls === undefined ? [] : ['http-response set-header Strict-Transport-Security max-age=31536000']),
  ];
}

function serverLine(name: string, server: Listener['servers'][string], { health, mode }: Listener): string {
  const at = `server ${name} ${inUrl(server.address)}:${server.port} check weight ${server.weight}`;
  const asked = health?.port === undefined ? '' : ` port ${health.port}`;
  return `${at}${asked}${mode === 'tcp' ? ' on-marked-down shutdown-sessions' : ''}${server.backup ? ' backup' : ''}`;
}
