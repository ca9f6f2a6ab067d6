import type { ProviderErrorClass } from '../../schemas/provider.ts';
import { classOfStatus, faultAt } from '../transport/fault.ts';

/** What messages call it. */
export const CLOUD = 'UpCloud';

/** What single codes of UpCloud mean for the engine. */
const CODES: { readonly [code: string]: ProviderErrorClass } = {
  ACTION_FORBIDDEN: 'forbidden',
  ADDRESS_ATTACHED: 'dependency',
  AUTHENTICATION_FAILED: 'unauthenticated',
  BACKUP_RULE_CONFLICT: 'invalid-input',
  DUPLICATE_LABEL_KEYS: 'invalid-input',
  DUPLICATE_RESOURCE: 'already-exists',
  INSUFFICIENT_CREDITS: 'quota',
  INVALID_REQUEST: 'invalid-input',
  NETWORK_NOT_EMPTY: 'dependency',
  PEERING_CONFLICT: 'invalid-input',
  RESOURCE_IN_USE: 'dependency',
  // The name says that too many are being created at once: it passes.
  SERVER_CREATING_LIMIT_REACHED: 'locked',
  STORAGE_IN_USE: 'dependency',
  STRICT_ANTI_AFFINITY_NOT_MET: 'capacity',
  TRIAL_PLAN: 'forbidden',
  UNKNOWN_ATTRIBUTE: 'invalid-input',
  VALIDATION_ERROR: 'invalid-input',
};

/** What the codes mean by how they end; UpCloud has more than two hundred of them, and they are regular. */
const ENDINGS: readonly (readonly [string, ProviderErrorClass])[] = [
  ['_NOT_FOUND', 'not-found'],
  ['_LIMIT_REACHED', 'quota'],
  ['_FORBIDDEN', 'forbidden'],
  // We look before we ask: a state that is wrong in spite of that is one that something else is just changing.
  ['_STATE_ILLEGAL', 'locked'],
  ['_RESOURCES_UNAVAILABLE', 'capacity'],
  ['_INVALID', 'invalid-input'],
  ['_MISSING', 'invalid-input'],
  ['_ATTACHED', 'dependency'],
  ['_EXISTS', 'already-exists'],
];

/** The class of an answer with an error status. A code counts only with a status of the caller's fault. */
export function classOf(status: number, method: string, code: string): ProviderErrorClass {
  const isCoded = status >= 400 && status < 500 && status !== 401 && status !== 429;
  const ending = ENDINGS.find(([end]) => code.endsWith(end))?.[1];
  const known = isCoded ? (Object.hasOwn(CODES, code) ? CODES[code] : ending) : undefined;
  return known ?? classOfStatus(status, method);
}

/** A fault at UpCloud. */
export const fault = faultAt(CLOUD);
