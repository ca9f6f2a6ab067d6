import { z } from 'zod';
import type { HostItem, HostPlace } from '../../schemas/taskserv.ts';
import { debian, inUrl, label, listenOn, password, port, range, reach, reachedAt } from '../host/fields.ts';
import { passwordFile } from '../host/password-file.ts';
import { heading, oneLine, settingLines } from '../host/render.ts';
import { service } from '../host/service.ts';
import { environmentItems } from './environment.ts';

const domain = z
  .string()
  .regex(/^\.?[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/, 'is a domain; with a dot before it, everything below too');
const proxyUrl = z
  .string()
  .max(255)
  .regex(/^https?:\/\/[A-Za-z0-9.-]+(?::\d{1,5})?\/?$/, 'is an address such as http://10.0.1.5:3128');

const forward = z
  .strictObject({
    reach: reach('network'),
    port: port.default(3128).describe('Port for clients. Default: 3128.'),
    clients: z.array(range).min(1).max(100).describe('Ranges that clients come from; all others are refused.'),
    users: z
      .record(label, password('Password of the user.'))
      .default({})
      .describe('Passwords by user. Without any, the range is enough.'),
    allow: z.array(domain).max(1000).default([]).describe('Only these domains are reached. Default: all.'),
    deny: z.array(domain).max(1000).default([]).describe('Domains that are never reached.'),
    cacheMib: z
      .int()
      .min(0)
      .max(1_048_576)
      .default(0)
      .describe('Space for cached pages in MiB. Default: 0 (nothing is kept on disk).'),
  })
  .describe('The proxy itself. Absent on servers that only use one.');

const environment = z
  .strictObject({
    httpProxy: proxyUrl.describe('Proxy for http, such as http://10.0.1.5:3128.'),
    httpsProxy: proxyUrl.optional().describe('Proxy for https. Default: the same.'),
    noProxy: z
      .array(z.string().regex(/^[A-Za-z0-9.:*/-]{1,255}$/, 'is a domain, an address or a range'))
      .max(200)
      .default(['localhost', '127.0.0.1', '::1'])
      .describe('What is reached directly. Default: the host itself.'),
  })
  .describe('What programs of this server are told: login shells, daemons and apt.');

const fields = () =>
  z
    .strictObject({ forward: forward.optional(), environment: environment.optional() })
    .refine(
      given => given.forward !== undefined || given.environment !== undefined,
      'give `forward`, `environment` or both',
    );

type Forward = z.output<typeof forward>;

const CONFIG = '/etc/squid/squid.conf';
const PASSWORDS = '/etc/squid/passwords';

function configText(given: Forward, place: HostPlace): string {
  const { users, allow, deny, cacheMib } = given;
  const acl = (name: string, type: string, values: readonly string[]): string =>
    values.length === 0 ? '' : settingLines({ [`acl ${name} ${type}`]: [...values].sort().join(' ') }, ' ');
  const login =
    Object.keys(users).length === 0
      ? ''
      : `auth_param basic program /usr/lib/squid/basic_ncsa_auth ${PASSWORDS}\nauth_param basic realm proxy\nacl known proxy_auth REQUIRED\n`;
  const rules = [
    'deny manager',
    'deny !safe_ports',
    'deny CONNECT !tls_ports',
    'deny to_localhost',
    'deny to_linklocal',
    'deny !clients',
    ...(login === '' ? [] : ['deny !known']),
    ...(deny.length === 0 ? [] : ['deny denied']),
    allow.length === 0 ? 'allow all' : 'allow allowed',
    'deny all',
  ];
  return [
    heading(),
    `http_port ${inUrl(listenOn(given.reach, place))}:${given.port}\n`,
    'acl tls_ports port 443\nacl safe_ports port 80 443\nacl to_linklocal dst 169.254.0.0/16 fe80::/10\n',
    acl('clients', 'src', [...given.clients, '127.0.0.1']),
    acl('allowed', 'dstdomain', allow),
    acl('denied', 'dstdomain', deny),
    login,
    ...rules.map(rule => `http_access ${rule}\n`),
    cacheMib === 0 ? 'cache deny all\n' : `cache_dir ufs /var/spool/squid ${cacheMib} 16 256\n`,
    // Neither who asks nor what runs here is told to the servers that are asked.
    `visible_hostname ${oneLine(place.server)}\nforwarded_for delete\nvia off\nhttpd_suppress_version_string on\nshutdown_lifetime 2 seconds\n`,
    'coredump_dir /var/spool/squid\nlogfile_rotate 0\n',
  ].join('');
}

/** What Squid says of a host that there is not, depending on what the name server answers. */
const NO_SUCH_HOST = 'ERR_(DNS_FAIL|READ_ERROR|CONNECT_FAIL|CANNOT_FORWARD)';

const ASK = String.raw`
curl --silent --output /dev/null --dump-header - --max-time 10 --noproxy '' --proxy "$1" --config - http://provisioning.invalid/`;

function forwardItems(given: Forward, place: HostPlace, version: string | undefined): readonly HostItem[] {
  const [first] = Object.entries(given.users);
  return [
    debian('squid', version),
    debian('curl'),
    ...(first === undefined
      ? []
      : passwordFile({ path: PASSWORDS, owner: 'root', group: 'proxy', users: given.users })),
    {
      is: 'file',
      path: CONFIG,
      text: configText(given, place),
      mode: 0o640,
      group: 'proxy',
      check: ['squid', '-k', 'parse', '-f', '{}'],
    },
    { is: 'daemon', unit: 'squid.service', restartOn: [CONFIG] },
    {
      is: 'verify',
      title: 'a request is judged by the proxy',
      run: ['sh', '-c', ASK, 'sh', `http://${inUrl(reachedAt(given.reach, place))}:${given.port}`],
      stdin:
        first === undefined
          ? ''
          : `proxy-user = "${`${first[0]}:${first[1]}`.replaceAll(/["\\]/g, found => `\\${found}`)}"\n`,
      // It was let in, and there is no such host or it is not on the list.
      expect:
        given.allow.length === 0
          ? `X-Squid-Error: ${NO_SUCH_HOST}`
          : `X-Squid-Error: (${NO_SUCH_HOST}|ERR_ACCESS_DENIED)`,
    },
  ];
}

/** A forward proxy, and what the programs of a server are told of one. */
export const proxy = service({
  name: 'proxy',
  categories: ['networking'],
  summary: 'A forward proxy (Squid), and the settings that make the programs of a server use one.',
  source: 'debian',
  version: null,
  holdsData: false,
  fields,
  ports: given =>
    given.forward === undefined
      ? []
      : [{ port: given.forward.port, protocol: 'tcp', reach: given.forward.reach, purpose: 'HTTP proxy' }],
  endpoint: (given, place) =>
    given.forward === undefined ? null : `http://${inUrl(reachedAt(given.forward.reach, place))}:${given.forward.port}`,
  want: (given, place, version) => [
    ...(given.forward === undefined ? [] : forwardItems(given.forward, place, version)),
    ...(given.environment === undefined ? [] : environmentItems(given.environment)),
  ],
});
