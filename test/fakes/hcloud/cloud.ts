import { BALANCER_TYPES, IMAGES, LOCATIONS, PRICING, SERVER_TYPES } from './catalogue.ts';
import { finish } from './effects.ts';
import { type Asked, type FaultName, FAULTS, type Rule, errorReply, pick, reply, spoiled, stopped } from './faults.ts';
import {
  type Body,
  type FakeReply,
  type FakeRequest,
  freshState,
  MEMBER,
  Refusal,
  type Settings,
  type State,
} from './model.ts';
import { type Answer, act, create, isLocked, remove, shownAction, update } from './writes.ts';

/** One request that reached the cloud. Never changed, never removed. */
export interface Entry {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly asked: Asked;
  readonly status: number;
  /** Id of the object that it made. */
  readonly made: number | null;
  readonly fault: FaultName | null;
}

export type FaultInput = Pick<Rule, 'fault' | 'asked'> & Partial<Omit<Rule, 'seen' | 'fired'>>;

/** A project at Hetzner Cloud without Hetzner. */
export interface FakeHetzner {
  handle(request: FakeRequest, nowMs: number): FakeReply;
  /** Arms a fault; returns how often it struck. */
  arm(input: FaultInput): () => number;
  configure(settings: Partial<Settings>): void;
  readonly settings: Settings;
  readonly state: State;
  ledger(): readonly Entry[];
  /** Brings everything to what it is at that time. */
  settle(nowMs: number): void;
}

/** Holds every exchange against a description of the API; throws for one that does not fit. */
export type Check = (exchange: {
  readonly method: string;
  readonly path: string;
  readonly input: unknown;
  readonly status: number;
  readonly output: unknown;
}) => void;

const SETTINGS: Settings = { token: null, actionMs: 0, latencyMs: 0, limit: 3_600, quota: 20_000 };

interface Done {
  readonly reply: FakeReply;
  readonly made: number | null;
}

export function createHetzner(
  options: {
    readonly settings?: Partial<Settings>;
    readonly state?: State;
    readonly keep?: (state: State) => void;
    readonly check?: Check;
  } = {},
): FakeHetzner {
  const settings: Settings = { ...SETTINGS, ...options.settings };
  const state = options.state ?? freshState();
  const rules: Rule[] = [];
  const entries: Entry[] = [];
  const work = (request: FakeRequest, now: number, rule: Rule | undefined): Done => {
    const input = bodyOf(request);
    if (input === undefined) return { reply: errorReply(400, 'json_error', 'invalid JSON'), made: null };
    const bend = {
      ...(rule?.fault === 'action-fails' ? { fails: true as const } : {}),
      ...(rule?.fault === 'action-stuck' ? { stuck: true as const } : {}),
    };
    try {
      const answer = answered({ state, settings, now, body: input, bend }, request);
      const output = answer.body === undefined ? undefined : shown(state, answer.body);
      options.check?.({ method: request.method, path: request.path, input, status: answer.status, output });
      return { reply: reply(answer.status, output, rate(state, settings, now)), made: answer.id ?? null };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { reply: errorReply(error.status, error.code, error.message, rate(state, settings, now)), made: null };
    }
  };
  const turn = (request: FakeRequest, now: number): Done & { readonly rule?: Rule } => {
    if (settings.token !== null && request.headers['authorization'] !== `Bearer ${settings.token}`)
      return { reply: errorReply(401, 'unauthorized', 'unable to authenticate'), made: null };
    if (!spend(state, settings, now))
      return { reply: errorReply(429, 'rate_limit_exceeded', 'limit reached', rate(state, settings, now)), made: null };
    const asked = askedOf(request);
    const isEmpty = asked === 'list' && Object.keys(state.objects[collectionOf(request)] ?? {}).length === 0;
    const rule = pick(rules, asked, isEmpty);
    if (rule !== undefined && FAULTS[rule.fault] === 'before') {
      rule.fired += 1;
      return { reply: stopped(rule, request, now), made: null, rule };
    }
    const first = work(request, now, rule);
    if (rule === undefined) return first;
    if (FAULTS[rule.fault] === 'during') {
      rule.fired += 1;
      if (rule.fault !== 'sent-twice') return { ...first, rule };
      const second = work(request, now, rule).reply;
      // The second delivery finds the first one at work, and its refusal comes later than the answer.
      return { ...first, reply: second.status === 423 ? first.reply : second, rule };
    }
    const bad = spoiled(rule, request, first.reply);
    if (bad === null) return first;
    rule.fired += 1;
    return { ...first, reply: bad, rule };
  };
  return {
    settings,
    state,
    ledger: () => entries,
    configure: more => void Object.assign(settings, more),
    settle: nowMs => settle(state, nowMs),
    arm(input) {
      const rule: Rule = { nth: 1, times: 1, ms: 1_000, hint: 'seconds', seen: 0, fired: 0, ...input };
      rules.push(rule);
      return () => rule.fired;
    },
    handle(request, nowMs) {
      settle(state, nowMs);
      const { reply: answer, made, rule } = turn(request, nowMs);
      const { method, path } = request;
      entries.push({
        at: nowMs,
        method,
        path,
        asked: askedOf(request),
        status: answer.status,
        made,
        fault: rule?.fault ?? null,
      });
      if (method !== 'GET') options.keep?.(state);
      return { ...answer, delayMs: settings.latencyMs };
    },
  };
}

/** The hourly bucket, which fills up evenly. */
function spend(state: State, settings: Settings, now: number): boolean {
  const { rate: bucket } = state;
  bucket.left = Math.min(settings.limit, bucket.left + ((now - bucket.at) * settings.limit) / 3_600_000);
  bucket.at = now;
  if (bucket.left < 1) return false;
  bucket.left -= 1;
  return true;
}

function rate({ rate: bucket }: State, settings: Settings, now: number): { readonly [name: string]: string } {
  const fullInMs = ((settings.limit - bucket.left) * 3_600_000) / settings.limit;
  return {
    'ratelimit-limit': String(settings.limit),
    'ratelimit-remaining': String(Math.floor(bucket.left)),
    'ratelimit-reset': String(Math.ceil((now + fullInMs) / 1_000)),
    date: new Date(now).toUTCString(),
  };
}

function partsOf({ path }: FakeRequest): { readonly words: readonly string[]; readonly query: URLSearchParams } {
  const { pathname, searchParams } = new URL(path, 'http://cloud.invalid');
  return {
    words: pathname
      .replace(/^\/v1\/?/, '')
      .split('/')
      .filter(Boolean),
    query: searchParams,
  };
}

function collectionOf(request: FakeRequest): string {
  return partsOf(request).words[0] ?? '';
}

/** What a client asks for, so that faults can be aimed. A subnet is a part of a network, made and deleted by its actions. */
export function askedOf(request: FakeRequest): Asked {
  const { words } = partsOf(request);
  const [collection = '', id, , action] = words;
  if (collection === 'actions') return 'poll';
  if (MEMBER[collection] === undefined) return 'other';
  if (request.method === 'GET') return id === undefined ? 'list' : 'read';
  if (request.method === 'DELETE' || action === 'delete_subnet') return 'delete';
  if ((request.method === 'POST' && id === undefined) || action === 'add_subnet') return 'create';
  return 'update';
}

function bodyOf(request: FakeRequest): Body | undefined {
  if (request.body === '') return {};
  try {
    return JSON.parse(request.body) as Body;
  } catch {
    return undefined;
  }
}

type Turn = Parameters<typeof create>[0];

function answered(turn: Turn, request: FakeRequest): Answer & { readonly id?: number } {
  const { words, query } = partsOf(request);
  const [collection = '', text, word, action] = words;
  const id = Number(text);
  if (request.method === 'GET') return read(turn, words, query);
  if (request.method === 'POST' && text === undefined) return create(turn, collection);
  if (request.method === 'POST' && word === 'actions' && action !== undefined) return act(turn, collection, id, action);
  if (request.method === 'PUT') return update(turn, collection, id);
  if (request.method === 'DELETE') return remove(turn, collection, id);
  throw new Refusal(405, 'method_not_allowed', 'no such method');
}

const LISTS: { readonly [name: string]: readonly Body[] } = {
  locations: LOCATIONS,
  server_types: SERVER_TYPES,
  load_balancer_types: BALANCER_TYPES,
  images: IMAGES,
};

function read({ state }: Turn, words: readonly string[], query: URLSearchParams): Answer {
  const [collection = '', text, word] = words;
  if (collection === 'pricing') return { status: 200, body: { pricing: PRICING } };
  if (collection === 'actions') {
    const ids = query.getAll('id').map(Number);
    if (ids.length === 0) throw new Refusal(422, 'invalid_input', 'id is required');
    const found = ids.flatMap(id => state.actions[id] ?? []).map(shownAction);
    return paged('actions', found, query);
  }
  const known = LISTS[collection];
  if (known !== undefined) return paged(collection, known, query);
  const objects = state.objects[collection];
  if (objects === undefined) throw new Refusal(404, 'not_found', 'no such path');
  if (text === undefined)
    return paged(
      collection,
      Object.values(objects).filter(one => matches(one, query)),
      query,
    );
  const object = objects[Number(text)];
  if (object === undefined) throw new Refusal(404, 'not_found', `${collection} ${text} not found`);
  if (word !== 'actions') return { status: 200, body: { [MEMBER[collection] ?? '']: object } };
  const own = Object.values(state.actions).filter(
    one => one.kind === MEMBER[collection] && one.target === Number(text),
  );
  return paged('actions', own.map(shownAction), query);
}

function matches(object: Body, query: URLSearchParams): boolean {
  const name = query.get('name');
  if (name !== null && object['name'] !== name) return false;
  const labels = object['labels'] as { readonly [key: string]: string };
  return (query.get('label_selector') ?? '')
    .split(',')
    .filter(Boolean)
    .every(term => {
      const [key = '', value] = term.split('==');
      return value === undefined ? labels[key] !== undefined : labels[key] === value;
    });
}

function paged(name: string, all: readonly Body[], query: URLSearchParams): Answer {
  const page = Number(query.get('page') ?? 1);
  const perPage = Math.min(50, Number(query.get('per_page') ?? 25));
  const items = all.slice((page - 1) * perPage, page * perPage);
  const last = Math.max(1, Math.ceil(all.length / perPage));
  const pagination = {
    page,
    per_page: perPage,
    previous_page: page > 1 ? page - 1 : null,
    next_page: page < last ? page + 1 : null,
    last_page: last,
    total_entries: all.length,
  };
  return { status: 200, body: { [name]: items, meta: { pagination } } };
}

/** An answer with what is only true at this moment: whether a server is locked, and which addresses it has. */
function shown(state: State, body: Body): Body {
  const text = JSON.stringify(body);
  const copy = JSON.parse(text) as Body;
  const servers = [
    ...((copy['servers'] ?? []) as Body[]),
    ...(copy['server'] === undefined ? [] : [copy['server'] as Body]),
  ];
  for (const server of servers) {
    const id = Number(server['id']);
    server['locked'] = isLocked(state, 'server', id);
    const balancers = Object.values(state.objects['load_balancers'] ?? {});
    server['load_balancers'] = balancers
      .filter(one => (one['targets'] as Body[]).some(target => (target['server'] as Body)['id'] === id))
      .map(one => one['id']);
    const net = server['public_net'] as Body;
    const addresses = Object.values(state.objects['floating_ips'] ?? {});
    net['floating_ips'] = addresses.filter(one => one['server'] === id).map(one => one['id']);
  }
  return copy;
}

/** Ends what is over by now, in the order in which it began. */
function settle(state: State, nowMs: number): void {
  for (const action of Object.values(state.actions)) {
    if (action.status !== 'running' || action.endsAt > nowMs) continue;
    if (action.code === null) {
      action.status = 'success';
      finish(state, action);
      continue;
    }
    action.status = 'error';
    // What was to come after a creation does not come.
    for (const later of Object.values(state.actions)) {
      if (later.target !== action.target || later.status !== 'running' || later.id < action.id) continue;
      later.status = 'error';
      later.code = 'action_failed';
    }
  }
}
