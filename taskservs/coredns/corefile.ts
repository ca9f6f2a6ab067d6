import { createHash } from 'node:crypto';
import { heading, oneLine } from '../host/render.ts';
import type { Fields } from './fields.ts';

/** The records of a zone. */
export type Zone = Fields['zones'][string]['records'];

/** The Corefile: one block for each zone, one for everything else. Its values are names, addresses and numbers by their shapes. */
export function corefile(given: Fields, address: string): string {
  const { port, forward, cacheSeconds } = given;
  const guard = ['  acl {', `    allow net ${given.allow.join(' ')}`, '    block', '  }'];
  const most = [
    `  bind ${address}`,
    ...guard,
    '  errors',
    ...(given.logQueries ? ['  log'] : []),
    ...(given.metrics ? ['  prometheus 127.0.0.1:9153'] : []),
  ];
  const zones = Object.keys(given.zones).map(zone => [
    `${zone}:${port} {`,
    ...most,
    `  file /etc/coredns/${zone}.zone`,
    '}',
  ]);
  const others = [
    `.:${port} {`,
    ...most,
    ...(cacheSeconds === 0 ? [] : [`  cache ${cacheSeconds}`]),
    ...(forward.length === 0
      ? ['  template ANY ANY {', '    rcode REFUSED', '  }']
      : [`  forward . ${forward.join(' ')}`]),
    '}',
  ];
  return `${heading()}${[...zones, others].map(block => `${block.join('\n')}\n`).join('\n')}`;
}

/** A zone in the format of RFC 1035. Its serial number follows from its text, because there is no clock here. */
export function zoneFile(zone: string, records: Zone): string {
  const lines = records.map(({ name, type, value, ttlSeconds }) => {
    const data = type === 'TXT' ? texts(value) : type === 'CNAME' ? absolute(value) : oneLine(value);
    return `${name === '@' ? `${zone}.` : name} ${ttlSeconds} IN ${type} ${data}`;
  });
  const serial = createHash('sha256').update(lines.join('\n')).digest().readUInt32BE(0);
  return [
    heading(';').trimEnd(),
    `$ORIGIN ${zone}.`,
    '$TTL 300',
    `@ IN SOA ns.${zone}. hostmaster.${zone}. ${serial} 7200 3600 1209600 300`,
    `@ IN NS ns.${zone}.`,
    ...lines,
    '',
  ].join('\n');
}

/** A name that ends with a point is as it is; any other is one from the root, which is what people mean. */
function absolute(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}

/** Text as quoted pieces; everything that is not a plain letter is written by its number. */
function texts(value: string): string {
  const bytes = [...Buffer.from(oneLine(value))];
  return `"${bytes.map(byte => (byte >= 32 && byte < 127 && byte !== 34 && byte !== 92 ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`)).join('')}"`;
}
