import { z } from 'zod';
import type { Recipient } from '../../../schemas/sops/metadata.ts';
import type { KeyService } from '../port.ts';
import { askService, damaged, type KeySurroundings, refused, unavailable } from './reach.ts';

const SERVICE = 'Cosmian KMS';
const Reply = z.object({ tag: z.string(), value: z.array(z.object({ tag: z.string(), value: z.unknown() })) });
/** What an encryption yields: ciphertext, nonce and tag, in the order in which they are kept. */
const PARTS = ['Data', 'IVCounterNonce', 'AuthenticatedEncryptionTag'] as const;

/** A symmetric key of Cosmian KMS, over KMIP 2.1 as JSON. */
export function cosmianService(of: Extract<Recipient, { is: 'cosmian' }>, surroundings: KeySurroundings): KeyService {
  const ask = async (
    tag: 'Encrypt' | 'Decrypt',
    parts: { readonly [part: string]: string },
  ): Promise<ReadonlyMap<string, string>> => {
    const { environment, fetch } = surroundings;
    const plain = (address: string): string => address.replace(/\/+$/, '');
    // The address stands in a file that others may write, and must not decide where a token is sent.
    if (plain(environment['COSMIAN_KMS_URL'] ?? '') !== plain(of.address))
      throw refused(SERVICE, `set COSMIAN_KMS_URL to ${of.address} if that is your service`);
    const token = environment['COSMIAN_KMS_TOKEN'];
    const value = [
      { tag: 'UniqueIdentifier', type: 'TextString', value: of.key },
      ...Object.entries(parts).map(([part, hex]) => ({ tag: part, type: 'ByteString', value: hex })),
    ];
    const answer = await askService(fetch, {
      service: SERVICE,
      url: `${plain(of.address)}/kmip/2_1`,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      body: { tag, type: 'Structure', value },
    });
    if (answer.status === 401 || answer.status === 403)
      throw refused(SERVICE, 'check COSMIAN_KMS_TOKEN and the rights of the key');
    if (answer.status === 422 && tag === 'Decrypt') throw damaged(SERVICE);
    const reply = Reply.safeParse(answer.body);
    if (answer.status !== 200 || !reply.success || reply.data.tag !== `${tag}Response`)
      throw unavailable(SERVICE, `it answered with status ${answer.status}`);
    return new Map(reply.data.value.map(part => [part.tag, String(part.value)]));
  };
  return {
    async wrap(dataKey) {
      const got = await ask('Encrypt', { Data: Buffer.from(dataKey).toString('hex') });
      return PARTS.map(part => (got.get(part) ?? '').toLowerCase()).join('.');
    },
    async unwrap(wrapped) {
      const parts = wrapped.split('.');
      const got = await ask('Decrypt', Object.fromEntries(PARTS.map((part, index) => [part, parts[index] ?? ''])));
      return Buffer.from(got.get('Data') ?? '', 'hex');
    },
  };
}
