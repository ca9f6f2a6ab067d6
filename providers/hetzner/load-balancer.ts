import { isObject, type Json, type JsonObject, sameJson } from '../../schemas/json.ts';
import type { Spec } from '../../schemas/resource.ts';
import type { Goal } from '../course/goal.ts';
import type { Move } from '../course/sight.ts';
import { assertOffered } from '../transport/fault.ts';
import type { Account } from './account.ts';
import { type Definition, refId, step } from './kind.ts';
import { MEMO } from './labels.ts';
import { splitSubnetId, subnetId } from './ranges.ts';
import { LoadBalancer, type Service } from './replies.ts';
import { REFUSALS } from './refusals.ts';

/** The smallest one, where nobody said which. */
const DEFAULT_TYPE = 'lb11';

/** How often in seconds a target is asked, how long it may take, and how often it may fail. */
const CHECK = { interval: 15, timeout: 10, retries: 3 };

export const loadBalancer: Definition<LoadBalancer> = {
  kind: 'load-balancer',
  collection: 'load_balancers',
  member: 'load_balancer',
  reply: LoadBalancer,
  pollMs: 1_000,
  hasProtection: true,
  show(_ctx, _account, object) {
    const [inner] = object.private_net;
    const range = object.labels[MEMO.subnet]?.replace(/-(\d+)$/, '/$1');
    return {
      spec: {
        size: object.load_balancer_type.name,
        zone: object.location.name,
        ...(inner === undefined || range === undefined ? {} : { subnet: subnetId(inner.network, range) }),
        algorithm: object.algorithm.type.replaceAll('_', '-'),
        services: inOrder(object.services, object.labels[MEMO.ports]).map(fromService),
        targets: serversOf(object).map(String).sort(),
      },
      outputs: { publicIp: object.public_net.ipv4.ip ?? null, privateIp: inner?.ip ?? null },
      attached: object.targets.length > 0,
    };
  },
  body(_ctx, _account, { spec }) {
    const what = 'create load-balancer';
    const subnet = subnetOf(spec, what);
    return {
      body: {
        load_balancer_type: spec['size'] ?? DEFAULT_TYPE,
        ...(spec['zone'] === undefined ? { network_zone: 'eu-central' } : { location: spec['zone'] }),
        algorithm: { type: algorithmOf(spec) },
        ...(subnet === undefined ? {} : { network: subnet.network }),
        services: services(spec).map(one => toService(one, what)),
        targets: targetsOf(spec, what).map(id => target(id, subnet !== undefined)),
      },
      memo: {
        ...(subnet === undefined ? {} : { [MEMO.subnet]: subnet.range.replace('/', '-') }),
        ...portsOf(spec),
      },
    };
  },
  next: (_ctx, account, object, goal) => next(account, object, goal),
  memo: goal => (goal.fields.includes('services') ? portsOf(goal.spec) : {}),
};

/** Ports that fit into one label. */
const MOST_PORTS = 10;

/** The order in which services were written, which Hetzner does not promise to keep. */
function portsOf(spec: Spec): { readonly [key: string]: string } {
  const ports = services(spec).map(service => String(service['listenPort']));
  return { [MEMO.ports]: ports.slice(0, MOST_PORTS).join('.') };
}

function inOrder(found: readonly Service[], ports: string | undefined): readonly Service[] {
  const order = ports?.split('.') ?? [];
  const place = ({ listen_port: port }: Service): number => order.indexOf(String(port)) + 1 || order.length + 1;
  return found.toSorted((a, b) => place(a) - place(b));
}

function algorithmOf(spec: Spec): string {
  return String(spec['algorithm'] ?? 'round-robin').replaceAll('-', '_');
}

function subnetOf(spec: Spec, what: string): { readonly network: number; readonly range: string } | undefined {
  const subnet = spec['subnet'];
  if (subnet === undefined || subnet === null) return undefined;
  return splitSubnetId(String(subnet)) ?? { network: refId(subnet, what), range: '' };
}

function services(spec: Spec): readonly JsonObject[] {
  return ((spec['services'] ?? []) as Json[]).filter(isObject) as JsonObject[];
}

function targetsOf(spec: Spec, what: string): readonly number[] {
  return ((spec['targets'] ?? []) as string[]).map(id => refId(id, what));
}

function serversOf(object: LoadBalancer): readonly number[] {
  return object.targets.flatMap(one => (one.server === undefined ? [] : [one.server.id]));
}

function target(id: number, isPrivate: boolean): JsonObject {
  return { type: 'server', server: { id }, use_private_ip: isPrivate };
}

function toService(service: JsonObject, what: string): JsonObject {
  const { protocol, listenPort, targetPort, healthPath } = service;
  assertOffered(REFUSALS['load-balancer']({ services: [service] }), what);
  const path = typeof healthPath === 'string' ? healthPath : undefined;
  return {
    protocol: String(protocol),
    listen_port: Number(listenPort),
    destination_port: Number(targetPort),
    proxyprotocol: false,
    health_check: {
      protocol: path === undefined ? 'tcp' : 'http',
      port: Number(targetPort),
      ...CHECK,
      ...(path === undefined ? {} : { http: { domain: '', path, status_codes: ['2??', '3??'], tls: false } }),
    },
  };
}

function fromService(service: Service): JsonObject {
  const { protocol, listen_port: listenPort, destination_port: targetPort, health_check: check } = service;
  const healthPath = check.protocol === 'http' ? check.http?.path : undefined;
  return { protocol, listenPort, targetPort, ...(healthPath === undefined ? {} : { healthPath }) };
}

interface At {
  readonly account: Account;
  readonly object: LoadBalancer;
  readonly what: string;
}

function action({ account, object, what }: At, name: string, body: object): Move {
  return step(account, { method: 'POST', path: `/load_balancers/${object.id}/actions/${name}`, body, what });
}

/** One difference after the other; of the services, what is too much goes first, because a port can be used once. */
function next(account: Account, object: LoadBalancer, goal: Goal): Move {
  const at: At = { account, object, what: `${goal.verb} load-balancer` };
  const asks = (field: string): boolean => goal.fields.includes(field);
  const size = goal.spec['size'] ?? DEFAULT_TYPE;
  if (asks('size') && size !== object.load_balancer_type.name)
    return action(at, 'change_type', { load_balancer_type: size });
  const algorithm = algorithmOf(goal.spec);
  if (asks('algorithm') && algorithm !== object.algorithm.type)
    return action(at, 'change_algorithm', { type: algorithm });
  return (asks('services') ? serviceMove(at, goal) : null) ?? (asks('targets') ? targetMove(at, goal) : null);
}

function serviceMove(at: At, goal: Goal): Move {
  const wanted = new Map(services(goal.spec).map(service => [Number(service['listenPort']), service]));
  const present = new Map(at.object.services.map(service => [service.listen_port, service]));
  const extra = [...present.keys()].find(port => !wanted.has(port));
  if (extra !== undefined) return action(at, 'delete_service', { listen_port: extra });
  for (const [port, service] of wanted) {
    const found = present.get(port);
    if (found === undefined) return action(at, 'add_service', toService(service, at.what));
    if (!sameJson(fromService(found), service)) return action(at, 'update_service', toService(service, at.what));
  }
  return null;
}

function targetMove(at: At, goal: Goal): Move {
  const wanted = targetsOf(goal.spec, at.what);
  const present = serversOf(at.object);
  const extra = present.find(id => !wanted.includes(id));
  if (extra !== undefined) return action(at, 'remove_target', { type: 'server', server: { id: extra } });
  const missing = wanted.find(id => !present.includes(id));
  const isPrivate = at.object.private_net.length > 0;
  return missing === undefined ? null : action(at, 'add_target', target(missing, isPrivate));
}
