import { type CST, isCollection, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';
import type { Json } from '../json.ts';
import { columnOf, commentsAbove, isFirstOnLine, lineStart, newLines, nextLine, type Splice } from './splice.ts';
import type { Step } from './step.ts';
import { blockScalar, blockText, lineText, scalarTexts, type YamlStyle } from './yaml-scalar.ts';

type Ways = readonly (readonly Splice[])[];

/** One entry of a block map or list: its key or dash, what stands behind the colon or dash, and the value. */
export interface Slot {
  readonly from: number;
  /** Offset behind the colon or dash; undefined for a key without colon. */
  readonly mark: number | undefined;
  readonly node: Node | null;
}

/** The nodes from the root down to the value of a step, or to the parent of a new one; `index` among the entries of the node before. */
export type Trail = readonly { readonly node: Node | null; readonly index?: number }[];

/** Ways to take one step among lines of block YAML, the preferred one first. */
export function blockEdits(
  text: string,
  trail: Trail,
  { step, style }: { readonly step: Step; readonly style: YamlStyle },
): Ways {
  const last = trail.at(-1)?.node ?? null;
  if (step.kind === 'insert') return inserted(text, last, { key: step.path.at(-1) ?? '', value: step.value, style });
  const slot = slotAt(trail, trail.length - 1);
  if (slot === undefined) return [];
  if (step.kind === 'replace') return replaced(text, slot, { value: step.value, style });
  return removed(text, trail, slot);
}

/** The entry that holds the node at a depth of the trail; undefined for the root. */
function slotAt(trail: Trail, depth: number): Slot | undefined {
  const holder = trail[depth - 1]?.node;
  const index = trail[depth]?.index;
  return index === undefined ? undefined : slotsOf(holder ?? null)[index];
}

function mapSlots(map: YAMLMap): Slot[] {
  return map.items.map(pair => {
    const token = (pair as Pair & { srcToken?: CST.CollectionItem }).srcToken;
    const [keyStart = 0] = (pair.key as Node).range ?? [];
    const front = token?.start.find(({ type }) => ['explicit-key-ind', 'anchor', 'tag'].includes(type));
    const colon = token?.sep?.find(({ type }) => type === 'map-value-ind');
    return {
      from: front?.offset ?? keyStart,
      mark: colon === undefined ? undefined : colon.offset + 1,
      node: (pair.value ?? null) as Node | null,
    };
  });
}

function seqSlots(seq: YAMLSeq): Slot[] {
  const tokens = (seq.srcToken as CST.BlockSequence | undefined)?.items ?? [];
  return seq.items.map((item, index) => {
    const dash = tokens[index]?.start.find(({ type }) => type === 'seq-item-ind')?.offset ?? 0;
    return { from: dash, mark: dash + 1, node: (item ?? null) as Node | null };
  });
}

function slotsOf(node: Node | null): Slot[] {
  if (isMap(node)) return mapSlots(node);
  return isSeq(node) ? seqSlots(node) : [];
}

/** Offset behind the last character of an entry, without a comment on its line. */
function endOf({ from, mark = from, node }: Slot): number {
  if (isBlock(node)) {
    const last = slotsOf(node).at(-1);
    return last === undefined ? mark : endOf(last);
  }
  const [start = mark, end = mark] = node?.range ?? [];
  return end > start ? end : mark;
}

function isBlock(node: Node | null): node is YAMLMap | YAMLSeq {
  return isCollection(node) && node.flow !== true;
}

/** Start of the line behind an entry. A block scalar ends with its line. */
function behind(text: string, slot: Slot): number {
  const end = endOf(slot);
  return text[end - 1] === '\n' ? end : nextLine(text, end);
}

function replaced(
  text: string,
  slot: Slot,
  { value, style }: { readonly value: Json; readonly style: YamlStyle },
): Ways {
  const { node, mark } = slot;
  const [from = 0, to = 0] = node?.range ?? [];
  const indent = columnOf(text, slot.from);
  if (isBlock(node)) return collapsed(text, slot, lineText(value, style));
  if (from < to) {
    const old = text.slice(from, to);
    const isBlockScalar = isScalar(node) && (node.type === 'BLOCK_LITERAL' || node.type === 'BLOCK_FOLDED');
    const written = isBlockScalar
      ? blockScalarTexts(value, old, lineText(value, style))
      : [...scalarTexts(value, old, inPlace(value, style, indent)), lineText(value, style), JSON.stringify(value)];
    return written.map(each => [{ from, to, text: each }]);
  }
  if (mark === undefined) return [];
  const onLine = [{ from: mark, to: mark, text: ` ${inPlace(value, style, indent)}` }];
  if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) return [onLine];
  const lines = ' '.repeat(indent + style.step) + blockText(value, style, indent + style.step);
  return [[newLines(text, nextLine(text, mark), lines)], onLine];
}

/** A text of several lines as a block scalar, anything else on one line. */
function inPlace(value: Json, style: YamlStyle, indent: number): string {
  if (typeof value !== 'string' || !value.includes('\n')) return lineText(value, style);
  return blockText({ k: value }, style, indent).slice('k: '.length);
}

function blockScalarTexts(value: Json, old: string, plain: string): string[] {
  const same = typeof value === 'string' ? blockScalar(value, old) : undefined;
  const end = old.endsWith('\n') ? '\n' : '';
  return [...(same === undefined ? [] : [same]), plain + end, JSON.stringify(value) + end];
}

/** A block map or list gives way to text on the line of its key or dash. */
function collapsed(text: string, { mark, from, node }: Slot, written: string): Ways {
  const slots = slotsOf(node);
  const [first, last] = [slots[0], slots.at(-1)];
  if (mark === undefined || first === undefined || last === undefined) return [];
  if (lineStart(text, first.from) === lineStart(text, mark))
    return [[{ from: first.from, to: endOf({ from, mark, node }), text: written }]];
  return [
    [
      { from: mark, to: mark, text: ` ${written}` },
      { from: lineStart(text, first.from), to: behind(text, last), text: '' },
    ],
  ];
}

function inserted(
  text: string,
  parent: Node | null,
  { key, value, style }: { readonly key: string; readonly value: Json; readonly style: YamlStyle },
): Ways {
  const slots = slotsOf(parent);
  const [first, last] = [slots[0], slots.at(-1)];
  if (first === undefined || last === undefined) return [];
  const indent = columnOf(text, first.from);
  const margin = ' '.repeat(indent);
  if (isMap(parent)) {
    const line = margin + blockText({ [key]: value }, style, indent);
    return [[newLines(text, behind(text, last), line)]];
  }
  const item = `- ${blockText(value, style, indent + 2)}`;
  const index = Number(key);
  const next = slots[index];
  if (next === undefined) return [[newLines(text, behind(text, last), margin + item)]];
  if (!isFirstOnLine(text, next.from)) return [[{ from: next.from, to: next.from, text: `${item}\n${margin}` }]];
  const previous = slots[index - 1];
  const floor = previous === undefined ? 0 : behind(text, previous);
  return [[newLines(text, commentsAbove(text, next.from, floor), margin + item)]];
}

function removed(text: string, trail: Trail, slot: Slot): Ways {
  const parent = trail.at(-2)?.node ?? null;
  const slots = slotsOf(parent);
  if (slots.length === 1) {
    const empty = isMap(parent) ? '{}' : '[]';
    const holder = slotAt(trail, trail.length - 2);
    if (holder !== undefined) return collapsed(text, holder, empty);
    return [[{ from: lineStart(text, slot.from), to: behind(text, slot), text: `${empty}\n` }]];
  }
  if (isFirstOnLine(text, slot.from)) return [[{ from: lineStart(text, slot.from), to: behind(text, slot), text: '' }]];
  // It shares its line with a dash before it, where the next entry goes.
  const next = slots.find(other => other.from > slot.from);
  return next === undefined ? [] : [[{ from: slot.from, to: next.from, text: '' }]];
}
