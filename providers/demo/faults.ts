import { type ProviderErrorClass, type ProviderFault } from '../../schemas/provider.ts';
import { classOfStatus, faultAt } from '../transport/fault.ts';

/** What messages call it. */
export const CLOUD = 'the demo cloud';

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

export interface Answered {
  /** `create server` or another few words for the message. */
  readonly what: string;
  readonly method: string;
  readonly status: number;
  readonly code: string | null;
  readonly partialId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  /** Takes the place of the usual words. */
  readonly why?: string | undefined;
}

/** The fault for an answer with an error status. */
export function answerFault(answer: Answered): ProviderFault {
  const { what, method, status, code, partialId, retryAfterMs, why } = answer;
  const named = code !== null && Object.hasOwn(CLASSES, code) ? CLASSES[code] : undefined;
  return fault(named ?? classOfStatus(status, method), code ?? '', what, {
    status,
    ...(partialId === undefined ? {} : { partialId }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(why === undefined ? {} : { why }),
  });
}

export const fault = faultAt(CLOUD);
