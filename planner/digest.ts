import { createHash } from 'node:crypto';
import { canonical } from '../schemas/json.ts';
import type { Sha256 } from '../schemas/name.ts';

/** SHA-256 of the canonical text of a JSON value. */
export function digestOf(value: unknown): Sha256 {
  return createHash('sha256').update(canonical(value)).digest('hex');
}
