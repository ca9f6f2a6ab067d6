import type { HostItem } from '../../schemas/taskserv.ts';
import type { HostAct } from './act.ts';
import type { PackageFacts } from './facts.ts';
import { MEND_PACKAGES } from './scripts.ts';

type Package = Extract<HostItem, { readonly is: 'package' }>;

/** Somebody else who installs is waited for; files that were edited stay as they are, because ours are written afterwards. */
const APT = [
  'apt-get',
  '-q',
  '-y',
  '-o',
  'DPkg::Lock::Timeout=240',
  '-o',
  'Acquire::Retries=3',
  '-o',
  'Dpkg::Options::=--force-confdef',
  '-o',
  'Dpkg::Options::=--force-confold',
] as const;

const WITHIN_SECONDS = 1_200;

/** Why a package is not as it is wanted; null when it is. */
export function packageAstray({ name, version }: Package, facts: PackageFacts | null | undefined): string | null {
  if (facts === undefined || facts === null) return `${name} is not installed`;
  if (facts.state === 'broken') return `the installation of ${name} did not finish`;
  if (version === undefined || matches(version, facts.version)) return null;
  return `${name} is ${facts.version}, not ${version}`;
}

function matches(wanted: string, version: string): boolean {
  return wanted.endsWith('*') ? version.startsWith(wanted.slice(0, -1)) : version === wanted;
}

/** Installs packages together: they are one step of the package database. */
export function installAct(packages: readonly Package[], because: readonly string[]): HostAct {
  const names = packages.map(({ name, version }) => (version === undefined ? name : `${name}=${version}`));
  return {
    do: 'run',
    title: `install ${names.join(', ')}`,
    because: because.join('; '),
    argv: [...APT, 'install', '--no-install-recommends', '--allow-downgrades', '--', ...names],
    shown: ['apt-get', 'install', '--no-install-recommends', ...names],
    mend: ['sh', '-c', MEND_PACKAGES],
    withinSeconds: WITHIN_SECONDS,
  };
}

/** Takes packages away again. Where data shall stay, only the programs go: purging would take the data with them. */
export function removeAct(names: readonly string[], keepsData: boolean): HostAct {
  const verb = keepsData ? 'remove' : 'purge';
  return {
    do: 'run',
    title: `${verb} ${names.join(', ')}`,
    argv: [...APT, verb, '--', ...names],
    shown: ['apt-get', verb, ...names],
    mend: ['sh', '-c', MEND_PACKAGES],
    withinSeconds: WITHIN_SECONDS,
  };
}

/** Reads the lists again, after a repository came. */
export const UPDATE_LISTS: HostAct = {
  do: 'run',
  title: 'read the lists of packages',
  argv: ['apt-get', '-q', '-o', 'Acquire::Retries=3', '-o', 'APT::Update::Error-Mode=any', 'update'],
};
