/**
 * Writes drift into the files: what was changed by hand in the cloud becomes what the files say, so that a pull request
 * can adopt it. Only what drifted is written. A value that does not stand at the resource itself, because it comes from a
 * default, is set at the resource, beside its other fields; the file of defaults is left alone, for it speaks for others too.
 */
import { Fault, type Problem } from '../fault.ts';
import type { Json } from '../json.ts';
import { ASTRAY } from '../kind.ts';
import { kindNamed } from '../kinds/index.ts';
import { type Address, kindOf } from '../name.ts';
import { type Document, type Entry, entryOf, lineColumn, type Node } from '../parse/node.ts';
import { plainValue } from '../parse/source.ts';
import type { Position } from '../position.ts';
import type { Resource } from '../resource.ts';
import type { Loaded } from '../workspace.ts';
import { adoptedValue, type Drifted, type NameOf, NotWritable } from './adopted-value.ts';
import { type Edit, editValue, type EditedFile, readTree, type Tree } from './edit-value.ts';
import { refusal } from './refusal.ts';

/** One field of a real object that is not as it was left. */
export interface DriftedField {
  /** Name of the field, as the kind's schema has it. */
  readonly path: string;
  /** The value at the last apply, references as provider ids. */
  readonly recorded: Json;
  readonly observed: Json;
}

/** One object with its drifted fields, as `findDrift` of the planner reports it. */
export interface DriftedObject {
  readonly address?: Address;
  readonly fields: readonly DriftedField[];
}

/** What adopting is made from. */
export interface AdoptInput {
  readonly loaded: Loaded;
  /**
   * Workspace files by the path that positions have, from the root of the repository. Decode them with `ignoreBOM`, so
   * that a byte order mark stays.
   */
  readonly files: ReadonlyMap<string, string>;
  readonly entries: readonly DriftedObject[];
  /** The record backwards, for fields that name resources: they hold provider ids in the cloud, and names in the files. */
  readonly nameOf: NameOf;
}

/** One field that was written, and where. */
export interface AdoptedField {
  readonly address: Address;
  readonly path: string;
  readonly at: Position;
}

/** The new files, and what could not be written. */
export interface Adoption {
  /** New text of every file that changed, by path. */
  readonly files: ReadonlyMap<string, string>;
  readonly adopted: readonly AdoptedField[];
  /** A problem for each field that was left alone; the others are written all the same. */
  readonly refused: readonly Problem[];
  /** True when files changed that several environments share: their plans will show the change too. */
  readonly isShared: boolean;
}

/** Writes every drifted field that can be written honestly. Pure; throws nothing for a field that cannot. */
export function adoptDrift(input: AdoptInput): Adoption {
  const reading = readingOf(input);
  const refusals: Problem[] = [];
  const intents: Intent[] = [];
  for (const { address, fields } of input.entries) {
    if (address === undefined) continue;
    for (const field of fields) attempt(refusals, () => void intents.push(intentOf(reading, { address, field })));
  }
  const files = new Map<string, string>();
  const adopted: AdoptedField[] = [];
  for (const path of new Set(intents.map(intent => intent.at.file))) {
    const own = intents.filter(intent => intent.at.file === path);
    const before = input.files.get(path) ?? '';
    const { text, made } = written({ path, text: before }, own, refusals);
    if (text !== before) files.set(path, text);
    adopted.push(...made.map(({ address, field, at }) => ({ address, path: field.path, at })));
  }
  return { files, adopted, refused: refusals, isShared: files.size > 0 && input.loaded.workspace.env !== null };
}

/** All edits of a file at once; where one of them is refused, each on its own. */
function written(
  file: EditedFile,
  intents: readonly Intent[],
  refusals: Problem[],
): { readonly text: string; readonly made: readonly Intent[] } {
  try {
    return {
      ...editValue(
        file,
        intents.map(intent => intent.edit),
      ),
      made: intents,
    };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
  let { text } = file;
  const made: Intent[] = [];
  for (const intent of intents) {
    attempt(refusals, () => {
      ({ text } = editValue({ path: file.path, text }, [intent.edit]));
      made.push(intent);
    });
  }
  return { text, made };
}

/** Collects the problems of a refusal; any other error is a defect. */
function attempt(refusals: Problem[], run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    refusals.push(...error.problems);
  }
}

interface Target {
  readonly address: Address;
  readonly field: DriftedField;
}

/** What shall be written, and where the old value stands. */
interface Intent extends Target {
  readonly edit: Edit;
  readonly at: Position;
}

/** The input with every file read at most once. */
interface Reading extends AdoptInput {
  readonly resources: ReadonlyMap<Address, Resource>;
  treeOf(path: string): Tree | undefined;
}

function readingOf(input: AdoptInput): Reading {
  const trees = new Map<string, Tree>();
  return {
    ...input,
    resources: new Map(input.loaded.workspace.resources.map(resource => [resource.address, resource])),
    treeOf(path) {
      const text = input.files.get(path);
      if (text === undefined) return undefined;
      const tree = trees.get(path) ?? readTree({ path, text });
      trees.set(path, tree);
      return tree;
    },
  };
}

function intentOf(reading: Reading, target: Target): Intent {
  const { address, field } = target;
  if (field.path === ASTRAY) throw new Fault('invalid', refusal('host', [address]));
  const found = findResource(reading, address);
  const own = entryOf(found.node, field.path)?.node;
  const at = own === undefined ? found.at : lineColumn(found.document, own.at);
  const rule = kindNamed(kindOf(address))?.fields[field.path];
  const drift: Drifted = {
    written: own === undefined ? undefined : (plainValue(own) as Json),
    desired: reading.resources.get(address)?.spec[field.path],
    defaults: defaultsOf(reading, target),
    recorded: field.recorded,
    observed: field.observed,
  };
  try {
    const value = adoptedValue(drift, rule, reading.nameOf);
    return { ...target, edit: { path: [...found.path, field.path], value }, at: { ...at, file: found.at.file } };
  } catch (error) {
    if (!(error instanceof NotWritable)) throw error;
    const { what, why, fix } = error;
    throw new Fault('invalid', {
      id: 'WS-ADOPT',
      at: found.at,
      what: `${address} \`${field.path}\` ${what}`,
      why,
      fix,
    });
  }
}

/** What the files of defaults that count in this environment say of a field. */
function defaultsOf({ loaded, files, treeOf }: Reading, { address, field }: Target): Json[] {
  const kind = kindOf(address);
  const { env } = loaded.workspace;
  const path = kind.startsWith('taskserv.') ? ['taskservs', kind.slice('taskserv.'.length)] : [kind];
  const found: Json[] = [];
  for (const name of files.keys()) {
    const layer = /(?:^|\/)config\/(?:([^/]+)-)?defaults\.[a-z]+$/.exec(name);
    if (layer === null || (layer[1] ?? env) !== env) continue;
    const entry = entryAt(treeOf(name)?.document.root ?? null, [...path, field.path]);
    if (entry !== undefined) found.push(plainValue(entry.node) as Json);
  }
  return found;
}

interface Found {
  readonly document: Document;
  readonly at: Position;
  /** Path of the resource in its file. */
  readonly path: readonly string[];
  readonly node: Node | undefined;
}

/** Where the text of a resource is: the loader knows the place of its name, and so the file. */
function findResource({ loaded, treeOf }: Reading, address: Address): Found {
  const at = loaded.locate(address);
  const document = at === undefined ? undefined : treeOf(at.file)?.document;
  if (at === undefined || document === undefined) {
    throw new Fault('invalid', {
      id: 'WS-ADOPT',
      ...(at === undefined ? {} : { at }),
      what: `${address} stands in no workspace file`,
      why: 'there is nothing that could be edited',
      fix: 'declare it with `adopt`, or forget it',
    });
  }
  const path = pathOf(address);
  const entry = entryAt(document.root, path);
  // Repetition makes names that no file holds.
  if (entry === undefined) throw new Fault('invalid', refusal('repeated', address.split('/'), at));
  return { document, at, path, node: entry.node };
}

/** Where a resource is written: below its kind, a task service below its server. */
function pathOf(address: Address): readonly string[] {
  const kind = kindOf(address);
  const name = address.slice(kind.length + 1);
  if (!kind.startsWith('taskserv.')) return [kind, name];
  return ['server', name, 'taskservs', kind.slice('taskserv.'.length)];
}

function entryAt(root: Node | null, path: readonly string[]): Entry | undefined {
  let node: Node | undefined = root ?? undefined;
  let entry: Entry | undefined;
  for (const key of path) {
    entry = entryOf(node, key);
    node = entry?.node;
  }
  return entry;
}
