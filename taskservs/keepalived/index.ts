import { z } from 'zod';
import type { HostPlace } from '../../schemas/taskserv.ts';
import { debian, host } from '../host/fields.ts';
import { heading } from '../host/render.ts';
import { service } from '../host/service.ts';

const fields = () =>
  z.strictObject({
    addresses: z
      .array(
        z
          .string()
          .regex(
            /^[A-Za-z0-9:][A-Za-z0-9.:-]{0,60}(?:\/\d{1,3})?$/,
            'is an address with the length of its network, such as 10.0.1.100/24',
          ),
      )
      .min(1)
      .max(20)
      .describe('Addresses that move between the servers, such as 10.0.1.100/24.'),
    interface: z
      .string()
      .regex(/^[a-z][a-z0-9._-]{0,14}$/, 'is the name of a network interface')
      .default('eth0')
      .describe('Network interface that holds them. Default: eth0.'),
    peers: z
      .array(host)
      .min(1)
      .max(16)
      .describe('Addresses of the other servers; they talk to each other directly, without multicast.'),
    group: z
      .int()
      .min(1)
      .max(255)
      .describe('Number that this group of servers shares, and no other in the same network.'),
    priority: z
      .int()
      .min(1)
      .max(254)
      .default(100)
      .describe('The highest one holds the addresses at the start. Default: 100.'),
    preempt: z
      .boolean()
      .default(false)
      .describe('Whether a server of higher priority takes the addresses back when it returns. Default: false.'),
    watch: z
      .string()
      .regex(/^[a-z][a-z0-9@._-]{0,60}$/, 'is the name of a daemon')
      .optional()
      .describe('Daemon that must run on the server that holds the addresses, such as `haproxy`.'),
    intervalSeconds: z.int().min(1).max(60).default(1).describe('Seconds between two signs of life. Default: 1.'),
  });

type Fields = z.output<ReturnType<typeof fields>>;

const CONFIG = '/etc/keepalived/keepalived.conf';

function configText(given: Fields, place: HostPlace): string {
  const { addresses, peers, watch } = given;
  const block = (name: string, lines: readonly string[]): readonly string[] => [
    `${name} {`,
    ...lines.map(one => `    ${one}`),
    '}',
  ];
  const watched =
    watch === undefined
      ? []
      : block('vrrp_script watched', [
          `script "/usr/bin/systemctl is-active --quiet ${watch}"`,
          'interval 2',
          'timeout 5',
          'fall 2',
          'rise 2',
        ]);
  return `${heading()}${[
    ...block('global_defs', [
      `router_id ${place.server}`,
      'enable_script_security',
      'script_user nobody',
      'vrrp_garp_master_refresh 60',
    ]),
    ...watched,
    ...block('vrrp_instance provisioning', [
      'state BACKUP',
      `interface ${given.interface}`,
      `virtual_router_id ${given.group}`,
      `priority ${given.priority}`,
      `advert_int ${given.intervalSeconds}`,
      ...(given.preempt ? [] : ['nopreempt']),
      `unicast_src_ip ${place.address}`,
      ...block('unicast_peer', [...peers].filter(peer => peer !== place.address).sort()),
      ...block('virtual_ipaddress', addresses),
      ...(watch === undefined ? [] : block('track_script', ['watched'])),
    ]),
  ].join('\n')}\n`;
}

/** keepalived: an address that moves to a living server. */
export const keepalived = service({
  name: 'keepalived',
  categories: ['ingress', 'networking'],
  summary: 'keepalived, which moves an address to a server that lives.',
  source: 'debian',
  version: null,
  holdsData: false,
  fields,
  // VRRP is a protocol of its own (112), without ports.
  ports: () => [],
  endpoint: ({ addresses }) => addresses[0]?.split('/')[0] ?? null,
  want: (given, place, version) => [
    debian('keepalived', version),
    {
      is: 'file',
      path: CONFIG,
      text: configText(given, place),
      mode: 0o600,
      check: ['keepalived', '--config-test', '--use-file', '{}'],
    },
    { is: 'daemon', unit: 'keepalived.service', restartOn: [CONFIG] },
    ...given.addresses.map(address => ({
      is: 'verify' as const,
      title: `${address.split('/')[0]} is held by one of the servers`,
      run: ['ping', '-c', '1', '-W', '2', address.split('/')[0] ?? address],
      withinSeconds: 30,
    })),
  ],
});
