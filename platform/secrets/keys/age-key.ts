import { join } from 'node:path';
import { armor, Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { Fault } from '../../../schemas/fault.ts';
import type { KeyService } from '../port.ts';
import { readKeyFile, writeKeyFile } from './key-file.ts';
import { damaged, type KeySurroundings } from './reach.ts';

const FILE = 'age.txt';
const IDENTITY = /^AGE-SECRET-KEY-(?:1|PQ-1)[0-9A-Z]{20,4000}$/;

/** Every identity of age that this machine has: `SOPS_AGE_KEY`, the file in `SOPS_AGE_KEY_FILE`, and the key of our own home. */
export async function ageIdentities({ environment, folder }: KeySurroundings): Promise<readonly string[]> {
  const named = environment['SOPS_AGE_KEY_FILE'];
  const texts = [
    environment['SOPS_AGE_KEY'] ?? '',
    named === undefined || named === '' ? '' : await namedFile(named),
    (await readKeyFile(join(folder, FILE))) ?? '',
  ];
  const lines = texts.flatMap(text => text.split('\n')).map(line => line.trim());
  return [...new Set(lines.filter(line => IDENTITY.test(line)))];
}

async function namedFile(path: string): Promise<string> {
  const text = await readKeyFile(path);
  if (text !== null) return text;
  throw new Fault('denied', { id: 'SEC-KEY-FILE', what: `SOPS_AGE_KEY_FILE names ${path}, which is not there` });
}

/** The recipient of this machine's own key, which is made when there is none. */
export async function ensureAgeKey(folder: string): Promise<string> {
  const path = join(folder, FILE);
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  await writeKeyFile(path, `# public key: ${recipient}\n${identity}\n`);
  const kept = ((await readKeyFile(path)) ?? '').split('\n').find(line => IDENTITY.test(line.trim()));
  if (kept === undefined) throw new Fault('denied', { id: 'SEC-KEY-FILE', what: `${path} holds no age key` });
  return identityToRecipient(kept.trim());
}

/** A recipient of age. */
export function ageKeyService(recipient: string, identities: () => Promise<readonly string[]>): KeyService {
  return {
    async wrap(dataKey) {
      const encrypter = new Encrypter();
      try {
        encrypter.addRecipient(recipient);
      } catch {
        throw new Fault('invalid', { id: 'SEC-RECIPIENT', what: `${recipient.slice(0, 80)} is no recipient of age` });
      }
      // SOPS ends its own with a line end as well.
      return `${armor.encode(await encrypter.encrypt(dataKey)).trimEnd()}\n`;
    },
    async unwrap(wrapped) {
      const held: string[] = [];
      for (const identity of await identities())
        if ((await identityToRecipient(identity)) === recipient) held.push(identity);
      if (held.length === 0) return null;
      const decrypter = new Decrypter();
      for (const identity of held) decrypter.addIdentity(identity);
      try {
        return await decrypter.decrypt(armor.decode(wrapped));
      } catch {
        throw damaged('age');
      }
    },
  };
}
