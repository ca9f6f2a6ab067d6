import type { HostItem } from '../../schemas/taskserv.ts';
import { archiveOf, wordList } from './archive.ts';
import type { HostFacts } from './facts.ts';
import { textDigest, written } from './written.ts';
import { digest } from './marker.ts';

/** What is to be looked at on a host: what services want there, and what must exist besides. */
export interface Question {
  /** The items of every service, secrets as stand-ins. A text that is as wanted is not sent back. */
  readonly items: readonly HostItem[];
  /** Texts that nobody may see. */
  readonly isSecret: (item: HostItem) => boolean;
  /** Paths of which only the existence matters. */
  readonly paths?: readonly string[];
}

/** Identity of the way in which a task is asked whether it is done. */
export function probeOf(task: Extract<HostItem, { readonly is: 'task' }>): string {
  return digest([task.done, task.as ?? '']).slice(0, 32);
}

/** What the look script reads. */
export function questionArchive({ items, isSecret, paths = [] }: Question): Uint8Array {
  const asked = { paths: new Set(paths), packages: new Set<string>(), users: new Set<string>() };
  const daemons = new Set<string>();
  const releases = new Set<string>();
  const texts = new Map<string, string>();
  const folder = new Map<string, string>();
  for (const item of items.flatMap(written)) {
    if ('path' in item) asked.paths.add(item.path);
    if (item.is === 'file' && !isSecret(item)) texts.set(item.path, textDigest(item.text));
    if (item.is === 'package') asked.packages.add(item.name);
    if (item.is === 'user') asked.users.add(item.name);
    if (item.is === 'daemon') daemons.add(item.unit);
    if (item.is === 'release') releases.add(item.name);
    if (item.is === 'task') {
      folder.set(`tasks/${probeOf(item)}/argv`, wordList(item.done));
      if (item.as !== undefined) folder.set(`tasks/${probeOf(item)}/as`, item.as);
    }
  }
  folder.set('paths', wordList([...asked.paths]));
  folder.set('texts', wordList([...texts].flatMap(([path, sum]) => [sum, path])));
  folder.set('packages', wordList([...asked.packages]));
  folder.set('users', wordList([...asked.users]));
  folder.set('daemons', wordList([...daemons]));
  folder.set('releases', wordList([...releases]));
  return archiveOf(folder);
}

/** Fills in as absent what was asked about and not found. */
export function answered(question: Question, facts: HostFacts): HostFacts {
  const paths: { [path: string]: HostFacts['paths'][string] } = {};
  const packages: { [name: string]: HostFacts['packages'][string] } = {};
  const users: { [name: string]: HostFacts['users'][string] } = {};
  const releases: { [name: string]: HostFacts['releases'][string] } = {};
  for (const path of question.paths ?? []) paths[path] = null;
  for (const item of question.items.flatMap(written)) {
    if ('path' in item) paths[item.path] = null;
    if (item.is === 'package') packages[item.name] = null;
    if (item.is === 'user') users[item.name] = null;
    if (item.is === 'release') releases[item.name] = null;
  }
  return {
    ...facts,
    paths: { ...paths, ...facts.paths },
    packages: { ...packages, ...facts.packages },
    users: { ...users, ...facts.users },
    releases: { ...releases, ...facts.releases },
  };
}
