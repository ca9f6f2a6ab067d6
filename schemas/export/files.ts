import { LIMITS } from '../limits.ts';
import { type Address, addressOf, type CloudKind } from '../name.ts';
import { looksSecret } from '../parse/secrets.ts';
import { showText } from '../problem.ts';
import type { Description, Entry, Unwritten } from './describe.ts';
import { KIND_ORDER, type LeftOut, objectKey } from './existing.ts';
import { yamlField, yamlText } from './yaml.ts';

/** Which kinds stand together, by the name of their file. */
const GROUPS: readonly { readonly file: string; readonly kinds: readonly CloudKind[] }[] = [
  { file: 'network', kinds: ['network', 'subnet'] },
  { file: 'firewalls', kinds: ['firewall'] },
  { file: 'ssh-keys', kinds: ['ssh-key'] },
  { file: 'servers', kinds: ['placement-group', 'server'] },
  { file: 'volumes', kinds: ['volume'] },
  { file: 'floating-ips', kinds: ['floating-ip'] },
  { file: 'load-balancers', kinds: ['load-balancer'] },
];

/** Far below the limits of a file, so that a person can still read it and has room to add. */
const ENTRIES_PER_FILE = 1_000;
const CHARACTERS_PER_FILE = LIMITS.fileBytes / 4;
/** Objects that are left out are listed up to this number for each file. */
const LISTED = 200;

/** How files are named, and what they say besides the resources. */
export interface WriteOptions {
  /** Paths that exist; a new file takes a free one. */
  readonly occupied: ReadonlySet<string>;
  /** Start of the names of the files: '' or `imported-`. */
  readonly prefix: string;
  /** Every entry names its provider. */
  readonly showProvider: boolean;
  /** What nobody can describe, whatever its kind. */
  readonly leftOut: readonly LeftOut[];
  /** Lines at the head of every file with a resource of this kind. */
  readonly heads: { readonly [kind in CloudKind]?: readonly string[] };
}

/** New files, and which resource stands on which of their lines. */
export interface Written {
  readonly files: { readonly [path: string]: string };
  /** `objectKey` of the object that is described on a line, counted from 1. */
  objectAt(path: string, line: number): string | undefined;
}

/** A description as files under infra/. Deterministic: the same objects give the same bytes. */
export function writeFiles(description: Description, options: WriteOptions): Written {
  const files: { [path: string]: string } = {};
  const lines = new Map<string, readonly (string | undefined)[]>();
  const occupied = new Set(options.occupied);
  const listed = listings(description, options.leftOut);
  for (const { file, kinds } of GROUPS) {
    const entries = description.entries.filter(entry => kinds.includes(entry.object.kind));
    for (const part of partsOf(entries, options)) {
      const path = freePath(`infra/${options.prefix}${file}`, occupied);
      occupied.add(path);
      const sheet = new Sheet();
      head(sheet, part, options.heads);
      for (const kind of kinds) section(sheet, kind, part, options);
      for (const each of kinds) tail(sheet, listed.get(each) ?? [], options);
      for (const each of kinds) listed.delete(each);
      files[path] = sheet.text();
      lines.set(path, sheet.owners);
    }
  }
  const [first] = Object.keys(files);
  if (first !== undefined) files[first] += rest([...listed.values()].flat(), options);
  return { files, objectAt: (path, line) => lines.get(path)?.[line - 1] };
}

/** What is left out, by its kind. Kinds that have no file of their own are listed in the first one. */
function listings({ leftOut }: Description, others: readonly LeftOut[]): Map<string, Unwritten[]> {
  const byKind = new Map<string, Unwritten[]>();
  for (const each of [...leftOut, ...others]) {
    const list = byKind.get(each.kind);
    if (list === undefined) byKind.set(each.kind, [each]);
    else list.push(each);
  }
  return byKind;
}

/** Lines of one file, each with the object it describes. */
class Sheet {
  readonly owners: (string | undefined)[] = [];
  readonly #lines: string[] = [];

  add(lines: readonly string[], owner?: string): void {
    for (const line of lines) {
      this.#lines.push(line);
      this.owners.push(owner);
    }
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}

function partsOf(entries: readonly Entry[], options: WriteOptions): Entry[][] {
  const parts: Entry[][] = [];
  let characters = 0;
  for (const entry of entries) {
    const size = entryLines(entry, options).join('\n').length;
    const part = parts.at(-1);
    if (part === undefined || part.length === ENTRIES_PER_FILE || characters + size > CHARACTERS_PER_FILE) {
      parts.push([entry]);
      characters = size;
    } else {
      part.push(entry);
      characters += size;
    }
  }
  return parts;
}

function freePath(start: string, occupied: ReadonlySet<string>): string {
  for (let number = 1; ; number += 1) {
    const path = `${start}${number === 1 ? '' : `-${number}`}.yaml`;
    if (!occupied.has(path)) return path;
  }
}

function head(sheet: Sheet, entries: readonly Entry[], heads: WriteOptions['heads']): void {
  sheet.add([
    '# yaml-language-server: $schema=../.provisioning/infra.schema.json',
    '# Written by `provisioning import`, and yours to edit. Nothing is taken over before an apply. `protect: true`',
    '# refuses that an object is deleted or replaced, until you take the line out.',
  ]);
  const kinds = KIND_ORDER.filter(kind => entries.some(entry => entry.object.kind === kind));
  for (const kind of kinds) sheet.add((heads[kind] ?? []).map(comment));
}

function section(sheet: Sheet, kind: CloudKind, entries: readonly Entry[], options: WriteOptions): void {
  const own = entries.filter(entry => entry.object.kind === kind);
  if (own.length === 0) return;
  sheet.add(['', `${kind}:`]);
  for (const entry of own) sheet.add(entryLines(entry, options), objectKey(entry.object));
}

/** One resource, indented under its kind. */
function entryLines({ object, name, fields, notes }: Entry, { showProvider }: WriteOptions): string[] {
  const called = object.name === name || object.name === '' ? [] : [`called ${shownName(object.name)} in the cloud`];
  return [
    `  ${yamlText(name)}:`,
    ...[...called, ...notes].map(note => `    ${comment(note)}`),
    ...(showProvider ? yamlField('provider', object.provider, 4) : []),
    ...yamlField('adopt', object.id, 4),
    '    protect: true',
    ...Object.entries(fields).flatMap(([field, value]) => yamlField(field, value, 4)),
  ];
}

function tail(sheet: Sheet, listed: readonly Unwritten[], options: WriteOptions): void {
  if (listed.length === 0) return;
  sheet.add(['', ...listed.slice(0, LISTED).flatMap(each => listingLines(each, options))]);
  if (listed.length > LISTED) sheet.add([comment(`Left out: ${listed.length - LISTED} more of this kind`)]);
}

function rest(listed: readonly Unwritten[], options: WriteOptions): string {
  if (listed.length === 0) return '';
  const sheet = new Sheet();
  tail(sheet, listed, options);
  return sheet.text();
}

/** The mark of an object that is left out, and its entry as a comment to complete where there is one. */
function listingLines({ kind, id, name, why, entry }: Unwritten, options: WriteOptions): string[] {
  const called = name === '' || name === id ? '' : ` called ${shownName(name)}`;
  const line = comment(`Left out: ${listingMark({ kind, id })}${called}: ${why}`);
  return entry === undefined ? [line] : [line, ...entryLines(entry, options).map(each => `#   ${each}`)];
}

/** What the comments of a file list as left out, each as `listingMark` writes it: it need not be listed again. */
export function listedIn(text: string): string[] {
  return [...text.matchAll(/^# Left out: ([a-z][a-z0-9.-]* "(?:[^"\\\n]|\\.)*")/gm)].map(([, mark = '']) => mark);
}

/** How a comment names an object that is left out. */
export function listingMark({ kind, id }: Pick<LeftOut, 'kind' | 'id'>): string {
  return `${kind} ${JSON.stringify(showText(id))}`;
}

/** A comment holds no credential either, and no line end. */
function comment(text: string): string {
  return `# ${looksSecret(text) ? '(not shown: it looks like it holds a credential)' : plain(text)}`;
}

function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '?');
}

function shownName(name: string): string {
  return looksSecret(name) ? '(a name that looks like a credential)' : JSON.stringify(showText(name));
}

/** The address of an entry. */
export function entryAddress({ object, name }: Entry): Address {
  return addressOf(object.kind, name);
}
