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
  invisible: 'during',
  'still-listed': 'during',
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
  readonly asked: Asked | 'poll';
  /** First part of the path. */
  readonly collection?: string;
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
    const isPoll = rule.asked === 'poll' && (route.asked === 'list' || route.asked === 'read');
    if (!isPoll && rule.asked !== route.asked) return false;
    if (rule.collection !== undefined && rule.collection !== route.path[0]) return false;
    rule.seen += 1;
    return rule.seen >= rule.nth;
  });
}

const JSON_TYPE = 'application/json; charset=UTF-8';

export function reply(status: number, body: unknown, headers: { readonly [name: string]: string } = {}): FakeReply {
  const text = body === undefined ? '' : JSON.stringify(body);
  const type = text === '' ? {} : { 'content-type': JSON_TYPE };
  return { status, headers: { ...type, ...headers }, body: text, delayMs: 0, wire: 'answer', dripMs: 0 };
}

export function errorReply(
  status: number,
  code: string,
  message: string,
  headers: { readonly [name: string]: string } = {},
): FakeReply {
  return reply(status, { error: { error_code: code, error_message: message } }, headers);
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

/** The word that UpCloud has for a kind of object in its error codes. */
const NOUNS: { readonly [collection: string]: string } = {
  server: 'SERVER',
  storage: 'STORAGE',
  network: 'NETWORK',
  router: 'ROUTER',
  ip_address: 'IP_ADDRESS',
  'server-group': 'SERVER_GROUP',
  'load-balancer': 'SERVICE',
};

/** The answer to a request that a fault stopped before anything was done. */
export function stopped(rule: Rule, request: FakeRequest, route: Route, nowMs: number): FakeReply {
  const noun = NOUNS[route.path[0] ?? ''] ?? 'RESOURCE';
  switch (rule.fault) {
    case 'request-lost':
      return { ...reply(200, null), wire: 'lost' };
    case 'error-500-before':
      return errorReply(500, 'SERVICE_ERROR', gossip(request));
    case 'unavailable-503':
      return errorReply(503, 'SERVICE_UNAVAILABLE', 'Under maintenance.', hintOf(rule, nowMs));
    case 'rate-limited':
      return errorReply(429, 'TOO_MANY_REQUESTS', 'Too many requests.', hintOf(rule, nowMs));
    case 'locked':
      return errorReply(409, `${noun}_STATE_ILLEGAL`, 'Something else is done with it.');
    case 'conflict':
      return errorReply(409, 'CONFLICT', 'Somebody else changed it.');
    case 'quota':
      return errorReply(403, `${noun}_LIMIT_REACHED`, 'The limit of the account is reached.');
    case 'capacity':
      return errorReply(409, `${noun}_RESOURCES_UNAVAILABLE`, 'Sold out.');
    default:
      return errorReply(401, 'AUTHENTICATION_FAILED', 'Authentication failed using the given credentials.');
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
      return errorReply(500, 'SERVICE_ERROR', gossip(request));
    case 'html':
      return {
        ...answer,
        status: 200,
        headers: { 'content-type': 'text/html' },
        body: `<html><body>${gossip(request)}</body></html>`,
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

/** The list inside an answer, without its last item or with it twice; silence about one object is `half-done`. */
function spoiledList(rule: Rule, answer: FakeReply): FakeReply | null {
  if (answer.status !== 200) return null;
  const body = JSON.parse(answer.body) as unknown;
  const spoil = (value: unknown): unknown => {
    if (Array.isArray(value)) {
      if (value.length === 0) return undefined;
      return rule.fault === 'page-repeat' ? [...value.slice(0, -1), value[0]] : value.slice(0, -1);
    }
    if (typeof value !== 'object' || value === null) return undefined;
    const [first] = Object.entries(value);
    const inner = first === undefined ? undefined : spoil(first[1]);
    return first === undefined || inner === undefined ? undefined : { [first[0]]: inner };
  };
  const isPaged = Array.isArray(body);
  if (isPaged !== (rule.fault !== 'half-done')) return null;
  const changed = spoil(body);
  return changed === undefined ? null : { ...answer, body: JSON.stringify(changed) };
}

function spoiledFields(rule: Rule, answer: FakeReply): FakeReply | null {
  if (answer.status >= 300) return null;
  const body = (answer.body === '' ? {} : JSON.parse(answer.body)) as object;
  let text = '';
  switch (rule.fault) {
    case 'wrong-types':
      if (Array.isArray(body)) return null;
      text = JSON.stringify(
        Object.fromEntries(Object.keys(body).map((key, at) => [key, at % 2 === 0 ? 17 : 'seventeen'])),
      );
      break;
    case 'null-id':
      text = answer.body.replace(ID, '"$1":null');
      break;
    case 'huge-id':
      text = answer.body.replace(ID, '"$1":9223372036854775808');
      break;
    default:
      text = answer.body
        .replace(/"(state|operational_state)":"[^"]*"/g, '"$1":"levitating"')
        .replace(/"(uuid|address)":"/g, '"mood":{"new":[1]},"$1":"');
  }
  return text === answer.body ? null : { ...answer, status: answer.status === 204 ? 200 : answer.status, body: text };
}

/** The id of the object itself is the last one of an answer: keys are sorted, and those inside come before. */
const ID = /"(uuid|address)":"[^"]*"(?![\s\S]*"uuid":")/;
