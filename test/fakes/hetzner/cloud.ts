import { isObject } from '../../../schemas/json.ts';
import { emptyState, settle } from './actions.ts';
import { type Description, packagedDescription } from './description.ts';
import { errorReply, type FaultName, FAULTS, pick, reply, type Rule, spoiled, stopped } from './faults.ts';
import {
  type Answer,
  type FakeReply,
  type FakeRequest,
  type Fields,
  Refusal,
  type Settings,
  type State,
  type Turn,
} from './model.ts';
import { type Asked, type Route, routeOf } from './routes.ts';
import { refuse } from './rules.ts';

/** One request that reached the cloud. Never changed, never removed. */
export interface Entry {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly asked: Asked;
  readonly status: number;
  readonly id: number | null;
  readonly fault: FaultName | null;
}

export interface FaultInput extends Partial<Omit<Rule, 'fault' | 'asked' | 'seen' | 'fired'>> {
  readonly fault: FaultName;
  readonly asked: Asked;
}

/** A project at Hetzner Cloud without Hetzner. */
export interface FakeHetzner {
  handle(request: FakeRequest, nowMs: number): FakeReply;
  /** Arms a fault; returns how often it struck. */
  arm(input: FaultInput): () => number;
  configure(settings: Partial<Settings>): void;
  readonly settings: Settings;
  readonly state: State;
  ledger(): readonly Entry[];
  /** Requests and answers that are not as the API description has them. */
  violations(): readonly string[];
  /** Brings everything to what it is at that time. */
  settle(nowMs: number): void;
}

export const SETTINGS: Settings = {
  token: null,
  latencyMs: 0,
  actionMs: 0,
  shutdownMs: 0,
  bucket: { limit: 3_600, perSecond: 1 },
  limits: {},
  soldOut: [],
};

interface Options {
  readonly settings?: Partial<Settings>;
  readonly state?: State;
  /** Descriptions that requests and answers are held against; the packaged one where none is given. */
  readonly descriptions?: readonly Description[];
  readonly keep?: (state: State) => void;
}

const UNKNOWN = 'must NOT have additional properties';

interface Done {
  readonly reply: FakeReply;
  readonly route?: Route;
  readonly id?: number;
  readonly rule?: Rule;
}

export function createHetzner(options: Options = {}): FakeHetzner {
  let settings: Settings = { ...SETTINGS, ...options.settings };
  const state = options.state ?? emptyState();
  const descriptions = options.descriptions ?? [packagedDescription()];
  const rules: Rule[] = [];
  const entries: Entry[] = [];
  const violations: string[] = [];
  const bucket = openBucket(() => settings.bucket);

  const attempt = (
    request: FakeRequest,
    found: Found,
    now: number,
    bend: Turn['bend'],
  ): { reply: FakeReply; id?: number } => {
    const { route, args, query } = found;
    try {
      const body = bodyOf(request);
      const wrong = descriptions.flatMap(one => one.request(route, { url: request.path, body }));
      violations.push(...wrong.map(problem => `${route.method} ${route.path}: ${problem}`));
      // The API lets unknown fields pass; that we send one is for the tests to tell.
      if (wrong.some(problem => !problem.includes(UNKNOWN))) throw refuse('bad-input', wrong);
      const answer = route.answer({ state, settings, now, query, body: body ?? {}, args, bend });
      check(route, answer);
      return { reply: reply(answer.status, answer.body), ...(answer.id === undefined ? {} : { id: answer.id }) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const { status, code, message, details } = error;
      return { reply: errorReply(status, { code, message, details }) };
    }
  };
  const check = (route: Route, { status, body }: Answer): void => {
    const sent = body === undefined ? undefined : (JSON.parse(JSON.stringify(body)) as unknown);
    const wrong = descriptions.flatMap(one => one.response(route, { status, body: sent }));
    violations.push(...wrong.map(problem => `${route.method} ${route.path} ${status}: ${problem}`));
  };
  const work = (request: FakeRequest, now: number): Done => {
    const { pathname, searchParams: query } = new URL(request.path, 'http://cloud.invalid');
    const found = routeOf(request.method, pathname);
    if (settings.token !== null && request.headers['authorization'] !== `Bearer ${settings.token}`)
      return { reply: refusal(refuse('unauthorized')) };
    if (!bucket.take(now)) return { reply: refusal(refuse('rate-limit')) };
    if (found === undefined) return { reply: refusal(refuse('not-found')) };
    const { route } = found;
    const rule = pick(rules, route);
    const at = { ...found, query };
    if (rule === undefined) return { ...attempt(request, at, now, null), route };
    const moment = FAULTS[rule.fault];
    if (moment === 'before') {
      rule.fired += 1;
      return { reply: stopped(rule, request, now), route, rule };
    }
    const bend = rule.fault === 'action-fails' ? 'fails' : rule.fault === 'action-stuck' ? 'stuck' : null;
    const first = attempt(request, at, now, bend);
    const last = rule.fault === 'sent-twice' ? { ...attempt(request, at, now, null), ...idOf(first) } : first;
    const bad = moment === 'during' ? last.reply : spoiled(rule, request, last.reply);
    if (bad === null) return { ...last, route };
    rule.fired += 1;
    return { ...last, reply: bad, route, rule };
  };
  return {
    get settings() {
      return settings;
    },
    state,
    ledger: () => entries,
    violations: () => violations,
    configure: more => void (settings = { ...settings, ...more }),
    settle: now => settle(state, now),
    arm(input) {
      const rule: Rule = { nth: 1, times: 1, ms: 1_000, hint: 'seconds', seen: 0, fired: 0, ...input };
      rules.push(rule);
      return () => rule.fired;
    },
    handle(request, now) {
      settle(state, now);
      const { reply: answer, route, id, rule } = work(request, now);
      const { method, path } = request;
      const asked = route?.asked ?? 'other';
      entries.push({ at: now, method, path, asked, status: answer.status, id: id ?? null, fault: rule?.fault ?? null });
      if (method !== 'GET') options.keep?.(state);
      const limits = rule === undefined ? bucket.headers(now) : {};
      const date = { date: new Date(now).toUTCString() };
      return { ...answer, headers: { ...date, ...limits, ...answer.headers }, delayMs: settings.latencyMs };
    },
  };
}

interface Found {
  readonly route: Route;
  readonly args: readonly string[];
  readonly query: URLSearchParams;
}

function idOf({ id }: { readonly id?: number }): { readonly id?: number } {
  return id === undefined ? {} : { id };
}

function refusal({ status, code, message, details }: Refusal): FakeReply {
  return errorReply(status, { code, message, details });
}

function bodyOf(request: FakeRequest): Fields | undefined {
  if (request.body === '') return undefined;
  try {
    const body = JSON.parse(request.body) as unknown;
    if (isObject(body)) return body;
  } catch {
    // Refused below, like anything else that is no object.
  }
  throw refuse('bad-json');
}

/** Requests that may still be made; they come back one after the other. */
function openBucket(rate: () => Settings['bucket']) {
  let left = rate().limit;
  let filledAt: number | null = null;
  const fill = (now: number): void => {
    const { limit, perSecond } = rate();
    left = Math.min(limit, left + ((now - (filledAt ?? now)) / 1_000) * perSecond);
    filledAt = now;
  };
  return {
    take(now: number): boolean {
      fill(now);
      if (left < 1) return false;
      left -= 1;
      return true;
    },
    headers(now: number): { readonly [name: string]: string } {
      const { limit, perSecond } = rate();
      return {
        'ratelimit-limit': String(limit),
        'ratelimit-remaining': String(Math.floor(left)),
        'ratelimit-reset': String(Math.ceil(now / 1_000 + (limit - left) / perSecond)),
      };
    },
  };
}
