import { z } from 'zod';
import type { Recipient } from '../../../schemas/sops/metadata.ts';
import type { KeyService } from '../port.ts';
import { askService, damaged, type KeySurroundings, refused, unavailable } from './reach.ts';

const SERVICE = 'Vault Transit';
const Encrypted = z.object({ data: z.object({ ciphertext: z.string().regex(/^vault:v\d+:/) }) });
const Decrypted = z.object({ data: z.object({ plaintext: z.base64() }) });

/** A key of the transit engine of HashiCorp Vault or OpenBao, which speak the same API. */
export function transitService(of: Extract<Recipient, { is: 'vault' }>, surroundings: KeySurroundings): KeyService {
  const ask = async <T>(verb: 'encrypt' | 'decrypt', body: unknown, reply: z.ZodType<T>): Promise<T> => {
    const { environment, fetch } = surroundings;
    const home = environment['VAULT_ADDR'] ?? environment['BAO_ADDR'] ?? '';
    const token = environment['VAULT_TOKEN'] ?? environment['BAO_TOKEN'] ?? '';
    const plain = (address: string): string => address.replace(/\/+$/, '');
    // The address stands in a file that others may write, and must not decide where a token is sent.
    if (plain(home) !== plain(of.address))
      throw refused(SERVICE, `set VAULT_ADDR to ${of.address} if that is your Vault`);
    if (token === '') throw refused(SERVICE, 'set VAULT_TOKEN');
    const namespace = environment['VAULT_NAMESPACE'];
    const answer = await askService(fetch, {
      service: SERVICE,
      url: `${plain(of.address)}/v1/${of.engine}/${verb}/${of.key}`,
      headers: { 'x-vault-token': token, ...(namespace === undefined ? {} : { 'x-vault-namespace': namespace }) },
      body,
    });
    if (answer.status === 403 || answer.status === 401) throw refused(SERVICE, 'check VAULT_TOKEN and its policy');
    if (answer.status === 400 && verb === 'decrypt') throw damaged(SERVICE);
    const read = reply.safeParse(answer.body);
    if (answer.status !== 200 || !read.success) throw unavailable(SERVICE, `it answered with status ${answer.status}`);
    return read.data;
  };
  return {
    async wrap(dataKey) {
      const plaintext = Buffer.from(dataKey).toString('base64');
      return (await ask('encrypt', { plaintext }, Encrypted)).data.ciphertext;
    },
    async unwrap(ciphertext) {
      return Buffer.from((await ask('decrypt', { ciphertext }, Decrypted)).data.plaintext, 'base64');
    },
  };
}
