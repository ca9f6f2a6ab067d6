import { Fault } from '../../../schemas/fault.ts';
import { type Recipient, recipientText, type WrappedKey } from '../../../schemas/sops/metadata.ts';
import type { KeyService } from '../port.ts';
import { ageIdentities, ageKeyService } from './age-key.ts';
import { awsKmsService } from './aws-kms.ts';
import { cosmianService } from './cosmian.ts';
import { localKeyService } from './local-key.ts';
import type { KeySurroundings } from './reach.ts';
import { transitService } from './transit.ts';

/** The service behind a recipient. Nothing is read or asked before it is used. */
export function keyService(of: Recipient, surroundings: KeySurroundings): KeyService {
  switch (of.is) {
    case 'local':
      return localKeyService(surroundings.folder, of.id);
    case 'age':
      return ageKeyService(of.recipient, () => ageIdentities(surroundings));
    case 'aws-kms':
      return awsKmsService(of);
    case 'vault':
      return transitService(of, surroundings);
    case 'cosmian':
      return cosmianService(of, surroundings);
  }
}

/** The data key once for each recipient. */
export async function wrapFor(
  dataKey: Uint8Array,
  recipients: readonly Recipient[],
  surroundings: KeySurroundings,
): Promise<readonly WrappedKey[]> {
  const wrapped: WrappedKey[] = [];
  for (const recipient of recipients)
    wrapped.push({ recipient, enc: await keyService(recipient, surroundings).wrap(dataKey) });
  return wrapped;
}

/**
 * The data key by the first recipient that can open it. Throws Fault `denied` with the public ids of all recipients when none
 * of them is here, and what the last service said when one could have, such as `unavailable`.
 */
export async function unwrapAny(
  file: string,
  keys: readonly WrappedKey[],
  surroundings: KeySurroundings,
): Promise<Uint8Array> {
  let said: unknown = null;
  for (const { recipient, enc } of keys) {
    try {
      const key = await keyService(recipient, surroundings).unwrap(enc);
      if (key?.length === 32) return key;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      said = weightier(said, error);
    }
  }
  if (said !== null) throw said;
  throw new Fault('denied', {
    id: 'SEC-IDENTITY',
    at: { file, line: 1, column: 1 },
    what: `${file} cannot be opened here: no identity for any of its recipients`,
    why: `it is encrypted for ${keys.map(key => recipientText(key.recipient)).join(', ') || 'nobody that is known here'}`,
    fix: 'set SOPS_AGE_KEY_FILE, or have your own recipient added: provisioning secret keygen shows it',
  });
}

/** A service that is down may answer later, so that is said before a refusal; a key that was changed is said before both. */
function weightier(one: unknown, other: Fault): Fault {
  const order = ['denied', 'unavailable', 'integrity'];
  return one instanceof Fault && order.indexOf(one.code) >= order.indexOf(other.code) ? one : other;
}
