import type { Shape } from './shape.ts';

/** The whole configuration, so that it can be checked before it is put in place. Its values are of shapes that need no quotes. */
export function configText(parameters: Shape): string {
  const { port, tls, upstreams = [] } = parameters;
  const servers =
    tls === undefined
      ? server([...listening(port, ''), ...named(parameters), ...serving(parameters)])
      : [
          ...server([
            ...listening(port, ''),
            ...named(parameters),
            `return 308 https://${target(tls.port)}$request_uri;`,
          ]),
          ...server([...listening(tls.port, ' ssl http2'), ...named(parameters), ...TLS, ...serving(parameters)]),
        ];
  const http = [...HTTP, ...upstreamLines(upstreams), ...servers];
  return `${[...HEAD, 'http {', ...http.map(line => `  ${line}`), '}'].join('\n')}\n`;
}

const HEAD = [
  '# Written by Provisioning; changes made here are taken back.',
  'user www-data;',
  'worker_processes auto;',
  'pid /run/nginx.pid;',
  'events {',
  '  worker_connections 4096;',
  '}',
];

const HTTP = [
  'include /etc/nginx/mime.types;',
  'default_type application/octet-stream;',
  'sendfile on;',
  'tcp_nopush on;',
  'server_tokens off;',
  'server_names_hash_bucket_size 128;',
  'client_header_timeout 20s;',
  'client_body_timeout 60s;',
  'gzip on;',
  'access_log /var/log/nginx/access.log;',
  'error_log /var/log/nginx/error.log;',
];

const TLS = [
  'ssl_certificate /etc/nginx/tls/site.crt;',
  'ssl_certificate_key /etc/nginx/tls/site.key;',
  'ssl_protocols TLSv1.2 TLSv1.3;',
  'ssl_session_tickets off;',
  'add_header Strict-Transport-Security "max-age=31536000" always;',
];

function server(lines: readonly string[]): readonly string[] {
  return ['server {', ...lines.map(line => `  ${line}`), '}'];
}

function listening(port: number, how: string): readonly string[] {
  return [`listen ${port}${how} default_server;`, `listen [::]:${port}${how} default_server;`];
}

function named({ names }: Shape): readonly string[] {
  return [`server_name ${names.length === 0 ? '_' : names.join(' ')};`];
}

function target(port: number): string {
  return port === 443 ? '$host' : `$host:${port}`;
}

function upstreamLines(upstreams: readonly string[]): readonly string[] {
  return upstreams.length === 0
    ? []
    : ['upstream servers {', ...upstreams.map(one => `  server ${one};`), '  keepalive 16;', '}'];
}

function serving({ root, bodyMib, upstreams = [] }: Shape): readonly string[] {
  const limit = `client_max_body_size ${bodyMib}m;`;
  if (upstreams.length === 0) return [limit, `root ${root};`, 'index index.html;'];
  return [
    limit,
    'location / {',
    '  proxy_pass http://servers;',
    '  proxy_http_version 1.1;',
    '  proxy_set_header Connection "";',
    '  proxy_set_header Host $host;',
    '  proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;',
    '  proxy_set_header X-Forwarded-Proto $scheme;',
    '}',
  ];
}
