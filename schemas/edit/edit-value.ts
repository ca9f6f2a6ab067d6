/**
 * Changes single values of a workspace file and leaves every other character as it is: comments, order, quotes, blank
 * lines, indentation and line ends. It is for writing what was found in the world back into the files.
 *
 * Every edit is checked before it is believed: the new text is read again by the loader's own reader, and must hold
 * exactly the old tree with the one change. What cannot be done in this way is refused.
 */
import { Fault } from '../fault.ts';
import { isObject, type Json, sameJson } from '../json.ts';
import { CLOUD_KINDS } from '../name.ts';
import { isReserved } from '../parse/checks.ts';
import { endingOf, parseFile } from '../parse/document.ts';
import { BadExpression, hasExpression, parseTemplate } from '../parse/expression.ts';
import { type Document, entryOf, lineColumn, type Node } from '../parse/node.ts';
import { follow, plainValue } from '../parse/source.ts';
import type { Position } from '../position.ts';
import { showText } from '../problem.ts';
import { jsonEdits } from './json.ts';
import { refused, showPath } from './refusal.ts';
import { plainLines, type Splice, spliced } from './splice.ts';
import { afterStep, type Step, stepsBetween } from './step.ts';
import { tomlEdits } from './toml.ts';
import { yamlEdits } from './yaml.ts';

/** A workspace file with its text as it stands in the repository. */
export interface EditedFile {
  readonly path: string;
  readonly text: string;
}

/** One value to set. */
export interface Edit {
  /** Keys, and indices of lists, from the root of the file. The length of a list stands for a new item behind the last. */
  readonly path: readonly string[];
  /** The value as the file shall hold it; undefined removes the key or item. */
  readonly value: Json | undefined;
}

/** The file after all edits, one after the other. Throws Fault `invalid` when one of them cannot be made honestly; then none is. */
export function editValue(file: EditedFile, edits: readonly Edit[]): { readonly text: string } {
  const start = { text: file.text, tree: readTree(file) };
  const target = edits.reduce((value, edit) => withEdit(value, edit, file.path), start.tree.value);
  const steps = stepsBetween(start.tree.value, target);
  // No replacement moves another value to another path, so all of them can be found in one reading.
  const replacements = steps.filter(step => step.kind === 'replace');
  const others = steps.filter(step => step.kind !== 'replace');
  const replaced = takenTogether(file.path, start, replacements);
  const rest = replaced === undefined ? [...replacements, ...others] : others;
  return rest.reduce((version, step) => taken(file.path, version, step), replaced ?? start);
}

/** A file as it is after some of the steps. */
interface Version {
  readonly text: string;
  readonly tree: Tree;
}

/** A file with its tree; an empty file is an empty map. */
export interface Tree {
  readonly document: Document;
  readonly value: Json;
}

/** Reads a file as the loader does. Throws Fault `invalid` when it cannot be read. */
export function readTree({ path, text }: EditedFile): Tree {
  const document = parseFile(path, new TextEncoder().encode(text));
  const { root, flaws } = document;
  if (flaws.length > 0) {
    const position = (at: number): Position => ({ file: path, ...lineColumn(document, at) });
    throw new Fault(
      'invalid',
      flaws.map(({ at, also = [], ...flaw }) => ({ ...flaw, at: position(at), also: also.map(position) })),
    );
  }
  return { document, value: root === null ? {} : (plainValue(root) as Json) };
}

/** Takes one step by the first way that changes what it shall and nothing else. */
function taken(path: string, { text, tree }: Version, step: Step): Version {
  checkStep(tree.document, step);
  const plain = plainLines(text);
  const wanted = afterStep(tree.value, step);
  for (const splices of waysIn(path, plain)(step)) {
    const next = versionOf(path, spliced(text, splices), wanted);
    if (next !== undefined) return next;
  }
  const { place } = nearestPlace(tree.document, step.path);
  throw refused('shape', step.path, { path, text: plain, at: place });
}

/** Takes several steps at once, each in its preferred way; undefined when that does not give what is wanted. */
function takenTogether(path: string, { text, tree }: Version, steps: readonly Step[]): Version | undefined {
  for (const step of steps) checkStep(tree.document, step);
  const ways = waysIn(path, plainLines(text));
  const splices = steps.flatMap(step => ways(step)[0] ?? []);
  return versionOf(path, spliced(text, splices), steps.reduce(afterStep, tree.value));
}

/** The ways to take a step in a text, by its format. */
function waysIn(path: string, text: string): (step: Step) => readonly (readonly Splice[])[] {
  const ending = endingOf(path);
  if (ending === 'json') return jsonEdits(text);
  return ending === 'toml' ? tomlEdits({ path, text }) : yamlEdits({ path, text });
}

function versionOf(path: string, text: string, wanted: Json): Version | undefined {
  const tree = readable({ path, text });
  return tree !== undefined && sameJson(tree.value, wanted) ? { text, tree } : undefined;
}

function readable(file: EditedFile): Tree | undefined {
  try {
    return readTree(file);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function nearestPlace(document: Document, path: readonly string[]): { readonly place: number; readonly node?: Node } {
  if (document.root === null) return { place: 0 };
  const { node, place, steps } = follow({ document, node: document.root }, path);
  return steps === path.length ? { place: place.at, node } : { place: place.at };
}

/** Refuses a step whose old value is an expression or holds one, and any step in a repeated resource. */
function checkStep(document: Document, { path, kind }: Step): void {
  const { place, node } = nearestPlace(document, path);
  const where = { path: document.path, text: document.text, at: place };
  if (kind !== 'insert' && node !== undefined && holdsExpression(node)) throw refused('expression', path, where);
  const [section = '', name = '', field = ''] = path;
  if (path.length < 3 || !(CLOUD_KINDS as readonly string[]).includes(section)) return;
  const resource = entryOf(entryOf(document.root ?? undefined, section)?.node, name)?.node;
  const repetition = entryOf(resource, 'count') ?? entryOf(resource, 'forEach');
  if (repetition === undefined || repetition.key === field) return;
  throw refused('repeated', path, { ...where, at: repetition.at });
}

function holdsExpression(node: Node): boolean {
  if (node.kind === 'list') return node.items.some(holdsExpression);
  if (node.kind === 'map') return node.entries.some(entry => holdsExpression(entry.node));
  if (typeof node.value !== 'string' || !hasExpression(node.value)) return false;
  try {
    return parseTemplate(node.value).some(part => typeof part !== 'string');
  } catch (error) {
    if (error instanceof BadExpression) return true;
    throw error;
  }
}

/** The tree that an edit asks for. Maps on the way are made where they are missing. */
function withEdit(tree: Json, { path, value }: Edit, file: string): Json {
  const bad = (what: string, why: string): Fault =>
    new Fault('invalid', {
      id: 'WS-EDIT',
      what: `${showPath(path)} in ${showText(file)} ${what}`,
      why,
      fix: 'name another path',
    });
  if (path.length === 0) throw bad('names no value', 'the path is empty');
  if (path.some(isReserved)) throw bad('cannot be set', 'the path holds a reserved key');
  const set = (from: Json | undefined, [key, ...rest]: readonly string[]): Json | undefined => {
    if (key === undefined) return value;
    if (Array.isArray(from)) {
      const items = [...(from as readonly Json[])];
      const index = /^(?:0|[1-9]\d{0,8})$/.test(key) ? Number(key) : items.length + 1;
      if (index > items.length) throw bad('does not exist', `the list has ${items.length} items`);
      const item = set(items[index], rest);
      items.splice(index, 1, ...(item === undefined ? [] : [item]));
      return items;
    }
    if (from !== undefined && from !== null && !isObject(from))
      throw bad('does not exist', 'a value on the way is neither a map nor a list');
    const members = { ...(from as { [key: string]: Json } | undefined) };
    const member = set(members[key], rest);
    if (member === undefined && !Object.hasOwn(members, key)) return from;
    if (member === undefined) delete members[key];
    else members[key] = member;
    return members;
  };
  return set(tree, path) ?? {};
}
