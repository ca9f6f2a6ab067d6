import { type ProviderError, type ProviderErrorClass, ProviderFault, type Refusal } from '../../schemas/provider.ts';

/** What a person reads, after `<cloud>`. Our own words: a cloud's message may repeat what was sent. */
const WORDS: { readonly [kind in ProviderErrorClass]?: string } = {
  'invalid-input': 'does not accept these values',
  unauthenticated: 'does not accept the credentials',
  forbidden: 'forbids it, or the object belongs to somebody else',
  'not-found': 'has no such object',
  'already-exists': 'says that the name is already taken',
  conflict: 'says that somebody else changed it at the same time',
  locked: 'still runs another action on it',
  state: 'says that it is not in a state for this',
  dependency: 'says that something else still uses it',
  protected: 'protects it against deletion',
  quota: 'says that the quota is used up',
  capacity: 'is sold out at the moment',
  'rate-limited': 'got too many requests',
  partial: 'did only a part of it',
  transient: 'did not answer properly',
  'unknown-outcome': 'did not say whether it was done',
  unsupported: 'does not offer this',
  'drift-api': 'no longer offers this; a newer version of this program may know how it is done now',
};

/** What went wrong, where, and during what. `why` takes the place of the words for the class. */
export interface Mishap extends Partial<Omit<ProviderError, 'message'>> {
  /** The cloud as people call it: `Hetzner Cloud`. */
  readonly cloud: string;
  readonly class: ProviderErrorClass;
  /** The cloud's own code, or one of ours. Anything that does not look like a code is not repeated. */
  readonly code: string;
  /** A few words for the message: `create server`. */
  readonly what: string;
  readonly why?: string;
}

const CODE = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/** A fault whose message holds nothing that came from outside but a code. */
export function fault(mishap: Mishap): ProviderFault {
  const { cloud, what, why, code: told, ...rest } = mishap;
  const code = CODE.test(told) ? told : `http_${mishap.status ?? 'unknown'}`;
  const words = why ?? `${cloud} ${WORDS[mishap.class] ?? 'refused'}`;
  return new ProviderFault({ ...rest, code, message: messageOf(what, words, code) });
}

function messageOf(what: string, words: string, code: string): string {
  return `${what}: ${words} (${code})`;
}

/** Faults of one cloud: class, code, a few words for what was tried, and what else is known. */
export function faultAt(cloud: string) {
  return (
    kind: ProviderErrorClass,
    code: string,
    what: string,
    more: Partial<Omit<Mishap, 'cloud' | 'class' | 'code' | 'what'>> = {},
  ): ProviderFault => fault({ ...more, cloud, class: kind, code, what });
}

/** Refuses what a cloud cannot make in the words that the plan had for it; does nothing where there is no refusal. */
export function assertOffered(refusal: Refusal | undefined, what: string): void {
  if (refusal === undefined) return;
  const { code, why } = refusal;
  throw new ProviderFault({ class: 'unsupported', code, message: messageOf(what, why, code) });
}

/** What an error status means when its code is not known. */
export function classOfStatus(status: number, method: string): ProviderErrorClass {
  const known = STATUS[status];
  if (known !== undefined) return known;
  // Without a code nobody knows whose 404 it is: a proxy's is no proof that the object does not exist.
  if (status === 404) return lostClass(method);
  return status >= 500 || status === 408 ? brokenClass(method) : 'drift-api';
}

const STATUS: { readonly [status: number]: ProviderErrorClass } = {
  400: 'invalid-input',
  401: 'unauthenticated',
  403: 'forbidden',
  405: 'bug',
  406: 'bug',
  409: 'conflict',
  412: 'state',
  415: 'bug',
  422: 'invalid-input',
  423: 'locked',
  429: 'rate-limited',
};

/** The class of an answer that was lost or cannot be read: whatever it was, a write may have happened. */
export function lostClass(method: string): ProviderErrorClass {
  return method === 'GET' ? 'transient' : 'unknown-outcome';
}

/** The class of a server error: deleting may be repeated at once, because the second time finds nothing. */
function brokenClass(method: string): ProviderErrorClass {
  return method === 'DELETE' ? 'transient' : lostClass(method);
}
