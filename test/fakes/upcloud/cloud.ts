import { itemIn, openLag } from './lag.ts';
import { type FaultName, FAULTS, type Rule, errorReply, pick, reply, spoiled, stopped } from './faults.ts';
import {
  type Answer,
  type FakeReply,
  type FakeRequest,
  Refusal,
  type Settings,
  type State,
  type Turn,
} from './model.ts';
import { type Asked, type Route, routeOf } from './routes.ts';
import { SETTINGS, freshState } from './seeds.ts';

/** One request that reached the cloud. Never changed, never removed. */
export interface Entry {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly asked: Asked;
  readonly status: number;
  readonly id: string | null;
  readonly fault: FaultName | null;
}

export interface FaultInput {
  readonly fault: FaultName;
  readonly asked: Asked | 'poll';
  readonly collection?: string;
  readonly nth?: number;
  readonly times?: number | null;
  readonly ms?: number;
  readonly hint?: Rule['hint'];
}

/** An UpCloud account without UpCloud. */
export interface FakeUpcloud {
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

export function createUpcloud(
  options: {
    readonly settings?: Partial<Settings>;
    readonly state?: State;
    readonly keep?: (state: State) => void;
  } = {},
): FakeUpcloud {
  const settings: Settings = { ...SETTINGS, ...options.settings };
  const state = options.state ?? freshState();
  const rules: Rule[] = [];
  const entries: Entry[] = [];
  const recent: number[] = [];
  const lag = openLag();
  /** The list that an object is in, as it is just now. */
  const listOf = (route: Route, nowMs: number): FakeReply | null => {
    const found = routeOf('GET', `/1.3/${route.path[0]}`);
    const turn = { state, settings, now: nowMs, query: new URLSearchParams(), body: {}, args: [], bend: {} };
    return found === undefined ? null : attempt(turn, found.route.answer).reply;
  };
  const isThrottled = (nowMs: number): boolean => {
    if (settings.requestsPerSecond === null) return false;
    while ((recent[0] ?? nowMs) < nowMs - 1_000) recent.shift();
    if (recent.length >= settings.requestsPerSecond) return true;
    recent.push(nowMs);
    return false;
  };
  const answer = (
    request: FakeRequest,
    nowMs: number,
  ): { reply: FakeReply; route?: Route; id: string | null; rule?: Rule } => {
    const { pathname, searchParams } = new URL(request.path, 'http://cloud.invalid');
    const found = routeOf(request.method, pathname);
    if (!isAllowed(request, settings)) return { reply: errorReply(401, 'AUTHENTICATION_FAILED', DENIED), id: null };
    if (isThrottled(nowMs))
      return { reply: errorReply(429, 'TOO_MANY_REQUESTS', 'Too many.', { 'retry-after': '1' }), id: null };
    if (found === undefined) return { reply: errorReply(404, 'NOT_FOUND', 'There is no such path.'), id: null };
    const { route, args } = found;
    const rule = pick(rules, route);
    if (rule !== undefined && FAULTS[rule.fault] === 'before') {
      rule.fired += 1;
      return { reply: stopped(rule, request, route, nowMs), route, id: null, rule };
    }
    const bend = {
      ...(rule?.fault === 'action-fails' ? { fails: true as const } : {}),
      ...(rule?.fault === 'action-stuck' ? { stuck: true as const } : {}),
    };
    const work = (): { reply: FakeReply; id: string | null } => {
      const body = bodyOf(request);
      return body === undefined
        ? { reply: errorReply(400, 'JSON_INVALID', 'The body is no JSON.'), id: null }
        : attempt({ state, settings, now: nowMs, query: searchParams, body, args, bend }, route.answer);
    };
    const listing = rule?.fault === 'still-listed' ? listOf(route, nowMs) : null;
    const told = work();
    const first = { ...told, reply: lag.bent(route, args, told.reply, nowMs) };
    if (rule === undefined) return { ...first, route };
    if (rule.fault === 'invisible' && first.id !== null) lag.hide(first.id, nowMs + rule.ms);
    if (listing !== null && first.id !== null) {
      const [list = ''] = route.path;
      lag.keep(first.id, nowMs + rule.ms, { list, item: itemIn(listing, first.id) });
    }
    if (rule.fault === 'sent-twice') {
      rule.fired += 1;
      const second = work();
      return { reply: second.reply, id: first.id, route, rule };
    }
    if (FAULTS[rule.fault] === 'during') {
      rule.fired += 1;
      return { ...first, route, rule };
    }
    const bad = spoiled(rule, request, first.reply);
    if (bad === null) return { ...first, route };
    rule.fired += 1;
    return { ...first, reply: bad, route, rule };
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
      const turn = answer(request, nowMs);
      entries.push({
        at: nowMs,
        method: request.method,
        path: request.path,
        asked: turn.route?.asked ?? 'other',
        status: turn.reply.status,
        id: turn.id,
        fault: turn.rule?.fault ?? null,
      });
      if (request.method !== 'GET') options.keep?.(state);
      return { ...turn.reply, delayMs: settings.latencyMs };
    },
  };
}

const DENIED = 'Authentication failed using the given username and password.';

function isAllowed(request: FakeRequest, settings: Settings): boolean {
  const { token } = settings;
  if (token === null) return true;
  const basic = `Basic ${Buffer.from(token).toString('base64')}`;
  const told = request.headers['authorization'];
  return told === `Bearer ${token}` || told === basic;
}

function bodyOf(request: FakeRequest): Turn['body'] | undefined {
  if (request.body === '') return {};
  try {
    const body = JSON.parse(request.body) as unknown;
    return typeof body === 'object' && body !== null ? (body as Turn['body']) : undefined;
  } catch {
    return undefined;
  }
}

/** Does the work, and turns a refusal into its answer. */
function attempt(turn: Turn, work: (turn: Turn) => Answer): { reply: FakeReply; id: string | null } {
  try {
    const { status, body, headers, id } = work(turn);
    return { reply: reply(status, body === undefined ? undefined : sorted(body), headers), id: id ?? null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { status, code, message, isProblem, invalid } = error;
    if (!isProblem) return { reply: errorReply(status, code, message), id: null };
    turn.state.serial += 1;
    const problem = {
      correlation_id: `01FAKE${String(turn.state.serial).padStart(20, '0')}`,
      ...(invalid.length > 0 ? { invalid_params: invalid } : {}),
      status,
      title: message,
      type: `https://developers.upcloud.com/1.3/errors#ERROR_${code}`,
    };
    return { reply: reply(status, problem, { 'content-type': 'application/problem+json' }), id: null };
  }
}

/** UpCloud answers with its keys in order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

/** What was going on and is over by now. */
function settle(state: State, nowMs: number): void {
  for (const one of [...Object.values(state.servers), ...Object.values(state.storages)]) {
    if (one.next === null || one.next.at > nowMs) continue;
    Object.assign(one, { state: one.next.state, next: null });
  }
  for (const balancer of Object.values(state.balancers)) {
    if (balancer.next === null || balancer.next.at > nowMs) continue;
    if (balancer.next.state === 'gone') delete state.balancers[balancer.uuid];
    else Object.assign(balancer, { state: balancer.next.state, next: null });
  }
}
