import type { HostAct } from './act.ts';
import type { Draft, Want } from './draft.ts';
import type { HostFacts, PathFacts } from './facts.ts';
import { digest, keptPath } from './marker.ts';
import { KEEP_AND_LINK, SET_ASIDE } from './scripts.ts';
import { type PlainItem, textDigest } from './written.ts';

type Of<Is extends PlainItem['is']> = Extract<PlainItem, { readonly is: Is }>;

const FILE_MODE = 0o644;

/** `0644`, as chmod takes it. */
export function modeText(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** Writes a file; null when it is as it shall be. */
export function fileAct(draft: Draft, { shown, real }: Want<Of<'file'>>): HostAct | null {
  const { path, mode = FILE_MODE, owner = 'root', group = 'root', check } = shown;
  const facts = draft.facts.paths[path] ?? null;
  const because = fileAstray(draft, { shown, facts }) ?? rightsAstray(path, facts, { mode, owner, group });
  if (because === null) return null;
  const isSecret = draft.isSecret(shown);
  const before = textBefore(draft, shown, facts);
  return {
    do: 'put',
    title: `write ${path}`,
    because,
    path,
    text: real.text,
    mode,
    owner,
    group,
    ...(isOurs(draft, shown) ? {} : { keep: keptPath(draft.service, path) }),
    ...(check === undefined ? {} : { check: check.map(word => word.replaceAll('{}', newPath(path))) }),
    ...(before === undefined ? {} : { before }),
    ...(isSecret ? { isSecret } : {}),
  };
}

/** What stands there came with this service, so that it is nothing to be put back on removal. */
function isOurs({ marker, facts, service }: Draft, { is, path }: Of<'file' | 'link'>): boolean {
  const isMade = marker?.made.some(one => one.is === is && one.key === path);
  return isMade === true || facts.journals[service]?.brought.includes(`${is} ${path}`) === true;
}

/** Where a text waits until it is checked: beside its place, so that it comes there in one step. */
export function newPath(path: string): string {
  return `${path}.provisioning-new`;
}

/** What stands there now, as far as it may be seen: of a file with a secret that is what we wrote, if it is still that. */
function textBefore(draft: Draft, shown: Of<'file'>, facts: PathFacts | null): string | undefined {
  if (facts === null) return undefined;
  if (!draft.isSecret(shown)) return facts.text ?? (isSame(shown, facts) ? shown.text : undefined);
  const last = draft.marker?.files[shown.path];
  return last?.text === facts.sha256 ? last?.shown : undefined;
}

function isSame(shown: Of<'file'>, facts: PathFacts): boolean {
  return facts.sha256 === textDigest(shown.text);
}

function fileAstray(
  draft: Draft,
  { shown, facts }: { readonly shown: Of<'file'>; readonly facts: PathFacts | null },
): string | null {
  const { path } = shown;
  if (facts === null) return `${path} is not there`;
  if (facts.type !== 'file') return `${path} is no file`;
  const last = draft.marker?.files[path];
  const isLast = last !== undefined && last.text === facts.sha256;
  const isWanted = draft.isSecret(shown) ? isLast && last.template === digest(shown.text) : isSame(shown, facts);
  if (isWanted) return null;
  return isLast ? `${path} is to be written anew` : `${path} was edited`;
}

interface Rights {
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
}

function rightsAstray(path: string, facts: PathFacts | null, want: Rights): string | null {
  if (facts === null) return null;
  if (facts.mode === want.mode && facts.owner === want.owner && facts.group === want.group) return null;
  const text = ({ mode, owner, group }: Rights): string => `${owner}:${group} ${modeText(mode)}`;
  return `${path} belongs to ${text(facts)}, not to ${text(want)}`;
}

/** Makes a folder, or gives it its rights. */
export function directoryAct(item: Of<'directory'>, { paths }: HostFacts): HostAct | null {
  const { path, mode, owner = 'root', group = 'root' } = item;
  const facts = paths[path] ?? null;
  const isThere = facts?.type === 'directory';
  const because = isThere ? rightsAstray(path, facts, { mode, owner, group }) : `${path} is no folder`;
  if (because === null) return null;
  const argv = ['install', '-d', '-m', modeText(mode), '-o', owner, '-g', group, '--', path];
  return { do: 'run', title: `make the folder ${path}`, because, argv };
}

/** Makes a link, and keeps what others had put there. */
export function linkAct(draft: Draft, item: Of<'link'>): HostAct | null {
  const { path, to } = item;
  const facts = draft.facts.paths[path] ?? null;
  if (facts?.type === 'link' && facts.to === to) return null;
  const because = facts === null ? `${path} is not there` : `${path} does not lead to ${to}`;
  const plain = ['ln', '-sfnT', '--', to, path];
  const argv = isOurs(draft, item) ? plain : ['sh', '-c', KEEP_AND_LINK, 'sh', path, keptPath(draft.service, path), to];
  return { do: 'run', title: `link ${path} to ${to}`, because, argv, shown: plain };
}

/** Takes a file away that others put there, and keeps it. */
export function absentAct({ facts, service }: Draft, { path }: Of<'absent'>): HostAct | null {
  // What a package brings that comes in this very run is not there yet.
  if (facts.paths[path] === null && facts.markers[service] !== undefined) return null;
  return {
    do: 'run',
    title: `take away ${path}`,
    ...(facts.paths[path] === null ? {} : { because: `${path} is there` }),
    argv: ['sh', '-c', SET_ASIDE, 'sh', path, keptPath(service, path)],
    shown: ['rm', '-f', path],
  };
}

/** Makes a user of the system, or puts it into its groups. */
export function userAct(
  { name, home = '/nonexistent', groups = [] }: Of<'user'>,
  { users }: HostFacts,
): HostAct | null {
  const is = users[name] ?? null;
  const missing = groups.filter(group => is === null || !is.includes(group));
  if (is !== null && missing.length === 0) return null;
  const into = missing.length === 0 ? [] : ['--groups', missing.join(',')];
  if (is !== null) {
    const because = `${name} is not in ${missing.join(', ')}`;
    return {
      do: 'run',
      title: `put ${name} into ${missing.join(', ')}`,
      because,
      argv: ['usermod', '--append', ...into, '--', name],
    };
  }
  const own = ['--system', '--user-group', '--no-create-home', '--home-dir', home, '--shell', '/usr/sbin/nologin'];
  return {
    do: 'run',
    title: `make the user ${name}`,
    because: `there is no user ${name}`,
    argv: ['useradd', ...own, ...into, '--', name],
  };
}
