import { z } from 'zod';

/** A time in milliseconds: fixed, or evenly spread between two. */
export const Span = z.union([z.int().min(0), z.tuple([z.int().min(0), z.int().min(0)])]);
export type Span = z.infer<typeof Span>;

export function spanMs(span: Span, random: () => number): number {
  if (typeof span === 'number') return span;
  return Math.round(span[0] + random() * (span[1] - span[0]));
}

/** Which cloud is imitated, in what matters for getting a create right exactly once. */
export const PROFILES = {
  /** A name may be used once for each kind; reads see every write. */
  hetzner: { uniqueNames: true, tokens: false, readLagMs: 0 },
  /** The token of a create is remembered; names may repeat; reads see a write a while later. */
  ec2: { uniqueNames: false, tokens: true, readLagMs: 2_000 },
  /** Nothing tells two creates apart but the labels. */
  upcloud: { uniqueNames: false, tokens: false, readLagMs: 0 },
} as const;
export const ProfileName = z.enum(['hetzner', 'ec2', 'upcloud']);
export type ProfileName = z.infer<typeof ProfileName>;

export const Settings = z.strictObject({
  /** Used for requests that name no profile in `x-demo-profile`. */
  profile: ProfileName.default('hetzner'),
  account: z.string().min(1).max(63).default('demo'),
  /** Bearer token that every request must carry; null admits all. */
  token: z.string().min(1).nullable().default(null),
  seed: z.int().default(1),
  /** Time an answer takes. `kinds` is for creates of a kind and goes before `writes`. */
  latency: z
    .strictObject({
      reads: Span.default(0),
      writes: Span.default(0),
      kinds: z.record(z.string(), Span).default({}),
    })
    .prefault({}),
  /** Time that an action on a server, volume, load balancer or task service runs; 0 finishes it within the request. */
  actionMs: Span.default(0),
  /** Instead of the profile's own read lag, in milliseconds. */
  readLagMs: z.int().min(0).max(600_000).nullable().default(null),
  pageSize: z.int().min(1).max(1_000).default(50),
  /** Requests per second that refill a bucket of `burst`; null is no limit. */
  rateLimit: z
    .strictObject({ perSecond: z.number().positive(), burst: z.int().min(1) })
    .nullable()
    .default(null),
  /** Largest number of objects of a kind. */
  quotas: z.record(z.string(), z.int().min(0)).default({}),
  /** How many more servers of a size can be had. A size that is missing here never runs out. */
  stock: z.record(z.string(), z.int().min(0)).default({}),
  /** Price per month in 1/10,000 of the currency, by size or by kind, instead of the catalogue's own. */
  prices: z.record(z.string(), z.int().min(0)).default({}),
});
export type Settings = z.infer<typeof Settings>;
export type SettingsInput = z.input<typeof Settings>;
