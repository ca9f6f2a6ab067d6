import { z } from 'zod';
import { publicKey } from '../../schemas/public-key.ts';
import type { HostItem } from '../../schemas/taskserv.ts';

/** A package repository of somebody else. */
export interface Origin {
  /** Name of its file on the host. */
  readonly name: string;
  readonly uri: string;
  readonly suite: string;
  readonly components: readonly string[];
  /** Where its owner publishes the key, for people. */
  readonly keyAt: string;
}

/** What a user says of it. */
export interface Trusted {
  readonly key: string;
  readonly uri?: string | undefined;
}

/** The field `repository`: its key is pinned by the user, because a key that is fetched proves nothing. */
export function repositoryField({ keyAt }: Origin) {
  const key = publicKey(`the key that signs the packages is pinned by you: it is published at ${keyAt}`);
  const shape = z.strictObject({
    key: key.describe(`Public key that signs the repository, in armoured form. It is published at ${keyAt}.`),
    uri: z
      .url({ protocol: /^https?$/ })
      .max(2048)
      .optional()
      .describe('Address of the repository, where it is not the one of upstream.'),
  });
  return shape.describe('The package repository that it comes from.');
}

/** The repository as an item of the host. */
export function repositoryOf(origin: Origin, { key, uri }: Trusted): HostItem {
  return {
    is: 'repository',
    name: origin.name,
    uri: uri ?? origin.uri,
    suite: origin.suite,
    components: origin.components,
    key,
  };
}
