import { type ProviderError, type ProviderErrorClass, ProviderFault } from '../../schemas/provider.ts';

/** What each code of the demo cloud means for the engine. */
const CLASSES: { readonly [code: string]: ProviderErrorClass } = {
  invalid_input: 'invalid-input',
  reference_not_found: 'invalid-input',
  range_overlaps: 'invalid-input',
  unauthorized: 'unauthenticated',
  forbidden: 'forbidden',
  label_mismatch: 'forbidden',
  not_found: 'not-found',
  uniqueness_error: 'already-exists',
  conflict: 'conflict',
  token_spent: 'conflict',
  locked: 'locked',
  resource_in_use: 'dependency',
  protected: 'protected',
  quota_exceeded: 'quota',
  out_of_stock: 'capacity',
  rate_limit_exceeded: 'rate-limited',
  partially_done: 'partial',
  unsupported: 'unsupported',
  invalid_json: 'bug',
  idempotent_parameter_mismatch: 'bug',
};

/** What a person reads. Our own words: the cloud's message may repeat what was sent. */
const WORDS: { readonly [kind in ProviderErrorClass]?: string } = {
  'invalid-input': 'the demo cloud does not accept these values',
  unauthenticated: 'the demo cloud does not accept the token',
  forbidden: 'the demo cloud forbids it, or the object belongs to somebody else',
  'not-found': 'there is no such object',
  'already-exists': 'the name is already taken',
  conflict: 'somebody else changed it at the same time',
  locked: 'another action still runs on it',
  dependency: 'something else still uses it',
  protected: 'it is protected against deletion',
  quota: 'the quota is used up',
  capacity: 'it is sold out at the moment',
  'rate-limited': 'too many requests',
  partial: 'only a part of it was done',
  transient: 'the demo cloud did not answer properly',
  'unknown-outcome': 'it is not known whether it was done',
};

/** Codes that a reply may show: anything else is not repeated. */
const CODE = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

export interface Answered {
  /** `create server` or another few words for the message. */
  readonly what: string;
  readonly method: string;
  readonly status: number;
  readonly code: string | null;
  readonly partialId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** The fault for an answer with an error status. */
export function answerFault(answer: Answered): ProviderFault {
  const code = answer.code !== null && CODE.test(answer.code) ? answer.code : `http_${answer.status}`;
  const named = Object.hasOwn(CLASSES, code) ? CLASSES[code] : undefined;
  const kind = named ?? classOfStatus(answer.status, answer.method);
  return fault(kind, code, answer.what, {
    status: answer.status,
    ...(answer.partialId === undefined ? {} : { partialId: answer.partialId }),
    ...(answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs }),
  });
}

/** What a status means when nothing else is known. */
function classOfStatus(status: number, method: string): ProviderErrorClass {
  switch (status) {
    case 400:
    case 422:
      return 'invalid-input';
    case 401:
      return 'unauthenticated';
    case 403:
      return 'forbidden';
    case 404:
      return lostClass(method);
    case 405:
    case 406:
    case 415:
      return 'bug';
    case 409:
      return 'conflict';
    case 412:
      return 'state';
    case 423:
      return 'locked';
    case 429:
      return 'rate-limited';
    default:
      return status >= 500 || status === 408 ? brokenClass(method) : 'drift-api';
  }
}

/** The class of an answer that was lost or cannot be read: whatever it was, a write may have happened. */
export function lostClass(method: string): ProviderErrorClass {
  return method === 'GET' ? 'transient' : 'unknown-outcome';
}

/** The class of a server error: deleting may be repeated at once, because the second time finds nothing. */
function brokenClass(method: string): ProviderErrorClass {
  return method === 'DELETE' ? 'transient' : lostClass(method);
}

export function fault(
  kind: ProviderErrorClass,
  code: string,
  what: string,
  more: Partial<ProviderError> & { readonly why?: string } = {},
): ProviderFault {
  const { why, ...rest } = more;
  const words = why ?? WORDS[kind] ?? 'the demo cloud refused';
  return new ProviderFault({ ...rest, class: kind, code, message: `${what}: ${words} (${code})` });
}
