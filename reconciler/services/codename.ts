import type { Serving } from './serving.ts';

/** Debian's releases by what images call them. */
const CODENAMES: readonly (readonly [RegExp, string])[] = [
  [/trixie|debian[^a-z]*13/i, 'trixie'],
  [/bookworm|debian[^a-z]*12/i, 'bookworm'],
];

/** The codename that a server will have by its image in the files, as long as nobody has looked. */
export function codenameOf({ workspace }: Pick<Serving, 'workspace'>, server: string): string {
  const image = workspace.resources.find(({ address }) => address === `server/${server}`)?.spec['image'];
  return CODENAMES.find(([pattern]) => pattern.test(String(image)))?.[1] ?? 'bookworm';
}
