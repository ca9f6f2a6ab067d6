import { z } from 'zod';
import type { HostItem } from '../../schemas/taskserv.ts';
import { debian, doorOfHost, label, port, range } from '../host/fields.ts';
import { heading, ini, type Settings } from '../host/render.ts';
import { service } from '../host/service.ts';

/** A key as `wg genkey` writes it, or the stand-in for one. */
const KEY = /^(?:[A-Za-z0-9+/]{43}=|[a-z0-9-]{8,64})$/;
const secretKey = (what: string) =>
  z.string().regex(KEY, 'is a key as wg genkey writes it').meta({ secret: true, description: what });

const peer = z.strictObject({
  publicKey: z.string().regex(KEY, 'is a key as wg pubkey writes it').describe('Public key of the peer.'),
  sharedKey: secretKey('Further secret that both know, as `wg genpsk` writes it.').optional(),
  door: doorOfHost.optional().describe('Host and port where it is reached. Default: it calls.'),
  ranges: z.array(range).min(1).max(200).describe('Addresses behind it.'),
  keepaliveSeconds: z
    .int()
    .min(0)
    .max(3600)
    .default(0)
    .describe('Seconds after which something is sent so that firewalls remember. Default: 0 (never).'),
});

const fields = () =>
  z.strictObject({
    interface: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,14}$/, 'is the name of an interface')
      .default('wg0')
      .describe('Name of the tunnel. Default: wg0.'),
    addresses: z
      .array(range)
      .min(1)
      .max(8)
      .describe('Addresses of this server inside the tunnel, such as 10.99.0.1/24.'),
    privateKey: secretKey('Private key of this server, as `wg genkey` writes it.'),
    port: port.default(51_820).describe('UDP port. Default: 51820.'),
    peers: z.record(label, peer).describe('The others, by name.'),
    mtu: z.int().min(576).max(9000).optional().describe('Longest packet. Default: found out.'),
    userspace: z
      .boolean()
      .default(false)
      .describe('Whether a program stands in for a kernel without WireGuard (wireguard-go). Slower. Default: false.'),
  });

type Fields = z.output<ReturnType<typeof fields>>;

function configText(given: Fields): string {
  const own: Settings = {
    Address: given.addresses.join(', '),
    PrivateKey: given.privateKey,
    ListenPort: given.port,
    MTU: given.mtu,
  };
  const peers = Object.entries(given.peers).map(([name, one]) => {
    const settings: Settings = {
      PublicKey: one.publicKey,
      PresharedKey: one.sharedKey,
      Endpoint: one.door,
      AllowedIPs: one.ranges.join(', '),
      PersistentKeepalive: one.keepaliveSeconds === 0 ? undefined : one.keepaliveSeconds,
    };
    return `# ${name}\n${ini({ Peer: settings })}`;
  });
  return [heading() + ini({ Interface: own }), ...peers].join('\n');
}

/** WireGuard: an encrypted tunnel between servers. */
export const wireguard = service({
  name: 'wireguard',
  categories: ['vpn-and-ledger', 'networking'],
  summary: 'WireGuard, an encrypted tunnel between servers.',
  source: 'debian',
  version: null,
  holdsData: false,
  isRisky: true,
  fields,
  ports: given => [{ port: given.port, protocol: 'udp', reach: 'public', purpose: 'tunnel' }],
  endpoint: given => given.addresses[0]?.split('/')[0] ?? null,
  want(given, _place, version): readonly HostItem[] {
    const config = `/etc/wireguard/${given.interface}.conf`;
    return [
      debian('wireguard-tools', version),
      debian('iproute2'),
      ...(given.userspace ? [debian('wireguard-go')] : []),
      { is: 'file', path: config, text: configText(given), mode: 0o600 },
      { is: 'daemon', unit: `wg-quick@${given.interface}.service`, restartOn: [config] },
      {
        is: 'verify',
        title: `${given.interface} knows its peers`,
        run: ['wg', 'show', given.interface, 'peers'],
        expect:
          Object.values(given.peers).map(one => `^${one.publicKey.replaceAll(/[+/=]/g, found => `\\${found}`)}$`)[0] ??
          '',
      },
    ];
  },
});
