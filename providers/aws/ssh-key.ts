import { z } from 'zod';
import { cloudName } from '../../schemas/owner.ts';
import { type Call, ec2 } from './client.ts';
import type { AwsKind, Sighting, Where } from './kind.ts';
import { Id, Word, eachFilter, filtersFor, listOf } from './pages.ts';
import { Nothing } from './retag.ts';
import { unlessGone } from './settle.ts';
import { Tags, newTags } from './tags.ts';

const KeyPair = z.object({
  KeyPairId: Id,
  KeyName: Id,
  KeyFingerprint: Word,
  PublicKey: z.string().max(16_384).nullish(),
  CreateTime: z.date().nullish(),
  Tags,
});
export type KeyPair = z.infer<typeof KeyPair>;
const Reply = z.object({ KeyPairs: listOf(KeyPair) });

/** Key pairs have no pages. */
export async function keyPairs(call: Call, where: Where): Promise<readonly KeyPair[]> {
  return eachFilter(filtersFor(where, { id: 'key-pair-id', name: 'key-name' }), async Filters => {
    const { KeyPairs } = await ec2(call, 'DescribeKeyPairs', { Filters, IncludePublicKey: true }, Reply);
    return KeyPairs;
  });
}

/** Public keys. A key pair cannot be changed, so that a new key is a new object. */
export const sshKey: AwsKind = {
  tagger: 'ec2',
  sight: async (call, _account, where) => (await keyPairs(call, where)).map(sighted),
  async create(call, _account, request) {
    const input = {
      KeyName: cloudName(request.owner),
      PublicKeyMaterial: Buffer.from(String(request.spec['publicKey'])),
      TagSpecifications: [{ ResourceType: 'key-pair' as const, Tags: newTags(request) }],
    };
    const reply = await ec2(call, 'ImportKeyPair', input, z.object({ KeyPairId: Id }), { main: true });
    return reply.KeyPairId;
  },
  converge: () => Promise.resolve('done'),
  async remove(call, _account, seen) {
    await unlessGone(ec2(call, 'DeleteKeyPair', { KeyPairId: seen.id }, Nothing, { main: true }));
    return 'done';
  },
};

function sighted(pair: KeyPair): Sighting {
  const publicKey = pair.PublicKey?.trim() ?? '';
  return {
    id: pair.KeyPairId,
    tags: pair.Tags,
    nativeName: pair.KeyName,
    spec: publicKey === '' ? {} : { publicKey },
    outputs: { fingerprint: pair.KeyFingerprint ?? null },
    phase: 'ready',
    createdAt: pair.CreateTime?.getTime() ?? 0,
    attached: false,
    carriers: [pair.KeyPairId],
    facts: null,
  };
}
