import { isObject } from '../../schemas/json.ts';
import type { ProviderErrorClass } from '../../schemas/provider.ts';
import { classOfStatus, faultAt } from '../transport/fault.ts';

/** What messages call it. */
export const CLOUD = 'the container engine';

export const fault = faultAt(CLOUD);

interface Meaning {
  readonly code: string;
  readonly class: ProviderErrorClass;
}

/** What an engine says in words alone: podman answers 500 to nearly everything. Its words are matched, never repeated. */
const WORDS: readonly (readonly [RegExp, Meaning])[] = [
  [
    /already (?:in )?use|already exists|already used|is already used|Conflict\. The container name/i,
    { code: 'taken', class: 'already-exists' },
  ],
  [/overlaps|already used on the host/i, { code: 'taken', class: 'already-exists' }],
  [/no such image|image not known/i, { code: 'no_image', class: 'invalid-input' }],
  [/(?:is being used|volume is in use|has active endpoints|in use by)/i, { code: 'in_use', class: 'dependency' }],
  [/no such|not found|does not exist/i, { code: 'not_found', class: 'not-found' }],
];

/** What a refusal means. Only an answer in the words of the engine can say that something is not there. */
export function meaningOf(status: number, method: string, body: unknown): Meaning {
  const told = isObject(body) && typeof body['message'] === 'string' ? body['message'] : null;
  const known = told === null ? undefined : WORDS.find(([words]) => words.test(told))?.[1];
  if (known !== undefined) return known;
  if (status === 404 && told !== null) return { code: 'not_found', class: 'not-found' };
  return { code: `http_${status}`, class: classOfStatus(status, method) };
}
