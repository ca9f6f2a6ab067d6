import type { FakeReply, FakeRequest } from './model.ts';

export type Asked = 'create' | 'update' | 'delete' | 'list' | 'poll' | 'read' | 'other';

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

/** The rule that strikes this request. Listings that show nothing have no page to spoil and do not count. */
export function pick(rules: readonly Rule[], asked: Asked, isEmpty: boolean): Rule | undefined {
  return rules.find(rule => {
    if (rule.times !== null && rule.fired >= rule.times) return false;
    if (rule.asked !== asked || (asked === 'list' && isEmpty)) return false;
    rule.seen += 1;
    return rule.seen >= rule.nth;
  });
}

export function reply(status: number, body: unknown, headers: { readonly [name: string]: string } = {}): FakeReply {
  const text = body === undefined ? '' : JSON.stringify(body);
  const type = text === '' ? {} : { 'content-type': 'application/json' };
  return { status, headers: { ...type, ...headers }, body: text, delayMs: 0, wire: 'answer', dripMs: 0 };
}

export function errorReply(
  status: number,
  code: string,
  message: string,
  headers: { readonly [name: string]: string } = {},
): FakeReply {
  return reply(status, { error: { code, message, details: null } }, headers);
}

/** A message that repeats what was sent, secrets and all, as broken servers do: a client must never show it. */
function gossip(request: FakeRequest): string {
  return `something broke while serving ${request.headers['authorization'] ?? 'nobody'}: ${request.body}`;
}

function hintOf(rule: Rule, nowMs: number): { readonly [name: string]: string } {
  if (rule.hint === 'none') return {};
  if (rule.hint === 'date')
    return { 'retry-after': new Date(nowMs + rule.ms).toUTCString(), date: new Date(nowMs).toUTCString() };
  return { 'retry-after': String(Math.ceil(rule.ms / 1_000)) };
}

/** The answer to a request that a fault stopped before anything was done. */
export function stopped(rule: Rule, request: FakeRequest, nowMs: number): FakeReply {
  switch (rule.fault) {
    case 'request-lost':
      return { ...reply(200, null), wire: 'lost' };
    case 'error-500-before':
      return errorReply(500, 'server_error', gossip(request));
    case 'unavailable-503':
      return errorReply(503, 'unavailable', 'Under maintenance.', hintOf(rule, nowMs));
    case 'rate-limited':
      return errorReply(429, 'rate_limit_exceeded', 'Too many requests.', hintOf(rule, nowMs));
    case 'locked':
      return errorReply(423, 'locked', 'Another action is running.');
    case 'conflict':
      return errorReply(409, 'conflict', 'Somebody else changed it.');
    case 'quota':
      return errorReply(403, 'resource_limit_exceeded', 'The limit of the project is reached.');
    case 'capacity':
      return errorReply(412, 'resource_unavailable', 'Sold out.');
    default:
      return errorReply(401, 'unauthorized', 'The token is not valid.');
  }
}

/** The answer after a fault got hold of it; null when the fault finds nothing to spoil in it. */
export function spoiled(rule: Rule, request: FakeRequest, answer: FakeReply): FakeReply | null {
  switch (rule.fault) {
    case 'answer-lost':
      return { ...answer, wire: 'lost' };
    case 'reset-mid-body':
      return { ...answer, body: answer.body === '' ? '{}' : answer.body, wire: 'cut', ...bodied(answer) };
    case 'error-500-after':
      return errorReply(500, 'server_error', gossip(request));
    case 'html':
      return {
        ...answer,
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: `<html>${gossip(request)}</html>`,
      };
    case 'truncated':
      return { ...answer, ...bodied(answer), body: answer.body.slice(0, Math.floor(answer.body.length / 2)) };
    case 'empty':
      return { ...answer, status: 200, body: '' };
    case 'slow-drip':
      return { ...answer, wire: 'drip', dripMs: rule.ms };
    case 'page-gap':
    case 'page-repeat':
    case 'half-done':
      return spoiledList(rule, answer);
    default:
      return spoiledFields(rule, answer);
  }
}

/** An answer without a body cannot be cut; it becomes one with a body that nobody expects. */
function bodied(answer: FakeReply): { readonly status?: number } {
  return answer.status === 204 ? { status: 200 } : {};
}

/** The list inside an answer, without its last item or with one twice. */
function spoiledList(rule: Rule, answer: FakeReply): FakeReply | null {
  if (answer.status !== 200) return null;
  const body = JSON.parse(answer.body) as { [key: string]: unknown };
  const [name] = Object.keys(body).filter(key => Array.isArray(body[key]));
  const items = name === undefined ? [] : (body[name] as unknown[]);
  if (name === undefined || items.length === 0) return null;
  const bad = rule.fault === 'page-repeat' ? [...items.slice(0, -1), items[0]] : items.slice(0, -1);
  if (rule.fault === 'page-repeat' && items.length === 1) bad.push(items[0]);
  return { ...answer, body: JSON.stringify({ ...body, [name]: bad }) };
}

function spoiledFields(rule: Rule, answer: FakeReply): FakeReply | null {
  if (answer.status >= 300) return null;
  const body = (answer.body === '' ? {} : JSON.parse(answer.body)) as object;
  let text = '';
  switch (rule.fault) {
    case 'wrong-types':
      text = JSON.stringify(
        Object.fromEntries(Object.keys(body).map((key, at) => [key, at % 2 === 0 ? 17 : 'seventeen'])),
      );
      break;
    case 'null-id':
      text = answer.body.replace(/"id":\d+/, '"id":null');
      break;
    case 'huge-id':
      text = answer.body.replace(/"id":\d+/, '"id":9223372036854775808');
      break;
    default:
      text = answer.body
        .replace(/"status":"(?:running|available|off|initializing)","locked/g, '"status":"levitating","locked')
        .replace(/\{"id":/g, '{"mood":{"new":[1]},"id":');
  }
  if (text === answer.body && rule.fault !== 'wrong-types') return null;
  return { ...answer, status: answer.status === 204 ? 200 : answer.status, body: text };
}
