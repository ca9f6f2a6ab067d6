import { createAws } from '../../test/fakes/aws/cloud.ts';
import { createHetzner } from '../../test/fakes/hetzner/cloud.ts';
import { serve } from '../../test/fakes/serve.ts';
import { createUpcloud } from '../../test/fakes/upcloud/cloud.ts';
import type { TrueObject } from '../../test/providers/contract/world.ts';
import { truth as awsTruth } from '../../test/providers/aws/aws-world.ts';
import { truth as hetznerTruth } from '../../test/providers/hetzner/hetzner-world.ts';
import { truth as upcloudTruth } from '../../test/providers/upcloud/upcloud-world.ts';

/** A fake of a real cloud that listens, and what a workspace needs to use it. */
export interface Fake {
  readonly url: string;
  /** More for the provider's entry in the workspace file. */
  readonly entry: { readonly [field: string]: string | number };
  readonly environment: { readonly [name: string]: string };
  /** Kinds that the cloud has no object for. */
  readonly virtual: readonly string[];
  /** The server size that a change asks for. */
  readonly biggerSize: string;
  truth(): readonly TrueObject[];
  /** Objects that were made, ever. */
  made(): number;
  close(): Promise<void>;
}

const TOKEN = 'token-for-the-crash-proof';
/** Longer than a look takes on a busy machine, so that every asynchronous action is waited for. */
const ACTION_MS = 150;

async function hetzner(): Promise<Fake> {
  const cloud = createHetzner({
    descriptions: [],
    settings: { token: TOKEN, actionMs: ACTION_MS, bucket: { limit: 1_000_000, perSecond: 1_000 } },
  });
  const { url, close } = await serve(cloud.handle);
  return {
    url: `${url}/v1`,
    entry: {},
    environment: { HCLOUD_TOKEN: TOKEN },
    virtual: [],
    biggerSize: 'cx33',
    truth() {
      cloud.settle(Date.now());
      return hetznerTruth(cloud);
    },
    made: () => cloud.ledger().filter(entry => entry.asked === 'create' && entry.status === 201).length,
    close,
  };
}

async function upcloud(): Promise<Fake> {
  const cloud = createUpcloud({ settings: { token: TOKEN, actionMs: ACTION_MS } });
  const { url, close } = await serve(cloud.handle);
  return {
    url,
    entry: {},
    environment: { UPCLOUD_TOKEN: TOKEN },
    virtual: ['ssh-key', 'firewall'],
    biggerSize: '4xCPU-8GB',
    truth() {
      cloud.settle(Date.now());
      // Disks that came with a server carry no address of ours.
      return upcloudTruth(cloud).filter(
        ({ kind, labels }) => kind !== 'volume' || labels['provisioning/address'] !== undefined,
      );
    },
    made: () => cloud.ledger().filter(entry => entry.asked === 'create' && entry.status < 300).length,
    close,
  };
}

const KEYS = { accessKeyId: 'AKIACRASHPROOF', secretAccessKey: TOKEN };

async function aws(): Promise<Fake> {
  const cloud = createAws({ now: Date.now(), settings: { credentials: KEYS, actionMs: ACTION_MS } });
  const { url, close } = await serve(cloud.handle);
  return {
    url,
    // Reads are not late here, and a look-up after a kill need not wait as long as at AWS.
    entry: { visibleAfterMs: 300 },
    environment: { AWS_ACCESS_KEY_ID: KEYS.accessKeyId, AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey },
    virtual: [],
    biggerSize: 't3.large',
    truth() {
      cloud.settle(Date.now());
      return awsTruth(cloud.state);
    },
    made: () =>
      cloud.ledger().filter(({ action, code }) => /^(?:Create|Run|Import|Allocate)/.test(action) && code === '').length,
    close,
  };
}

/** Every fake by the name of its provider. */
export const FAKES: { readonly [provider: string]: () => Promise<Fake> } = { hetzner, upcloud, aws };
