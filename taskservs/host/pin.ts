import { z } from 'zod';
import type { Architecture, HostItem, HostPlace } from '../../schemas/taskserv.ts';

/** Where somebody else publishes their releases. */
export interface Upstream {
  /** Name of the release on the host. */
  readonly name: string;
  /** Address of a download, with `{version}` and `{arch}`. */
  readonly url: string;
  /** What upstream calls an architecture; as Debian does unless said. */
  readonly words?: { readonly [architecture in Architecture]: string };
  readonly archive: 'tar.gz' | 'tar.xz' | 'zip' | 'none';
  /** Paths inside the archive may hold `{version}` and `{arch}` too. */
  readonly files: readonly { readonly from?: string; readonly to: string; readonly mode: number }[];
  /** Where upstream publishes the checksums, for people. */
  readonly checksums: string;
  /** A version as upstream writes it, for the help of the field. */
  readonly example: string;
}

/** What a user pins of a release. */
export interface Pinned {
  readonly version: string;
  readonly sha256: string;
  readonly url?: string | undefined;
}

/** Letters of a version, so that it may stand in an address and in a path. */
export const Version = z
  .string()
  .regex(/^[0-9][0-9A-Za-z.+~-]{0,62}$/, 'a version looks like 1.2.3, without a leading v');

const missing = (what: string) => (issue: { readonly input?: unknown }) =>
  issue.input === undefined ? what : undefined;

/** The field of one digest: there is none in this catalogue, because none is known here for certain. */
export function digestField({ name, checksums }: Pick<Upstream, 'name' | 'checksums'>) {
  return z
    .string({ error: missing(`the SHA-256 of ${name} is pinned by you: upstream publishes it at ${checksums}`) })
    .regex(/^[0-9a-f]{64}$/, 'a SHA-256 has 64 digits 0-9 a-f')
    .describe(`SHA-256 of the download for this server. Upstream publishes it at ${checksums}.`);
}

/** A container image that is pinned by its digest. */
export function imageField(example: string) {
  return z
    .string({ error: missing(`the image is pinned by you, with its digest: ${example}@sha256:...`) })
    .max(512)
    .regex(
      /^[a-z0-9.-]+(?::\d+)?(?:\/[a-z0-9._-]+)+(?::[\w.-]+)?@sha256:[0-9a-f]{64}$/,
      `an image is pinned by its digest: ${example}@sha256:...`,
    )
    .describe(`Image with its digest, such as ${example}@sha256:....`);
}

/** `version`, `sha256` and `url`: what a service of a release asks its user for. */
export function pinFields(upstream: Upstream) {
  const { name, example, checksums } = upstream;
  const version = z
    .string({ error: missing(`the version of ${name} is pinned by you, with its SHA-256 from ${checksums}`) })
    .pipe(Version);
  const url = z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .optional()
    .describe('Address of the download, where it is not the one of upstream.');
  return { version: version.describe(`Version to install, such as ${example}.`), sha256: digestField(upstream), url };
}

/** The release as an item of the host. */
export function releaseOf(upstream: Upstream, pin: Pinned, { architecture }: HostPlace): HostItem {
  const fill = (text: string): string =>
    text.replaceAll('{version}', pin.version).replaceAll('{arch}', upstream.words?.[architecture] ?? architecture);
  return {
    is: 'release',
    name: upstream.name,
    version: pin.version,
    sources: { [architecture]: { url: pin.url ?? fill(upstream.url), sha256: pin.sha256 } },
    archive: upstream.archive,
    files: upstream.files.map(({ from, to, mode }) => ({
      ...(from === undefined ? {} : { from: fill(from) }),
      to,
      mode,
    })),
  };
}
