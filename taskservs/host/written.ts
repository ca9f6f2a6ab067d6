import { hash } from 'node:crypto';
import type { HostItem } from '../../schemas/taskserv.ts';
import type { Made } from './marker.ts';

/** An item that is made by one act or few: a repository is the two files that it consists of. */
export type PlainItem = Exclude<HostItem, { readonly is: 'repository' }>;

/** What a host needs to fetch and unpack a release. */
const TOOLS = {
  'tar.gz': ['ca-certificates', 'curl'],
  'tar.xz': ['ca-certificates', 'curl', 'xz-utils'],
  zip: ['ca-certificates', 'curl', 'unzip'],
  none: ['ca-certificates', 'curl'],
} as const;

/** The items that stand for one: the two files of a repository, a release with its tools, everything else itself. */
export function written(item: HostItem): readonly PlainItem[] {
  if (item.is === 'release') return [...TOOLS[item.archive].map(name => ({ is: 'package' as const, name })), item];
  if (item.is !== 'repository') return [item];
  const key = `/etc/apt/keyrings/${item.name}.asc`;
  const entry = [
    'Types: deb',
    `URIs: ${item.uri}`,
    `Suites: ${item.suite}`,
    ...(item.components.length === 0 ? [] : [`Components: ${item.components.join(' ')}`]),
    `Signed-By: ${key}`,
  ];
  return [
    { is: 'file', path: key, text: item.key.endsWith('\n') ? item.key : `${item.key}\n` },
    { is: 'file', path: entryPath(item.name), text: `${entry.join('\n')}\n` },
  ];
}

/** Where the entry of a package repository stands. */
export function entryPath(name: string): string {
  return `/etc/apt/sources.list.d/${name}.sources`;
}

/** SHA-256 of a text as it is written. */
export function textDigest(text: string): string {
  return hash('sha256', text);
}

/** What identifies an item among those of one service. */
export function keyOf(item: PlainItem): string {
  if (item.is === 'daemon') return item.unit;
  if (item.is === 'task' || item.is === 'verify') return item.title;
  return 'path' in item ? item.path : item.name;
}

/** What is remembered of an item, to take it away again. */
export function madeOf(item: PlainItem): Made {
  return {
    is: item.is,
    key: keyOf(item),
    ...(item.is === 'task' && item.undo !== undefined ? { undo: [...item.undo] } : {}),
    ...(item.is === 'task' && item.as !== undefined ? { as: item.as } : {}),
    ...(item.is === 'release' ? { files: item.files.map(file => file.to) } : {}),
  };
}
