import type { Json, JsonObject } from '../../../schemas/json.ts';
import { type Answer, type Balancer, FOREVER, PREFIX, Refusal, type Turn, newUuid } from './model.ts';
import { BALANCER_PLANS } from './seeds.ts';

type Body = { [field: string]: Json };

function invalid(name: string, reason: string): Refusal {
  return new Refusal(400, 'INVALID_REQUEST', 'Validation error.', { isProblem: true, invalid: [{ name, reason }] });
}

function missing(what: string): Refusal {
  return new Refusal(404, 'RESOURCE_NOT_FOUND', `${what} not found.`, { isProblem: true });
}

function stamp(turn: Turn): string {
  return new Date(turn.now).toISOString().replace('Z', '000Z');
}

/** What a body gets that did not say it, by the list that it stands in. */
const DEFAULTS: { readonly [list: string]: Body } = {
  frontends: { networks: [], properties: {}, rules: [], tls_configs: [] },
  backends: { members: [], properties: {}, resolver: '', tls_configs: [] },
  members: {},
  rules: {},
  tls_configs: {},
  resolvers: {},
  networks: {},
};
const PROPERTIES: { readonly [list: string]: Body } = {
  frontends: { timeout_client: 10, inbound_proxy_protocol: false, http2_enabled: false },
  backends: {
    health_check_expected_status: 200,
    health_check_fall: 3,
    health_check_interval: 10,
    health_check_on_down: '',
    health_check_rise: 3,
    health_check_tls_verify: false,
    health_check_type: 'tcp',
    health_check_url: '/',
    http2_enabled: false,
    outbound_proxy_protocol: '',
    sticky_session_cookie_attributes: null,
    sticky_session_cookie_name: '',
    timeout_server: 10,
    timeout_tunnel: 3_600,
    tls_enabled: false,
    tls_use_system_ca: false,
    tls_verify: false,
  },
};
/** Lists within the items of a list. */
const CHILDREN: { readonly [list: string]: readonly string[] } = {
  frontends: ['rules', 'tls_configs'],
  backends: ['members', 'tls_configs'],
};

function items(body: Body, list: string): Body[] {
  return (body[list] ?? []) as unknown as Body[];
}

/** An item of a list as it is kept, from what was sent. */
function made(turn: Turn, list: string, sent: Body, balancer: Body): Body {
  if (typeof sent['name'] !== 'string' || !/^[a-zA-Z0-9_-]{1,255}$/.test(sent['name']))
    throw invalid('name', 'Must be a name.');
  const at = stamp(turn);
  const body: Body = { ...structuredClone(DEFAULTS[list] ?? {}), ...sent, created_at: at, updated_at: at };
  if (PROPERTIES[list] !== undefined) body['properties'] = { ...PROPERTIES[list], ...(body['properties'] as Body) };
  if (list === 'frontends' && items(body, 'networks').length === 0) {
    const open = items(balancer, 'networks').find(network => network['type'] === 'public');
    body['networks'] = open === undefined ? [] : [{ name: open['name'] ?? '' }];
  }
  if (list === 'frontends' && !items(balancer, 'backends').some(one => one['name'] === body['default_backend']))
    throw invalid('default_backend', 'There is no such backend.');
  if (list === 'rules')
    body['matchers'] = items(body, 'matchers').map(matcher => ({ inverse: false, ...matcher })) as unknown as Json;
  for (const inner of CHILDREN[list] ?? [])
    body[inner] = items(body, inner).map(one => made(turn, inner, one, balancer));
  checkHttp2(body);
  return body;
}

function checkHttp2(body: Body): void {
  const properties = (body['properties'] ?? {}) as Body;
  if (properties['http2_enabled'] === true && items(body, 'tls_configs').length === 0 && 'rules' in body)
    throw invalid(
      'frontends.0.properties.http2_enabled',
      'At least one certificate bundle must be attached to enable HTTP/2.',
    );
}

function networksOf(turn: Turn, uuid: string, sent: Body): Body[] {
  const at = stamp(turn);
  const named = items(sent, 'networks');
  const old = [
    { name: 'public-IPv4', type: 'public', family: 'IPv4' },
    { name: 'private-IPv4', type: 'private', family: 'IPv4', uuid: sent['network_uuid'] },
  ];
  return ((named.length > 0 ? named : old) as Body[]).map((network, index) => {
    if (network['type'] === 'private' && turn.state.networks[String(network['uuid'])] === undefined)
      throw invalid(`networks.${index}.uuid`, 'There is no such network.');
    return {
      ...network,
      created_at: at,
      dns_name: `lb-${uuid.replaceAll('-', '')}-${index + 1}.upcloudlb.com`,
      updated_at: at,
    };
  });
}

function view({ body, state }: Balancer): JsonObject {
  const running = state !== 'pending' && state !== 'setup-server';
  const nodes =
    state === 'pending'
      ? []
      : [{ networks: running ? nodeNetworks(body) : [], operational_state: running ? 'running' : 'pending' }];
  return { ...body, nodes: nodes as unknown as Json, operational_state: state };
}

/** The addresses of the only machine of a load balancer. */
function nodeNetworks(body: Body): Json {
  const tail = Number.parseInt(String(body['uuid']).slice(-4), 16) % 250;
  return items(body, 'networks').map(network => ({
    ip_addresses: [
      { address: network['type'] === 'public' ? `94.237.200.${tail}` : `172.16.200.${tail}`, listen: true },
    ],
    name: network['name'] ?? '',
    type: network['type'] ?? '',
  })) as unknown as Json;
}

function balancerOf(turn: Turn): Balancer {
  const found = turn.state.balancers[turn.args[0] ?? ''];
  if (found === undefined) throw missing('Service');
  return found;
}

function labelsIn(sent: Body): Body[] {
  return items(sent, 'labels').sort((a, b) => (String(a['key']) < String(b['key']) ? -1 : 1));
}

function shown(balancer: Balancer, status: number): Answer {
  return { status, id: balancer.uuid, body: view(balancer) };
}

export function paged(turn: Turn, all: readonly Json[]): Answer {
  const limit = Number(turn.query.get('limit') ?? 100);
  const offset = Number(turn.query.get('offset') ?? 0);
  return {
    status: 200,
    body: all.slice(offset, offset + Math.min(limit, 100)),
  };
}

export function listBalancers(turn: Turn): Answer {
  const wanted = turn.query.getAll('label');
  const all = Object.values(turn.state.balancers).filter(({ body }) =>
    wanted.every(text => {
      const at = text.indexOf('=');
      const key = at < 0 ? text : text.slice(0, at);
      return items(body, 'labels').some(one => one['key'] === key && (at < 0 || one['value'] === text.slice(at + 1)));
    }),
  );
  return paged(turn, all.map(view));
}

export function getBalancer(turn: Turn): Answer {
  return shown(balancerOf(turn), 200);
}

export function listBalancerPlans(turn: Turn): Answer {
  // Of all lists only this one was ever seen to tell its whole length.
  const headers = { 'upcloud-total-count': String(BALANCER_PLANS.length) };
  return { ...paged(turn, BALANCER_PLANS), headers };
}

export function createBalancer(turn: Turn): Answer {
  const sent = turn.body as Body;
  const used = Object.keys(turn.state.balancers).length;
  if (used >= (turn.settings.limits['load_balancers'] ?? used + 1))
    throw new Refusal(403, 'LOAD_BALANCER_LIMIT_REACHED', 'The limit is reached.', { isProblem: true });
  if (!BALANCER_PLANS.some(plan => plan['name'] === sent['plan'])) throw invalid('plan', 'There is no such plan.');
  if (typeof sent['name'] !== 'string') throw invalid('name', 'Must be a name.');
  const uuid = newUuid(turn.state, PREFIX.balancer);
  const at = stamp(turn);
  const networks = networksOf(turn, uuid, sent);
  const body: Body = {
    configured_status: 'started',
    ip_addresses: [],
    maintenance_dow: 'sunday',
    maintenance_time: '03:55:54Z',
    ...sent,
    created_at: at,
    dns_name: networks[0]?.['dns_name'] ?? '',
    labels: labelsIn(sent),
    networks,
    updated_at: at,
    uuid,
  };
  for (const list of ['resolvers', 'backends', 'frontends'])
    body[list] = items(sent, list).map(one => made(turn, list, one, body));
  const balancer: Balancer = { uuid, body, state: 'pending', next: null };
  later(turn, balancer, 'running');
  turn.state.balancers[uuid] = balancer;
  return shown(balancer, 201);
}

function later(turn: Turn, balancer: Balancer, state: string): void {
  const at = turn.bend.stuck === true ? FOREVER : turn.now + turn.settings.actionMs;
  balancer.next = { state, at };
}

function touch(turn: Turn, balancer: Balancer): void {
  balancer.body['updated_at'] = stamp(turn);
  if (balancer.state === 'running') balancer.state = 'pending';
  later(turn, balancer, 'running');
}

export function modifyBalancer(turn: Turn): Answer {
  const balancer = balancerOf(turn);
  const sent = turn.body as Body;
  if (sent['plan'] !== undefined && !BALANCER_PLANS.some(plan => plan['name'] === sent['plan']))
    throw invalid('plan', 'There is no such plan.');
  for (const field of ['name', 'plan', 'configured_status', 'maintenance_dow', 'maintenance_time'])
    if (sent[field] !== undefined) balancer.body[field] = sent[field];
  if (sent['labels'] !== undefined) balancer.body['labels'] = labelsIn(sent);
  for (const list of ['resolvers', 'backends', 'frontends'])
    if (sent[list] !== undefined)
      balancer.body[list] = items(sent, list).map(one => made(turn, list, one, balancer.body));
  touch(turn, balancer);
  return shown(balancer, 200);
}

export function deleteBalancer(turn: Turn): Answer {
  const balancer = balancerOf(turn);
  balancer.state = 'delete-service';
  const at = turn.bend.stuck === true ? FOREVER : turn.now + turn.settings.actionMs;
  balancer.next = { state: 'gone', at };
  return { status: 204, id: balancer.uuid };
}

/** Where a path below a load balancer leads: the list, the item's name, and what they stand in. */
function placeOf(turn: Turn): { balancer: Balancer; holder: Body; list: string; name: string | undefined } {
  const balancer = balancerOf(turn);
  const [, ...path] = turn.args.map(part => part.replaceAll('-', '_'));
  const names = turn.args.slice(1);
  const [outer = '', , inner] = path;
  if (inner === undefined) return { balancer, holder: balancer.body, list: outer, name: names[1] };
  const holder = items(balancer.body, outer).find(one => one['name'] === names[1]);
  if (holder === undefined) throw missing(outer === 'backends' ? 'Backend' : 'Frontend');
  return { balancer, holder, list: inner, name: names[3] };
}

const WORDS: { readonly [list: string]: string } = { frontends: 'Frontend', backends: 'Backend', members: 'Member' };

function itemOf(place: ReturnType<typeof placeOf>): Body {
  const item = items(place.holder, place.list).find(one => one['name'] === place.name);
  if (item === undefined) throw missing(WORDS[place.list] ?? 'Resource');
  return item;
}

export function getChild(turn: Turn): Answer {
  const place = placeOf(turn);
  return { status: 200, body: place.name === undefined ? items(place.holder, place.list) : itemOf(place) };
}

export function createChild(turn: Turn): Answer {
  const { balancer, holder, list } = placeOf(turn);
  const sent = turn.body as Body;
  if (items(holder, list).some(one => one['name'] === sent['name']))
    throw new Refusal(409, 'RESOURCE_ALREADY_EXISTS', 'The name is taken.', { isProblem: true });
  const item = made(turn, list, sent, balancer.body);
  holder[list] = [...items(holder, list), item];
  touch(turn, balancer);
  return { status: 201, id: balancer.uuid, body: item };
}

export function modifyChild(turn: Turn): Answer {
  const place = placeOf(turn);
  const item = itemOf(place);
  const sent = turn.body as Body;
  const properties = { ...(item['properties'] as Body | undefined), ...(sent['properties'] as Body | undefined) };
  const next: Body = { ...item, ...sent, updated_at: stamp(turn) };
  if (PROPERTIES[place.list] !== undefined) next['properties'] = properties;
  for (const inner of CHILDREN[place.list] ?? [])
    if (sent[inner] !== undefined)
      next[inner] = items(sent, inner).map(one => made(turn, inner, one, place.balancer.body));
  checkHttp2(next);
  place.holder[place.list] = items(place.holder, place.list).map(one => (one === item ? next : one));
  touch(turn, place.balancer);
  return { status: 200, id: place.balancer.uuid, body: next };
}

export function replaceChild(turn: Turn): Answer {
  const place = placeOf(turn);
  const item = itemOf(place);
  const next = made(turn, place.list, turn.body as Body, place.balancer.body);
  place.holder[place.list] = items(place.holder, place.list).map(one => (one === item ? next : one));
  touch(turn, place.balancer);
  return { status: 200, body: next };
}

export function deleteChild(turn: Turn): Answer {
  const place = placeOf(turn);
  const item = itemOf(place);
  const { body } = place.balancer;
  if (place.list === 'backends' && items(body, 'frontends').some(one => one['default_backend'] === item['name']))
    throw new Refusal(409, 'RESOURCE_IN_USE', 'A frontend uses the backend.', { isProblem: true });
  const tls = (place.holder['properties'] ?? {}) as Body;
  if (place.list === 'tls_configs' && tls['http2_enabled'] === true && items(place.holder, 'tls_configs').length === 1)
    throw invalid(
      'frontends.0.properties.http2_enabled',
      'At least one certificate bundle must be attached to enable HTTP/2.',
    );
  place.holder[place.list] = items(place.holder, place.list).filter(one => one !== item);
  touch(turn, place.balancer);
  return { status: 204, id: place.balancer.uuid };
}

function bundleOf(turn: Turn): Body {
  const found = turn.state.bundles[turn.args[0] ?? ''];
  if (found === undefined) throw missing('Certificate bundle');
  return found;
}

export function listBundles(turn: Turn): Answer {
  return paged(turn, Object.values(turn.state.bundles));
}

export function getBundle(turn: Turn): Answer {
  if (turn.args[0] === 'dns-challenge-domain') return { status: 200, body: { domain: 'challenge.example' } };
  return { status: 200, body: bundleOf(turn) };
}

export function createBundle(turn: Turn): Answer {
  const { private_key: _key, ...sent } = turn.body as Body;
  const uuid = newUuid(turn.state, PREFIX.balancer);
  const at = stamp(turn);
  const dynamic = sent['type'] === 'dynamic';
  const bundle: Body = {
    hostnames: [''],
    key_type: 'rsa',
    ...sent,
    created_at: at,
    labels: [],
    not_after: dynamic ? '0001-01-01T00:00:00Z' : '2032-03-14T13:15:08Z',
    not_before: dynamic ? '0001-01-01T00:00:00Z' : '2022-03-17T13:15:08Z',
    operational_state: 'idle',
    services: [],
    updated_at: at,
    uuid,
  };
  turn.state.bundles[uuid] = bundle;
  return { status: 201, body: bundle };
}

export function modifyBundle(turn: Turn): Answer {
  const bundle = bundleOf(turn);
  const { private_key: _key, ...sent } = turn.body as Body;
  Object.assign(bundle, sent, { updated_at: stamp(turn) });
  if (bundle['intermediates'] === '' || bundle['intermediates'] === null) delete bundle['intermediates'];
  return { status: 200, body: bundle };
}

export function deleteBundle(turn: Turn): Answer {
  delete turn.state.bundles[String(bundleOf(turn)['uuid'])];
  return { status: 204 };
}
