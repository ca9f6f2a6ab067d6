import { Fault } from '../../schemas/fault.ts';
import { isTooShort, SHORT_WITHOUT_SPACE, tooShort } from '../../schemas/secret.ts';
import { formsOf, GAPS, squeezed } from './forms.ts';
import type { Redactor } from './port.ts';

/** A value's form is found by pieces of this length: the first, the last, and every one between them. */
const PIECE = 12;

interface Piece {
  readonly name: string;
  readonly form: string;
  readonly at: number;
}

/** Where something secret stands in a squeezed text. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly name: string;
}

/** Values that were added, by the pieces of their forms, and by length of piece. */
interface Index {
  readonly pieces: Map<number, Map<string, Piece[]>>;
  /** Marks the first two characters of every piece, so that ordinary text is passed over quickly. */
  readonly starts: Uint8Array;
  readonly forms: Map<string, string>;
  /** Values whose forms are known already: one is added each time that it is opened or read. */
  readonly values: Set<string>;
}

const startOf = (text: string, at: number): number => ((text.charCodeAt(at) << 7) ^ text.charCodeAt(at + 1)) & 0xffff;

/** A redactor that knows no value yet. Texts pass unchanged, and at no cost, until one is added. */
export function createRedactor(): Redactor {
  const index: Index = { pieces: new Map(), starts: new Uint8Array(1 << 16), forms: new Map(), values: new Set() };
  const text = (whole: string): string =>
    index.forms.size === 0 ? whole : GAPS.reduce((shown, gap) => mask(shown, gap, index), whole);
  const json = <T>(value: T): T => (index.forms.size === 0 ? value : (walk(value, text) as T));
  return {
    add(name, value) {
      if (index.values.has(value)) return;
      if (isTooShort(value)) throw new Fault('integrity', tooShort(name));
      index.values.add(value);
      for (const form of formsOf(value))
        if (form.length >= SHORT_WITHOUT_SPACE && !index.forms.has(form)) learn(index, name, form);
    },
    text,
    json,
  };
}

function learn(index: Index, name: string, form: string): void {
  index.forms.set(form, name);
  const length = Math.min(PIECE, form.length);
  const known = index.pieces.get(length) ?? new Map<string, Piece[]>();
  index.pieces.set(length, known);
  const places = new Set([form.length - length]);
  for (let at = 0; at + length <= form.length; at += length) places.add(at);
  for (const at of places) {
    const piece = form.slice(at, at + length);
    known.set(piece, [...(known.get(piece) ?? []), { name, form, at }]);
    index.starts[startOf(piece, 0)] = 1;
  }
}

function mask(whole: string, gaps: RegExp, index: Index): string {
  const { text, places } = squeezed(whole, gaps);
  const spans = spansOf(text, index);
  if (spans.length === 0) return whole;
  let shown = '';
  let from = 0;
  for (const span of spans) {
    shown += `${whole.slice(from, places[span.from])}[secret ${span.name}]`;
    from = (places[span.to - 1] ?? 0) + 1;
  }
  return shown + whole.slice(from);
}

/** Everything secret in a squeezed text, from left to right; what touches is one. */
function spansOf(text: string, index: Index): readonly Span[] {
  const found: Span[] = [];
  for (const [length, known] of index.pieces) {
    for (let at = 0; at + length <= text.length; at += 1) {
      if (index.starts[startOf(text, at)] === 0) continue;
      for (const piece of known.get(text.slice(at, at + length)) ?? []) found.push(grown(text, at, length, piece));
    }
  }
  const spans: Span[] = [];
  for (const span of found.sort((a, b) => a.from - b.from || b.to - a.to)) {
    const last = spans.at(-1);
    if (last === undefined || span.from > last.to) spans.push(span);
    else if (span.to > last.to) spans[spans.length - 1] = { ...last, to: span.to };
  }
  return spans;
}

/** A piece that was found, with all around it that goes on as the form does. */
function grown(text: string, at: number, length: number, { form, at: place, name }: Piece): Span {
  let before = 0;
  while (before < at && before < place && text[at - before - 1] === form[place - before - 1]) before += 1;
  let after = length;
  while (at + after < text.length && place + after < form.length && text[at + after] === form[place + after])
    after += 1;
  return { from: at - before, to: at + after, name };
}

/** Masks a value wherever text stands in it: plain data only, which is all that leaves the process. */
function walk(value: unknown, text: (text: string) => string): unknown {
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value)) return value.map(item => walk(item, text));
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [text(key), walk(inner, text)]));
}

/** A signal or a connection is no data, and goes on as it is. */
function isPlain(value: object): boolean {
  const kind: unknown = Object.getPrototypeOf(value);
  return kind === Object.prototype || kind === null;
}
