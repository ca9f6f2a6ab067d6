import { type AST, parseTOML } from 'toml-eslint-parser';
import { isObject, type Json } from '../json.ts';
import { type Flow, type FlowItem, flowEdits } from './flow.ts';
import { refused } from './refusal.ts';
import { commentsAbove, indentAt, lineStart, newLines, nextLine, type Splice } from './splice.ts';
import type { Step } from './step.ts';
import { hasNull, tomlKey, tomlWriter } from './toml-value.ts';

/** One line `key = value`. */
interface Pair {
  readonly keys: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly value: Flow;
}

/** A header with the pairs below it; the top of the file is one without header. */
interface Section {
  /** Full path; an element of an array of tables has its index as last step. */
  readonly path: readonly string[];
  /** The same as the parser has it: an index is a number, and not part of the header. */
  readonly resolved: readonly (string | number)[];
  /** A header in double brackets. */
  readonly isItem: boolean;
  readonly from: number;
  readonly headerEnd: number;
  readonly pairs: readonly Pair[];
}

type Ways = readonly (readonly Splice[])[];

/** Ways to take a step in TOML, the preferred one first. Throws Fault `invalid` for null, which TOML lacks. */
export function tomlEdits({ path, text }: { readonly path: string; readonly text: string }): (step: Step) => Ways {
  const sections = sectionsOf(text);
  return step => {
    if (step.kind !== 'remove' && hasNull(step.value)) throw refused('null', step.path, { path, text, at: 0 });
    for (const section of sections) {
      for (const pair of startsWith(step.path, section.path) ? section.pairs : []) {
        const rest = step.path.slice(section.path.length);
        if (!startsWith(rest, pair.keys)) continue;
        const below = rest.slice(pair.keys.length);
        if (below.length === 0 && step.kind === 'remove') return [removed(text, sections, step.path)];
        return flowEdits(text, pair.value, { step, rest: below, writer: tomlWriter });
      }
    }
    if (step.kind === 'insert') return inserted(text, sections, step);
    return step.kind === 'remove' ? [removed(text, sections, step.path)] : [];
  };
}

function sectionsOf(text: string): Section[] {
  const [top] = parseTOML(text, { tomlVersion: '1.1' }).body;
  const pairs = (nodes: readonly AST.TOMLNode[]): Pair[] => nodes.flatMap(node => (isPair(node) ? [pairOf(node)] : []));
  const tables = top.body.flatMap(node => (node.type === 'TOMLTable' ? [node] : []));
  return [
    { path: [], resolved: [], isItem: false, from: 0, headerEnd: 0, pairs: pairs(top.body) },
    ...tables.map(table => ({
      path: table.resolvedKey.map(String),
      resolved: table.resolvedKey,
      isItem: table.kind === 'array',
      from: table.range[0],
      headerEnd: nextLine(text, table.key.range[1]),
      pairs: pairs(table.body),
    })),
  ];
}

function isPair(node: AST.TOMLNode): node is AST.TOMLKeyValue {
  return node.type === 'TOMLKeyValue';
}

function pairOf({ key, value, range }: AST.TOMLKeyValue): Pair {
  return { keys: keysOf(key), from: range[0], to: range[1], value: flowOf(value) };
}

function keysOf({ keys }: AST.TOMLKey): string[] {
  return keys.map(key => (key.type === 'TOMLBare' ? key.name : key.value));
}

function flowOf(node: AST.TOMLContentNode): Flow {
  const [from, to] = node.range;
  if (node.type === 'TOMLValue') return { kind: 'scalar', from, to };
  if (node.type === 'TOMLInlineTable') return { kind: 'map', from, to, items: node.body.map(pairOf) };
  const items = node.elements.map((element, index): FlowItem => {
    const value = flowOf(element);
    return { keys: [String(index)], from: value.from, to: value.to, value };
  });
  return { kind: 'list', from, to, items };
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.every((key, index) => path[index] === key);
}

type Insert = Extract<Step, { kind: 'insert' }>;

/** Beside what its parent already has: below the parent's header, beside its dotted keys, or under a header of its own. */
function inserted(text: string, sections: readonly Section[], { path, value }: Insert): Ways {
  const parent = path.slice(0, -1);
  const key = path.at(-1) as string;
  const own = sections.find(section => section.path.length === parent.length && startsWith(section.path, parent));
  if (own !== undefined) return [[pairLine(text, sections, { section: own, keys: [key], value })]];
  const items = sections.filter(
    section => section.isItem && startsWith(section.path, parent) && section.path.length === path.length,
  );
  if (items.length > 0) return isObject(value) ? [[tableItem(text, sections, { path, value })]] : [];
  for (const section of sections) {
    if (!startsWith(parent, section.path)) continue;
    const keys = parent.slice(section.path.length);
    const last = section.pairs.findLast(pair => startsWith(pair.keys, keys));
    if (last !== undefined) return [[pairLine(text, sections, { section, keys: [...keys, key], value, after: last })]];
  }
  const below = sections.find(section => startsWith(section.path, parent));
  if (below === undefined) return [];
  const at = commentsAbove(text, below.from);
  return [[newLines(text, at, `[${headerKey(below, parent.length)}]\n${tomlWriter.entry([key], value)}\n`)]];
}

/** The keys of a header for the first steps of a section's path. */
function headerKey({ resolved }: Section, length: number): string {
  return tomlKey(resolved.slice(0, length).flatMap(step => (typeof step === 'string' ? [step] : [])));
}

function pairLine(
  text: string,
  sections: readonly Section[],
  to: { readonly section: Section; readonly keys: readonly string[]; readonly value: Json; readonly after?: Pair },
): Splice {
  const { section, keys, value, after = section.pairs.at(-1) } = to;
  const line = tomlWriter.entry(keys, value);
  if (after !== undefined) return newLines(text, nextLine(text, after.to), indentAt(text, after.from) + line);
  if (section.path.length > 0) return newLines(text, section.headerEnd, indentAt(text, section.from) + line);
  const [, first] = sections;
  if (first === undefined) return newLines(text, text.length, line);
  return newLines(text, commentsAbove(text, first.from), `${line}\n`);
}

/** A new element of an array of tables: before the one whose index it takes, or behind the last. */
function tableItem(text: string, sections: readonly Section[], { path, value }: Omit<Insert, 'kind'>): Splice {
  const parent = path.slice(0, -1);
  const pairs = Object.entries(value ?? {}).map(([key, member]) => tomlWriter.entry([key], member as Json));
  const last = sections.findLast(section => startsWith(section.path, parent)) as Section;
  const lines = [`[[${headerKey(last, parent.length)}]]`, ...pairs].join('\n');
  const next = sections.find(section => startsWith(section.path, path));
  if (next !== undefined) return newLines(text, commentsAbove(text, next.from), `${lines}\n`);
  return newLines(text, sectionEnd(text, last), `\n${lines}`);
}

function sectionEnd(text: string, { headerEnd, pairs }: Section): number {
  const last = pairs.at(-1);
  return last === undefined ? headerEnd : nextLine(text, last.to);
}

/** Everything that is written of one value: its pairs, and its headers with what stands below them. */
function removed(text: string, sections: readonly Section[], path: readonly string[]): Splice[] {
  const splices: Splice[] = [];
  const parent = path.slice(0, -1);
  let hasParent = false;
  for (const section of sections) {
    if (section.path.length > 0 && startsWith(section.path, path)) {
      splices.push({ from: lineStart(text, section.from), to: blankAfter(text, sectionEnd(text, section)), text: '' });
      continue;
    }
    if (startsWith(section.path, parent)) hasParent = true;
    for (const pair of section.pairs) {
      const full = [...section.path, ...pair.keys];
      if (startsWith(full, path)) splices.push(ownLine(text, pair));
      else if (startsWith(full, parent)) hasParent = true;
    }
  }
  if (hasParent || parent.length === 0) return splices;
  const [first, ...others] = splices;
  if (first === undefined) return [];
  const isItem = sections.some(
    section => section.isItem && section.path.length === path.length && startsWith(section.path, path),
  );
  if (isItem) return [emptyArray(text, sections, parent), ...splices];
  return [{ ...first, text: emptyTable(text, sections, path) }, ...others];
}

/** What keeps a table that has lost its last part: `labels = {}`, or the bare header. */
function emptyTable(text: string, sections: readonly Section[], path: readonly string[]): string {
  const parent = path.slice(0, -1);
  for (const section of sections) {
    const pair = section.pairs.find(({ keys }) => startsWith([...section.path, ...keys], path));
    if (pair === undefined || startsWith(section.path, path)) continue;
    return `${indentAt(text, pair.from)}${tomlWriter.entry(parent.slice(section.path.length), {})}\n`;
  }
  const gone = sections.find(section => startsWith(section.path, path)) as Section;
  return `[${headerKey(gone, parent.length)}]\n\n`;
}

/** What keeps an array of tables that has lost its last element. */
function emptyArray(text: string, sections: readonly Section[], path: readonly string[]): Splice {
  const [way] = inserted(text, sections, { kind: 'insert', path, value: [] });
  return (way as readonly [Splice])[0];
}

function ownLine(text: string, { from, to }: Pair): Splice {
  return { from: lineStart(text, from), to: nextLine(text, to), text: '' };
}

/** One blank line behind a table goes with it. */
function blankAfter(text: string, at: number): number {
  return /^[ \t]*\n/.test(text.slice(at, nextLine(text, at))) ? nextLine(text, at) : at;
}
