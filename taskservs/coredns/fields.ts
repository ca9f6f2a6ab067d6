import { z } from 'zod';
import { line, port, range, reach as reachable } from '../host/fields.ts';
import { pinFields, type Upstream } from '../host/pin.ts';

export const UPSTREAM: Upstream = {
  name: 'coredns',
  url: 'https://github.com/coredns/coredns/releases/download/v{version}/coredns_{version}_linux_{arch}.tgz',
  archive: 'tar.gz',
  files: [{ from: 'coredns', to: '/usr/local/bin/coredns', mode: 0o755 }],
  checksums: 'https://github.com/coredns/coredns/releases (the .tgz.sha256 beside each download)',
  example: '1.12.0',
};

/** A domain without its last point. */
const DomainName = z
  .string()
  .max(253)
  .regex(
    /^(?:[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'is a domain in lower case',
  );

const Entry = z
  .strictObject({
    name: z
      .string()
      .regex(/^(?:@|(?:\*\.)?[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?)$/, 'is a name inside the zone, or @')
      .describe('Name inside the zone, `@` for the zone itself.'),
    type: z.enum(['A', 'AAAA', 'CNAME', 'TXT']).default('A').describe('Type of the record.'),
    value: line(255).describe('Address, name or text.'),
    ttlSeconds: z.int().min(1).max(604_800).default(300).describe('How long others may keep it.'),
  })
  .refine(({ type, value }) => type === 'TXT' || /^[A-Za-z0-9_:][A-Za-z0-9_.:-]*$/.test(value), {
    path: ['value'],
    error: 'is an address or a name',
  });

/** Shape of its parameters. */
export const fields = () =>
  z.strictObject({
    ...pinFields(UPSTREAM),
    reach: reachable('network'),
    port: port.default(53).describe('Port for UDP and TCP.'),
    zones: z
      .record(DomainName, z.strictObject({ records: z.array(Entry).max(10_000).describe('Records of the zone.') }))
      .default({})
      .describe('Zones that this server answers for, by name.'),
    forward: z
      .array(range)
      .max(15)
      .default([])
      .describe('Addresses of resolvers that are asked about everything else; without any, other names are refused.'),
    allow: z
      .array(range)
      .min(1)
      .max(64)
      .default(['127.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7', '::1'])
      .describe('Address ranges that may ask; private ones unless said, so that it is no open resolver.'),
    cacheSeconds: z.int().min(0).max(3600).default(30).describe('Longest time that an answer is kept; 0 keeps none.'),
    metrics: z.boolean().default(true).describe('Metrics for Prometheus at 127.0.0.1:9153.'),
    logQueries: z.boolean().default(false).describe('Write every question to the log.'),
  });
/** Its parameters with their defaults. */
export type Fields = z.output<ReturnType<typeof fields>>;
