import type { FakeUpcloud } from '../../fakes/upcloud/cloud.ts';
import type { KindName } from '../../../schemas/name.ts';
import type { Spec } from '../../../schemas/resource.ts';

interface Wish {
  readonly kind: KindName;
  readonly name: string;
  readonly spec: Spec;
  readonly labels: { readonly [key: string]: string };
}

interface Named {
  readonly uuid?: string;
  readonly address?: string;
}

/** Makes an object as a person would who never heard of us, and returns its id. */
export function foreignObject(cloud: FakeUpcloud, nowMs: number, wish: Wish): string {
  const [path, body] = bodyOf(wish);
  const { token, actionMs } = cloud.settings;
  // By hand nothing takes time, and nobody counts the requests.
  cloud.configure({ actionMs: 0 });
  const headers = { authorization: `Bearer ${token}` };
  const answer = cloud.handle({ method: 'POST', path: `/1.3${path}`, headers, body: JSON.stringify(body) }, nowMs);
  cloud.configure({ actionMs });
  if (answer.status >= 300) throw new Error(answer.body);
  cloud.settle(nowMs);
  const reply = JSON.parse(answer.body) as Named & { readonly [wrapper: string]: unknown };
  const [inner] = Object.values(reply) as Named[];
  const id = reply.uuid ?? inner?.uuid ?? inner?.address ?? '';
  if (wish.kind === 'volume' && typeof wish.spec['server'] === 'string') {
    const attach = { storage_device: { type: 'disk', address: 'virtio', storage: id } };
    const attachPath = `/1.3/server/${wish.spec['server']}/storage/attach`;
    cloud.handle({ method: 'POST', path: attachPath, headers, body: JSON.stringify(attach) }, nowMs);
  }
  return id;
}

function bodyOf({ kind, name, spec, labels: map }: Wish): readonly [string, object] {
  const labels = Object.entries(map).map(([key, value]) => ({ key, value }));
  const zone = spec['zone'] ?? 'fi-hel1';
  switch (kind) {
    case 'network':
      return ['/router', { router: { name, labels } }];
    case 'subnet': {
      const ip_network = [{ address: spec['ipRange'], family: 'IPv4', dhcp: 'yes' }];
      return ['/network/', { network: { name, zone, labels, router: spec['network'], ip_networks: { ip_network } } }];
    }
    case 'placement-group':
      return ['/server-group', { server_group: { title: name, anti_affinity: 'strict', labels: { label: labels } } }];
    case 'volume':
      return ['/storage', { storage: { title: name, zone, size: String(spec['sizeGib']), tier: 'maxiops', labels } }];
    case 'floating-ip':
      return ['/ip_address', { ip_address: { family: 'IPv4', floating: 'yes', zone } }];
    case 'server':
      return ['/server', serverBody(name, spec, labels)];
    case 'load-balancer':
      return [
        '/load-balancer',
        {
          name,
          plan: spec['size'],
          zone,
          labels,
          networks: [{ name: 'public', type: 'public', family: 'IPv4' }],
          frontends: [],
          backends: [],
          resolvers: [],
        },
      ];
    default:
      throw new TypeError(`nobody makes a ${kind} by hand`);
  }
}

function serverBody(name: string, spec: Spec, labels: readonly object[]): object {
  const ip_addresses = { ip_address: [{ family: 'IPv4' }] };
  const subnet = spec['subnet'];
  return {
    server: {
      title: name,
      hostname: name,
      zone: spec['zone'],
      plan: spec['size'],
      metadata: 'yes',
      labels: { label: labels },
      storage_devices: {
        storage_device: [
          { action: 'clone', storage: '01000000-0000-4000-8000-000020070100', title: `${name} disk`, size: 50 },
        ],
      },
      networking: {
        interfaces: {
          interface: [
            { type: 'public', ip_addresses },
            ...(subnet === undefined ? [] : [{ type: 'private', network: subnet, ip_addresses }]),
          ],
        },
      },
    },
  };
}
