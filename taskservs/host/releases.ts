import type { HostItem } from '../../schemas/taskserv.ts';
import type { HostAct } from './act.ts';
import type { HostFacts } from './facts.ts';
import { modeText } from './files.ts';
import { digest } from './marker.ts';
import { INSTALL_RELEASE } from './scripts.ts';

type Release = Extract<HostItem, { readonly is: 'release' }>;

/** What the stamp of an installed release says. */
export function stampOf(
  { version, sources, files, archive }: Release,
  { architecture }: Pick<HostFacts, 'architecture'>,
): string {
  return `${version} ${digest([sources[architecture]?.sha256 ?? '', archive, files]).slice(0, 32)}`;
}

/** Installs a release; null when its files are the ones that were installed from it. */
export function releaseAct(release: Release, facts: HostFacts): HostAct | null {
  const { name, version, archive, files } = release;
  const stamp = stampOf(release, facts);
  const is = facts.releases[name] ?? null;
  if (is?.stamp === stamp && is.intact) return null;
  const source = release.sources[facts.architecture];
  if (source === undefined) throw new RangeError(`${name} ${version} has no build for ${facts.architecture}`);
  const because =
    is === null
      ? `${name} is not installed`
      : is.stamp === stamp
        ? `files of ${name} were changed`
        : `${name} is not ${version}`;
  const words = files.flatMap(({ from = '', to, mode }) => [from, to, modeText(mode)]);
  return {
    do: 'run',
    title: `install ${name} ${version}`,
    because,
    argv: ['sh', '-c', INSTALL_RELEASE, 'sh', source.url, source.sha256, archive, name, stamp, ...words],
    shown: ['fetch', source.url, 'sha256', source.sha256],
    withinSeconds: 900,
  };
}
