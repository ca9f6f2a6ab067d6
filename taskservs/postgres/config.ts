import type { HostPlace } from '../../schemas/taskserv.ts';
import type { Shape } from './shape.ts';

const HEAD = '# Written by Provisioning; changes made here are taken back.';

/** The settings that differ from those of Debian. What the files name wins over ours. */
export function settingsText({ bind, port, settings }: Shape, { address }: HostPlace): string {
  const own = {
    listen_addresses: [...new Set(bind ?? ['127.0.0.1', '::1', address])].join(', '),
    port,
    password_encryption: 'scram-sha-256',
    ssl: true,
    ssl_min_protocol_version: 'TLSv1.2',
    ...settings,
  };
  return `${[HEAD, ...Object.entries(own).map(([name, value]) => `${name} = ${valueText(value)}`)].join('\n')}\n`;
}

function valueText(value: string | number | boolean): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'on' : 'off';
  // A line break would start another setting.
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;
}

/** Who may connect: the system's own user by the socket, everybody else with a password, and from outside by TLS. */
export function accessText({ clients, plainText }: Shape): string {
  const outside = plainText ? 'host' : 'hostssl';
  const rows = [
    ['local', 'all', 'postgres', '', 'peer'],
    ['local', 'all', 'all', '', 'scram-sha-256'],
    ['host', 'all', 'all', '127.0.0.1/32', 'scram-sha-256'],
    ['host', 'all', 'all', '::1/128', 'scram-sha-256'],
    ...clients.map(range => [outside, 'all', 'all', range, 'scram-sha-256']),
  ];
  return `${[HEAD, ...rows.map(row => row.filter(word => word !== '').join('\t'))].join('\n')}\n`;
}
