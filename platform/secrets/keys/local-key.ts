import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { KeyService } from '../port.ts';
import { readKeyFile, writeKeyFile } from './key-file.ts';
import { damaged, refused } from './reach.ts';

const FILE = 'local.key';
const SERVICE = 'the local key';
const BINDING = Buffer.from('provisioning local key 1');

/** What names a local key in public: a part of a hash over it. */
function idOf(key: Uint8Array): string {
  return createHash('sha256').update(BINDING).update(key).digest('hex').slice(0, 16);
}

async function readLocalKey(folder: string): Promise<Buffer | null> {
  const text = await readKeyFile(join(folder, FILE));
  const key = text === null ? null : Buffer.from(text.trim(), 'base64');
  return key?.length === 32 ? key : null;
}

/** The id of this machine's local key, which is made when there is none. */
export async function ensureLocalKey(folder: string): Promise<string> {
  await writeKeyFile(join(folder, FILE), `${randomBytes(32).toString('base64')}\n`);
  const key = await readLocalKey(folder);
  if (key === null) throw refused(SERVICE, `move ${join(folder, FILE)} away: it holds no key`);
  return idOf(key);
}

/** AES-256-GCM under a key file of this machine. */
export function localKeyService(folder: string, id: string): KeyService {
  const own = async (): Promise<Buffer | null> => {
    const key = await readLocalKey(folder);
    return key !== null && idOf(key) === id ? key : null;
  };
  return {
    async wrap(dataKey) {
      const key = await own();
      if (key === null) throw refused(SERVICE, `bring the key with the id ${id} to this machine`);
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(BINDING);
      const data = Buffer.concat([cipher.update(dataKey), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), data]).toString('base64');
    },
    async unwrap(wrapped) {
      const key = await own();
      if (key === null) return null;
      const bytes = Buffer.from(wrapped, 'base64');
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAAD(BINDING);
        decipher.setAuthTag(bytes.subarray(12, 28));
        return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
      } catch {
        throw damaged(SERVICE);
      }
    },
  };
}
