import { z } from 'zod';
import type { HostItem, HostPlace } from '../../schemas/taskserv.ts';
import { debian, host, listenOn, port, range, reach, reachedAt } from '../host/fields.ts';
import { heading, settingLines } from '../host/render.ts';
import { service } from '../host/service.ts';

const zone = z
  .string()
  .regex(/^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/, 'is a domain without a dot at its end');

const record = z.strictObject({
  name: z
    .string()
    .regex(
      /^(?:@|[A-Za-z0-9_*](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?)$/,
      'is a name inside the zone, or @ for the zone itself',
    ),
  type: z.enum(['A', 'AAAA', 'CNAME', 'TXT', 'MX', 'SRV', 'PTR']).default('A').describe('Kind of record. Default: A.'),
  value: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[A-Za-z0-9 .:=_/+@-]+$/, 'has letters, digits, spaces and . : = _ / + @ -')
    .describe('Address, name or text.'),
  ttlSeconds: z.int().min(0).max(604_800).default(300).describe('How long others may keep it. Default: 300.'),
});

const upstream = z.strictObject({
  address: host.describe('Address of a name server.'),
  port: port.optional().describe('Its port. Default: 53, or 853 with TLS.'),
  tlsName: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,253}$/, 'is a name')
    .optional()
    .describe('Name in its certificate: it is asked over TLS.'),
});

const fields = () =>
  z.strictObject({
    reach: reach('host'),
    port: port.default(53).describe('Port. Default: 53.'),
    clients: z
      .array(range)
      .max(100)
      .default([])
      .describe('Ranges besides the host itself that may ask. All others are refused.'),
    upstreams: z
      .array(upstream)
      .max(8)
      .default([])
      .describe('Name servers that are asked. Default: none, the servers of each domain are asked themselves.'),
    zones: z
      .record(zone, z.array(record).min(1).max(1000))
      .default({})
      .describe('Domains that are answered here, with their records.'),
    dnssec: z.boolean().default(true).describe('Whether signatures are checked; false is weaker. Default: true.'),
    resolvConf: z
      .strictObject({
        nameServers: z.array(host).min(1).max(3).describe('Name servers, the first one first.'),
        search: z.array(zone).max(6).default([]).describe('Domains that short names are looked for in.'),
      })
      .optional()
      .describe('What `/etc/resolv.conf` shall say. Default: it is left alone.'),
  });

type Fields = z.output<ReturnType<typeof fields>>;

const CONFIG = '/etc/unbound/unbound.conf.d/provisioning.conf';

function serverLines(given: Fields, place: HostPlace): readonly string[] {
  const doors = new Set([listenOn(given.reach, place), ...(given.reach === 'public' ? [] : ['127.0.0.1'])]);
  return [
    ...[...doors].map(door => `interface: ${door}@${given.port}`),
    'access-control: 127.0.0.0/8 allow',
    ...given.clients.map(range => `access-control: ${range} allow`),
    'hide-identity: yes',
    'hide-version: yes',
    'harden-glue: yes',
    'harden-dnssec-stripped: yes',
    'harden-below-nxdomain: yes',
    'qname-minimisation: yes',
    'use-caps-for-id: no',
    'do-not-query-localhost: no',
    'tls-cert-bundle: /etc/ssl/certs/ca-certificates.crt',
    ...(given.dnssec ? [] : ['module-config: "iterator"']),
    ...Object.entries(given.zones).flatMap(([name, records]) => [
      `local-zone: "${name}." static`,
      ...records.map(one => `local-data: '${recordText(name, one)}'`),
    ]),
  ];
}

function recordText(name: string, { name: inside, type, value, ttlSeconds }: z.output<typeof record>): string {
  const full = inside === '@' ? `${name}.` : `${inside}.${name}.`;
  return `${full} ${ttlSeconds} IN ${type} ${type === 'TXT' ? `"${value}"` : value}`;
}

function configText(given: Fields, place: HostPlace): string {
  const tls = given.upstreams.some(({ tlsName }) => tlsName !== undefined);
  const forward = given.upstreams.map(({ address, port: door, tlsName }) => {
    const at = `${address}@${door ?? (tlsName === undefined ? 53 : 853)}`;
    return `forward-addr: ${at}${tlsName === undefined ? '' : `#${tlsName}`}`;
  });
  const block = (name: string, lines: readonly string[]): string =>
    `${name}:\n${lines.map(one => `    ${one}\n`).join('')}`;
  const ahead =
    forward.length === 0
      ? ''
      : block('forward-zone', ['name: "."', `forward-tls-upstream: ${tls ? 'yes' : 'no'}`, ...forward]);
  return heading() + block('server', serverLines(given, place)) + ahead;
}

function resolvConf({ resolvConf: wanted }: Fields): readonly HostItem[] {
  if (wanted === undefined) return [];
  const search = wanted.search.length === 0 ? {} : { search: wanted.search.join(' ') };
  const servers = wanted.nameServers.map(one => settingLines({ nameserver: one }, ' ')).join('');
  return [
    { is: 'file', path: '/etc/resolv.conf', text: `${heading()}${settingLines(search, ' ')}${servers}options edns0\n` },
  ];
}

function verify(given: Fields, place: HostPlace): HostItem {
  const [first] = Object.entries(given.zones);
  const [record] = first?.[1] ?? [];
  const ask = (name: string, type: string): readonly string[] => [
    'dig',
    '+short',
    '+time=2',
    '+tries=1',
    `@${reachedAt(given.reach, place)}`,
    '-p',
    String(given.port),
    name,
    type,
  ];
  if (first === undefined || record === undefined) {
    return { is: 'verify', title: 'a name is resolved', run: ask('localhost.', 'A'), expect: '^127\\.0\\.0\\.1$' };
  }
  const name = record.name === '@' ? `${first[0]}.` : `${record.name.replace('*', 'any')}.${first[0]}.`;
  return { is: 'verify', title: `${name} is resolved`, run: ask(name, record.type), expect: '\\S' };
}

/** Unbound: a resolver that checks what it is told. */
export const resolv = service({
  name: 'resolv',
  categories: ['networking'],
  summary: 'A name server for a host or a network (Unbound), and the content of resolv.conf.',
  source: 'debian',
  version: null,
  conflicts: ['coredns'],
  holdsData: false,
  fields,
  ports: given =>
    (['udp', 'tcp'] as const).map(protocol => ({ port: given.port, protocol, reach: given.reach, purpose: 'DNS' })),
  endpoint: (given, place) => `dns://${reachedAt(given.reach, place)}:${given.port}`,
  want: (given, place, version) => [
    debian('unbound', version),
    debian('ca-certificates'),
    debian('dns-root-data'),
    debian('bind9-dnsutils'),
    { is: 'file', path: CONFIG, text: configText(given, place), check: ['unbound-checkconf', '{}'] },
    { is: 'daemon', unit: 'unbound.service', restartOn: [CONFIG] },
    verify(given, place),
    ...resolvConf(given),
  ],
});
