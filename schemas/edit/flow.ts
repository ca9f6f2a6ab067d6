import { indentAt, isFirstOnLine, lineStart, nextCode, nextLine, type Splice } from './splice.ts';
import type { Step } from './step.ts';
import type { Json } from '../json.ts';

/**
 * A value written in one piece: JSON as a whole, the flow style of YAML, the inline values of TOML. `from` and `to`
 * enclose its text, brackets included.
 */
export type Flow =
  | { readonly kind: 'scalar'; readonly from: number; readonly to: number }
  | {
      readonly kind: 'map' | 'list';
      readonly from: number;
      readonly to: number;
      readonly items: readonly FlowItem[];
    };

/** One item with everything that belongs to it. `keys` has one element, or several for a dotted key of TOML; in a list it is the index. */
export interface FlowItem {
  readonly keys: readonly string[];
  readonly from: number;
  readonly to: number;
  readonly value: Flow;
}

/** How a format writes values and entries on one line. */
export interface FlowWriter {
  /** Ways to write a value in place of the old text, the preferred one first. */
  replacements(value: Json, old: string): readonly string[];
  entry(keys: readonly string[], value: Json): string;
  item(value: Json): string;
}

/** Ways to take one step inside a flow value; `rest` is the part of the step's path below it. None when its form leaves no way. */
export function flowEdits(
  text: string,
  flow: Flow,
  { step, rest, writer }: { readonly step: Step; readonly rest: readonly string[]; readonly writer: FlowWriter },
): readonly (readonly Splice[])[] {
  if (rest.length === 0) {
    if (step.kind !== 'replace') return [];
    const { from, to } = flow;
    return writer.replacements(step.value, text.slice(from, to)).map(value => [{ from, to, text: value }]);
  }
  if (flow.kind === 'scalar') return [];
  if (flow.kind === 'list' && rest.length === 1 && step.kind === 'insert')
    return [inserted(text, flow, { index: Number(rest[0]), written: writer.item(step.value) })];
  const index = flow.items.findIndex(({ keys }) => keys.every((key, depth) => rest[depth] === key));
  const item = flow.items[index];
  if (item === undefined) {
    if (flow.kind !== 'map' || step.kind !== 'insert') return [];
    return [inserted(text, flow, { index: flow.items.length, written: writer.entry(rest, step.value) })];
  }
  const below = rest.slice(item.keys.length);
  if (below.length > 0 || step.kind !== 'remove') return flowEdits(text, item.value, { step, rest: below, writer });
  const parent = item.keys.slice(0, -1);
  const isAlone = !flow.items.some(other => other !== item && parent.every((key, depth) => other.keys[depth] === key));
  // The last of several dotted keys leaves an empty table behind.
  if (parent.length > 0 && isAlone) return [[{ from: item.from, to: item.to, text: writer.entry(parent, {}) }]];
  return [removed(text, flow, index)];
}

type Bracketed = Extract<Flow, { items: unknown }>;

function inserted(
  text: string,
  { kind, from, to, items }: Bracketed,
  { index, written }: { readonly index: number; readonly written: string },
): Splice[] {
  const before = items[index];
  if (before !== undefined) {
    const gap = isFirstOnLine(text, before.from) ? `\n${indentAt(text, before.from)}` : ' ';
    return [{ from: before.from, to: before.from, text: `${written},${gap}` }];
  }
  const last = items.at(-1);
  if (last === undefined) return [onlyItem(text, { from, to, written: kind === 'map' ? ` ${written} ` : written })];
  const comma = commaAfter(text, last.to);
  if (!isFirstOnLine(text, last.from)) {
    if (comma === undefined) return [{ from: last.to, to: last.to, text: `, ${written}` }];
    return [{ from: comma + 1, to: comma + 1, text: ` ${written},` }];
  }
  const line = `\n${indentAt(text, last.from)}${written}`;
  if (comma !== undefined) return [at(endOfLine(text, comma + 1, to), `${line},`)];
  const end = endOfLine(text, last.to, to);
  return end === last.to ? [at(end, `,${line}`)] : [at(last.to, ','), at(end, line)];
}

function at(offset: number, text: string): Splice {
  return { from: offset, to: offset, text };
}

/** Between brackets that hold nothing, or only a comment. */
function onlyItem(text: string, { from, to, written }: { from: number; to: number; written: string }): Splice {
  if (text.slice(from + 1, to - 1).trim() === '') return { from: from + 1, to: to - 1, text: written };
  return at(to - 1, `  ${written.trim()}\n${indentAt(text, to - 1)}`);
}

/** End of the line of `from`, its comment included; `from` itself when something else than a comment follows, such as the closing bracket. */
function endOfLine(text: string, from: number, to: number): number {
  const newline = text.indexOf('\n', from);
  if (newline === -1 || newline >= to) return from;
  return /^[ \t]*(?:#.*)?$/.test(text.slice(from, newline)) ? newline : from;
}

function commaAfter(text: string, from: number): number | undefined {
  const next = nextCode(text, from);
  return text[next] === ',' ? next : undefined;
}

function removed(text: string, { from, to, items }: Bracketed, index: number): Splice[] {
  const item = items[index] as FlowItem;
  const [previous, next] = [items[index - 1], items[index + 1]];
  const comma = commaAfter(text, item.to);
  if (items.length === 1) {
    const hasComment = /#/.test(text.slice(from + 1, item.from) + text.slice(item.to, to - 1));
    if (!hasComment) return [{ from: from + 1, to: to - 1, text: '' }];
    return [{ from: item.from, to: (comma ?? item.to - 1) + 1, text: '' }];
  }
  const lines = ownLines(text, item, comma);
  if (lines !== undefined) {
    if (next !== undefined || comma !== undefined) return [lines];
    const loose = commaAfter(text, (previous as FlowItem).to) as number;
    return [{ from: loose, to: loose + 1, text: '' }, lines];
  }
  if (next !== undefined) return [{ from: item.from, to: next.from, text: '' }];
  return [{ from: (previous as FlowItem).to, to: item.to, text: '' }];
}

/** The whole lines of an item that shares them with nothing but its comma and a comment. */
function ownLines(text: string, { from, to }: FlowItem, comma: number | undefined): Splice | undefined {
  const end = nextLine(text, to);
  if (comma !== undefined && comma >= end) return undefined;
  const after = comma === undefined ? to : comma + 1;
  if (!isFirstOnLine(text, from) || !/^[ \t]*(?:#.*)?\n$/.test(text.slice(after, end))) return undefined;
  return { from: lineStart(text, from), to: end, text: '' };
}
