import { randomBytes } from 'node:crypto';
import { withSubnetLabels } from '../../../providers/hetzner/labels.ts';
import type { KindName } from '../../../schemas/name.ts';
import type { Spec } from '../../../schemas/resource.ts';
import type { FakeHetzner } from '../../fakes/hetzner/cloud.ts';
import { fingerprintOf } from '../../fakes/hetzner/keys.ts';

interface Wish {
  readonly kind: KindName;
  readonly name: string;
  readonly spec: Spec;
  readonly labels: { readonly [key: string]: string };
}

/** Makes an object as a person would who never heard of us, and returns its id. */
export function foreignObject(cloud: FakeHetzner, nowMs: number, wish: Wish): string {
  const { token, actionMs } = cloud.settings;
  // By hand nothing takes time.
  cloud.configure({ actionMs: 0 });
  const headers = { authorization: `Bearer ${token}` };
  const send = (method: string, path: string, body: object): { readonly [member: string]: { readonly id: number } } => {
    const answer = cloud.handle({ method, path: `/v1${path}`, headers, body: JSON.stringify(body) }, nowMs);
    if (answer.status >= 300) throw new Error(answer.body);
    return JSON.parse(answer.body);
  };
  const id = made(cloud, wish, send);
  cloud.configure({ actionMs });
  return id;
}

type Send = (method: string, path: string, body: object) => { readonly [member: string]: { readonly id: number } };

function made(cloud: FakeHetzner, wish: Wish, send: Send): string {
  const { kind, name, spec, labels } = wish;
  if (kind === 'subnet') return madeSubnet(cloud, wish, send);
  const zone = kind === 'network' && typeof spec['zone'] === 'string' ? { 'provisioning/zone': spec['zone'] } : {};
  const member = kind.replaceAll('-', '_');
  const told = send('POST', `/${member}s`, { name, labels: { ...labels, ...zone }, ...bodyOf(cloud, wish) });
  return String(told[member]?.id);
}

function madeSubnet({ state }: FakeHetzner, { name, spec, labels }: Wish, send: Send): string {
  const network = String(spec['network']);
  const range = String(spec['ipRange']);
  send('POST', `/networks/${network}/actions/add_subnet`, {
    type: 'cloud',
    ip_range: range,
    network_zone: 'eu-central',
  });
  const zone = typeof spec['zone'] === 'string' ? { 'provisioning/zone': spec['zone'] } : {};
  const inner = { ...labels, ...zone, 'provisioning/name': name };
  const all = withSubnetLabels(state.networks[network]?.labels ?? {}, range, inner);
  send('PUT', `/networks/${network}`, { labels: all });
  return `${network}-${range}`;
}

/** The key that was asked for, or another one when the project has it already: keys are there only once. */
function keyFor({ state }: FakeHetzner, spec: Spec): string {
  const key = String(spec['publicKey']);
  const isTaken = Object.values(state.ssh_keys).some(one => one['fingerprint'] === fingerprintOf(key));
  return isTaken ? `ssh-ed25519 ${randomBytes(51).toString('base64')}` : key;
}

const SERVICE = {
  protocol: 'http',
  listen_port: 80,
  destination_port: 8080,
  proxyprotocol: false,
  health_check: {
    protocol: 'http',
    port: 8080,
    interval: 15,
    timeout: 10,
    retries: 3,
    http: { domain: '', path: '/up' },
  },
};

/** The body that a creation of this spec has, besides name and labels. */
function bodyOf(cloud: FakeHetzner, { kind, spec }: Wish): object {
  const ids = (field: string): number[] => ((spec[field] ?? []) as string[]).map(Number);
  const server = spec['server'] === undefined ? undefined : { server: Number(spec['server']) };
  const network = typeof spec['subnet'] === 'string' ? Number(spec['subnet'].split('-')[0]) : undefined;
  switch (kind) {
    case 'ssh-key':
      return { public_key: keyFor(cloud, spec) };
    case 'placement-group':
      return { type: 'spread' };
    case 'network':
      return { ip_range: spec['ipRange'] };
    case 'firewall':
      return { rules: [{ direction: 'in', protocol: 'tcp', port: '22', source_ips: ['10.0.0.0/8'] }] };
    case 'volume':
      return { size: spec['sizeGib'], format: spec['format'], ...(server ?? { location: spec['zone'] }) };
    case 'floating-ip':
      return { type: spec['version'], ...(server ?? { home_location: spec['zone'] }) };
    case 'load-balancer':
      return {
        load_balancer_type: spec['size'],
        algorithm: { type: 'round_robin' },
        location: spec['zone'],
        services: [SERVICE],
        targets: ids('targets').map(id => ({ type: 'server', server: { id }, use_private_ip: network !== undefined })),
        ...(network === undefined ? {} : { network }),
      };
    default:
      return {
        server_type: spec['size'],
        image: spec['image'],
        location: spec['zone'],
        ssh_keys: ids('sshKeys'),
        firewalls: ids('firewalls').map(firewall => ({ firewall })),
        ...(network === undefined ? {} : { networks: [network] }),
        ...(spec['placementGroup'] === undefined ? {} : { placement_group: Number(spec['placementGroup']) }),
      };
  }
}
