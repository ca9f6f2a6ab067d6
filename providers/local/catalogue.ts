import type { CallContext, Catalogue } from '../../schemas/provider.ts';
import { type Account, imageReference, IMAGES, SIZES } from './account.ts';
import { ask } from './client.ts';
import { Images } from './replies.ts';

/** The one zone there is. */
const ZONE = 'local';

/** Nothing is charged. The least price that can be written keeps "free" apart from "unknown". */
const LEAST = 1;

export async function catalogue(ctx: CallContext, { url }: Account): Promise<Catalogue> {
  const get = { what: 'list images', method: 'GET', path: '/images/json', reply: Images } as const;
  const images = await ask(ctx, url, get);
  const built = new Set(images.flatMap(({ RepoTags }) => RepoTags ?? []));
  return {
    sizes: Object.keys(SIZES).map(name => ({
      name,
      kind: 'server',
      zones: [ZONE],
      stock: null,
      monthly: LEAST,
    })),
    images: IMAGES.map(name => ({
      name,
      zones: [],
      ...(built.has(imageReference(name)) ? {} : { make: `provisioning image build ${name}` }),
    })),
    zones: [ZONE],
    quotas: [],
    prices: [],
    currency: 'EUR',
  };
}
