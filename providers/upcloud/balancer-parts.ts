import { isObject, type Json } from '../../schemas/json.ts';
import type { CallContext } from '../../schemas/provider.ts';
import type { Spec } from '../../schemas/resource.ts';
import { assertOffered } from '../transport/fault.ts';
import type { Labels } from '../transport/labels.ts';
import type { Account } from './account.ts';
import { fault } from './faults.ts';
import { textOf, textsOf } from './fields.ts';
import type { Goal } from './goal.ts';
import type { Move, Step } from './kind.ts';
import { MEMO } from './labels.ts';
import { serverDetail } from './power.ts';
import { type Backend, type Balancer, type Frontend, PartReply, type ServerDetail } from './replies.ts';
import { REFUSALS } from './refusals.ts';

/** One service of a load balancer; an unknown field of the spec cannot get here. */
interface Service {
  readonly protocol: string;
  readonly listenPort: number;
  readonly targetPort: number;
  readonly healthPath?: string;
}

/** A server behind a load balancer. UpCloud knows its address only, so that its id is its name there. */
interface Member {
  readonly name: string;
  readonly ip: string;
}

const MEMBER = 'server-';

function frontendName(service: Service): string {
  return `listen-${service.listenPort}`;
}

/** The port of the servers is in the name, so that it is known without any server. */
function backendName(service: Service): string {
  return `listen-${service.listenPort}-to-${service.targetPort}`;
}

/** What UpCloud has no word for is refused before anything is made. */
export function refuseUnknown(spec: Spec, what: string): void {
  assertOffered(REFUSALS['load-balancer'](spec), what);
}

function servicesIn(spec: Spec): readonly Service[] {
  const services = spec['services'];
  return Array.isArray(services) ? services.filter(isObject).map(one => one as unknown as Service) : [];
}

export function frontendOf(service: Json): object {
  const one = service as unknown as Service;
  return { name: frontendName(one), mode: one.protocol, port: one.listenPort, default_backend: backendName(one) };
}

export function backendOf(service: Json, members: readonly Member[]): object {
  const one = service as unknown as Service;
  const health =
    one.healthPath === undefined
      ? { health_check_type: 'tcp' }
      : { health_check_type: 'http', health_check_url: one.healthPath };
  return {
    name: backendName(one),
    members: members.map(member => memberOf(member, one.targetPort)),
    properties: health,
  };
}

function memberOf(member: Member, port: number): object {
  return { ...member, type: 'static', port, weight: 100, max_sessions: 1_000, enabled: true };
}

/** The servers with the addresses at which a load balancer reaches them. */
export async function membersFor(
  ctx: CallContext,
  account: Account,
  place: { readonly targets: readonly string[]; readonly subnet: string | undefined },
): Promise<readonly Member[]> {
  return Promise.all(
    place.targets.map(async id => {
      const server = await serverDetail(ctx, account, id);
      const ip = server === null ? undefined : addressIn(server, place.subnet);
      if (ip !== undefined) return { name: `${MEMBER}${id}`, ip };
      const why = server === null ? 'a target does not exist' : 'a target has no address in its subnet';
      throw fault('invalid-input', 'target_unreachable', 'set targets of load-balancer', { why });
    }),
  );
}

function addressIn(server: ServerDetail, subnet: string | undefined): string | undefined {
  const nics = server.networking.interfaces.interface;
  const right = nics.find(nic => (subnet === undefined ? nic.type === 'public' : nic.network === subnet));
  return right?.ip_addresses.ip_address[0]?.address;
}

/** Services and targets as they are. A target counts when all services have it. */
export function servicesOf(
  balancer: Balancer,
  labels: Labels,
): { readonly services: readonly Json[]; readonly targets: readonly string[] } {
  const order = (labels[MEMO.ports] ?? '').split('.').map(Number);
  const rank = ({ port }: Frontend): number => (order.includes(port) ? order.indexOf(port) : order.length + port);
  const backends = new Map(balancer.backends.map(backend => [backend.name, backend]));
  const frontends = [...balancer.frontends].sort((a, b) => rank(a) - rank(b));
  const services = frontends.map(frontend => serviceOf(frontend, backends.get(frontend.default_backend)));
  const [first, ...others] = balancer.backends.map(backend => backend.members.map(member => idOf(member.name)));
  const targets = (first ?? []).filter(id => others.every(ids => ids.includes(id))).sort();
  return { services, targets };
}

function idOf(member: string): string {
  return member.startsWith(MEMBER) ? member.slice(MEMBER.length) : member;
}

function serviceOf(frontend: Frontend, backend: Backend | undefined): Json {
  const named = Number(/-to-(\d+)$/.exec(frontend.default_backend)?.[1] ?? 0);
  const { health_check_type: type, health_check_url: url } = backend?.properties ?? {};
  return {
    protocol: frontend.mode,
    listenPort: frontend.port,
    targetPort: named === 0 ? (backend?.members[0]?.port ?? 0) : named,
    ...(type === 'http' && url !== undefined ? { healthPath: url } : {}),
  };
}

/**
 * The next request that changes a service or a target: what is wrong goes first, because a frontend holds its backend
 * and a port can be listened to only once.
 */
export async function partsMove(ctx: CallContext, account: Account, balancer: Balancer, goal: Goal): Promise<Move> {
  if (!goal.fields.includes('services') && !goal.fields.includes('targets')) return null;
  refuseUnknown(goal.spec, 'update load-balancer');
  const path = `/load-balancer/${balancer.uuid}`;
  const wanted = servicesIn(goal.spec);
  const wrong = wrongPart(balancer, wanted, path);
  if (wrong !== null) return wrong;
  const targets = textsOf(goal.spec, 'targets');
  const isComplete = wanted.every(service => {
    const backend = balancer.backends.find(one => one.name === backendName(service));
    return backend !== undefined && targets.every(id => backend.members.some(member => idOf(member.name) === id));
  });
  const subnet = textOf(goal.spec, 'subnet');
  const members = isComplete ? [] : await membersFor(ctx, account, { targets, subnet });
  for (const service of wanted) {
    const step = missingPart(balancer, service, { members, targets, path });
    if (step !== null) return step;
  }
  return null;
}

function wrongPart(balancer: Balancer, wanted: readonly Service[], path: string): Step | null {
  const frontend = balancer.frontends.find(one => !wanted.some(service => isFrontend(one, service)));
  if (frontend !== undefined) return { method: 'DELETE', path: `${path}/frontends/${frontend.name}`, reply: null };
  const backend = balancer.backends.find(one => !wanted.some(service => isBackend(one, service)));
  if (backend === undefined) return null;
  const user = balancer.frontends.find(one => one.default_backend === backend.name);
  // A backend that only checks health wrongly is still in use: its frontend is made anew after it.
  if (user !== undefined) return { method: 'DELETE', path: `${path}/frontends/${user.name}`, reply: null };
  return { method: 'DELETE', path: `${path}/backends/${backend.name}`, reply: null };
}

function isFrontend(frontend: Frontend, service: Service): boolean {
  return (
    frontend.name === frontendName(service) &&
    frontend.port === service.listenPort &&
    frontend.mode === service.protocol &&
    frontend.default_backend === backendName(service)
  );
}

function isBackend(backend: Backend, service: Service): boolean {
  const { health_check_type: type, health_check_url: url } = backend.properties;
  const isHealthy = service.healthPath === undefined ? type !== 'http' : type === 'http' && url === service.healthPath;
  return backend.name === backendName(service) && isHealthy;
}

function missingPart(
  balancer: Balancer,
  service: Service,
  place: { readonly members: readonly Member[]; readonly targets: readonly string[]; readonly path: string },
): Step | null {
  const { members, targets, path } = place;
  const backend = balancer.backends.find(one => one.name === backendName(service));
  const post = (list: string, body: object): Step => ({
    method: 'POST',
    path: `${path}/${list}`,
    body,
    reply: PartReply,
  });
  if (backend === undefined) return post('backends', backendOf(service as unknown as Json, members));
  const extra = backend.members.find(member => !targets.includes(idOf(member.name)));
  const list = `backends/${backend.name}/members`;
  if (extra !== undefined) return { method: 'DELETE', path: `${path}/${list}/${extra.name}`, reply: null };
  const missing = members.find(member => !backend.members.some(one => one.name === member.name));
  if (missing !== undefined) return post(list, memberOf(missing, service.targetPort));
  const isListening = balancer.frontends.some(one => isFrontend(one, service));
  return isListening ? null : post('frontends', frontendOf(service as unknown as Json));
}
