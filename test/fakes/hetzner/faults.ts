import type { FakeReply, FakeRequest } from './model.ts';
import type { Asked, Route } from './routes.ts';

/** When a fault happens: before anything is done, while it is done, or to the answer. */
export const FAULTS = {
  'request-lost': 'before',
  'answer-lost': 'after',
  'reset-mid-body': 'after',
  'error-500-before': 'before',
  'error-500-after': 'after',
  'unavailable-503': 'before',
  'rate-limited': 'before',
  locked: 'before',
  conflict: 'before',
  quota: 'before',
  capacity: 'before',
  'half-done': 'after',
  'action-fails': 'during',
  'action-stuck': 'during',
  'sent-twice': 'during',
  html: 'after',
  truncated: 'after',
  empty: 'after',
  'wrong-types': 'after',
  'null-id': 'after',
  'huge-id': 'after',
  'unknown-words': 'after',
  'token-expired': 'before',
  'slow-drip': 'after',
  'page-gap': 'after',
  'page-repeat': 'after',
} as const;
export type FaultName = keyof typeof FAULTS;

/** A fault that waits for its request. */
export interface Rule {
  readonly fault: FaultName;
  readonly asked: Asked;
  readonly nth: number;
  readonly times: number | null;
  readonly ms: number;
  readonly hint: 'none' | 'seconds' | 'date';
  seen: number;
  fired: number;
}

/** The rule that strikes this request; counting it as fired is for the caller, because not every answer can be spoiled. */
export function pick(rules: readonly Rule[], route: Route): Rule | undefined {
  return rules.find(rule => {
    if (rule.times !== null && rule.fired >= rule.times) return false;
    if (rule.asked !== route.asked) return false;
    rule.seen += 1;
    return rule.seen >= rule.nth;
  });
}

type Headers = { readonly [name: string]: string };

export function reply(status: number, body: unknown, headers: Headers = {}): FakeReply {
  const text = body === undefined ? '' : JSON.stringify(body);
  const type = text === '' ? {} : { 'content-type': 'application/json' };
  return { status, headers: { ...type, ...headers }, body: text, delayMs: 0, wire: 'answer', dripMs: 0 };
}

export function errorReply(
  status: number,
  error: { readonly code: string; readonly message: string; readonly details?: unknown },
  headers: Headers = {},
): FakeReply {
  return reply(status, { error: { details: null, ...error } }, headers);
}

/** A message that repeats what was sent, secrets and all, as broken servers do: a client must never show it. */
function gossip(request: FakeRequest): string {
  return `something broke while serving ${request.headers['authorization'] ?? 'nobody'}: ${request.body}`;
}

function hintOf(rule: Rule, nowMs: number): Headers {
  if (rule.hint === 'none') return {};
  if (rule.hint === 'date')
    return { 'retry-after': new Date(nowMs + rule.ms).toUTCString(), date: new Date(nowMs).toUTCString() };
  return { 'retry-after': String(Math.ceil(rule.ms / 1_000)) };
}

const STOPS: { readonly [fault: string]: readonly [number, string] } = {
  'error-500-before': [500, 'server_error'],
  'unavailable-503': [503, 'unavailable'],
  'rate-limited': [429, 'rate_limit_exceeded'],
  locked: [423, 'locked'],
  conflict: [409, 'conflict'],
  quota: [403, 'resource_limit_exceeded'],
  capacity: [412, 'resource_unavailable'],
  'token-expired': [401, 'unauthorized'],
};

/** The answer to a request that a fault stopped before anything was done. */
export function stopped(rule: Rule, request: FakeRequest, nowMs: number): FakeReply {
  const [status, code] = STOPS[rule.fault] ?? [200, ''];
  if (code === '') return { ...reply(200, null), wire: 'lost' };
  const hint = status === 503 || status === 429 ? hintOf(rule, nowMs) : {};
  return errorReply(status, { code, message: gossip(request) }, hint);
}

/** The answer after a fault got hold of it; null when the fault finds nothing to spoil in it. */
export function spoiled(rule: Rule, request: FakeRequest, answer: FakeReply): FakeReply | null {
  // An answer without a body cannot be cut; it becomes one with a body that nobody expects.
  const status = answer.status === 204 ? 200 : answer.status;
  switch (rule.fault) {
    case 'answer-lost':
      return { ...answer, wire: 'lost' };
    case 'reset-mid-body':
      return { ...answer, status, body: answer.body === '' ? '{}' : answer.body, wire: 'cut' };
    case 'error-500-after':
      return errorReply(500, { code: 'server_error', message: gossip(request) });
    case 'html':
      return {
        ...answer,
        status: 200,
        headers: { ...answer.headers, 'content-type': 'text/html' },
        body: `<html><body>${gossip(request)}</body></html>`,
      };
    case 'truncated':
      return { ...answer, status, body: answer.body.slice(0, Math.floor(answer.body.length / 2)) };
    case 'empty':
      return { ...answer, status: 200, body: '' };
    case 'slow-drip':
      return { ...answer, wire: 'drip', dripMs: rule.ms };
    default:
      return answer.status >= 300 ? null : spoiledBody(rule.fault, answer);
  }
}

interface Item {
  id?: unknown;
}

/** What the answer is about: the items of its list, or its object, or its action. */
function itemsOf(body: { [name: string]: unknown }): Item[] {
  const [first] = Object.entries(body).flatMap(([name, value]) => (name === 'meta' ? [] : [value]));
  if (Array.isArray(first)) return first as Item[];
  return typeof first === 'object' && first !== null ? [first as Item] : [];
}

function spoiledBody(fault: FaultName, answer: FakeReply): FakeReply | null {
  const body = (answer.body === '' ? {} : JSON.parse(answer.body)) as { [name: string]: unknown };
  const status = answer.status === 204 ? 200 : answer.status;
  const items = itemsOf(body);
  const list = Object.values(body).find(Array.isArray) as unknown[] | undefined;
  switch (fault) {
    case 'page-gap':
    case 'half-done':
      if (list === undefined || list.length === 0) return null;
      list.pop();
      break;
    case 'page-repeat':
      if (list === undefined || list.length < 2) return null;
      list[list.length - 1] = list[0];
      break;
    case 'wrong-types':
      for (const [at, name] of Object.keys(body).entries()) body[name] = at % 2 === 0 ? 17 : 'seventeen';
      break;
    case 'null-id':
    case 'huge-id':
      if (items[0]?.id === undefined) return null;
      for (const item of items) item.id = fault === 'null-id' ? null : 9_223_372_036_854_775_808;
      break;
    default: {
      // Words of lists that grow, and fields that nobody has heard of; not the state of an action, which is for ever.
      const text = JSON.stringify(body)
        .replace(
          /"status":"(?:running|available|off)"(?=,"(?:created|location|server|format|public_net)|,"size")/g,
          '"status":"levitating"',
        )
        .replace(/"(cpu_type|storage_type|os_flavor|network_zone)":"[^"]*"/g, '"$1":"unheard-of"')
        .replace(/"id":/g, '"mood":{"new":[1]},"id":');
      return text === answer.body ? null : { ...answer, status, body: text };
    }
  }
  return { ...answer, status, body: JSON.stringify(body) };
}
