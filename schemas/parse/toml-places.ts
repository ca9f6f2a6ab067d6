import { LIMITS } from '../limits.ts';
import { showText } from '../problem.ts';
import { depthFlaw, keyFlaws, valueFlaw } from './checks.ts';
import type { Entry, Flaw, Node } from './node.ts';

interface Table {
  readonly kind: 'map';
  readonly at: number;
  readonly entries: Entry[];
  readonly index: Map<string, Entry>;
}
type List = { readonly kind: 'list'; readonly at: number; readonly items: Node[] };

/** Decodes one scalar, given the value that smol-toml read there and its text. */
export type ScalarOf = (
  value: unknown,
  raw: string,
  at: number,
) => { readonly value: string | number | boolean } | Flaw;

const BARE = /[A-Za-z0-9_-]+/y;
const SPACE = /[ \t]*/y;
const VOID = /(?:[ \t\n]|#[^\n]*)*/y;
const TOKEN = /[^\s,\]}#]+(?: \d\d:[^\s,\]}#]+)?/y;

/**
 * Walks TOML text whose grammar smol-toml has accepted, and notes where every key and value stands. It decides nothing
 * about grammar; values come from smol-toml's result, followed in parallel.
 */
export class TomlPlaces {
  readonly flaws: Flaw[] = [];
  readonly #text: string;
  readonly #scalarOf: ScalarOf | null;
  #at = 0;

  constructor(text: string, scalarOf: ScalarOf | null) {
    this.#text = text;
    this.#scalarOf = scalarOf;
  }

  read(values: unknown): Node {
    const root = table(0);
    let current = root;
    let currentValues: unknown = values;
    for (this.#match(VOID); this.#at < this.#text.length; this.#match(VOID)) {
      if (this.#text[this.#at] === '[') {
        [current, currentValues] = this.#header(root, values);
      } else {
        this.#pair(current, currentValues);
      }
    }
    this.#checkKeys(root, 0);
    return root;
  }

  /** For text that smol-toml refused because something is defined twice: the second place and the first. */
  firstOfDuplicate(): { readonly key: string; readonly at: number; readonly first: number } | undefined {
    try {
      this.read(undefined);
    } catch (error) {
      if (error instanceof Twice) return { key: showText(error.key), at: error.at, first: error.first };
    }
    return undefined;
  }

  #header(root: Table, values: unknown): [Table, unknown] {
    const isList = this.#text.startsWith('[[', this.#at);
    this.#at += isList ? 2 : 1;
    const path = this.#path();
    this.#at += isList ? 2 : 1;
    const last = path.pop() as Step;
    const [parent, inner] = this.#descend(root, path, values);
    const known = parent.index.get(last.key);
    const value = member(inner, last.key);
    if (isList) {
      const list = known === undefined ? ({ kind: 'list', at: last.at, items: [] } satisfies List) : known.node;
      if (known === undefined) add(parent, { key: last.key, at: last.at, node: list });
      if (list.kind !== 'list') throw new Twice(last.key, last.at, known?.at ?? last.at);
      const item = table(last.at);
      (list.items as Node[]).push(item);
      return [item, Array.isArray(value) ? value[list.items.length - 1] : undefined];
    }
    if (known === undefined) {
      const made = table(last.at);
      headers.add(made);
      add(parent, { key: last.key, at: last.at, node: made });
      return [made, value];
    }
    if (known.node.kind !== 'map' || headers.has(known.node)) throw new Twice(last.key, last.at, known.at);
    headers.add(known.node);
    return [known.node as Table, value];
  }

  #pair(into: Table, values: unknown): void {
    const path = this.#path();
    const last = path.pop() as Step;
    const [parent, inner] = this.#descend(into, path, values);
    this.#at += 1;
    this.#match(VOID);
    const known = parent.index.get(last.key);
    if (known !== undefined) throw new Twice(last.key, last.at, known.at);
    add(parent, { key: last.key, at: last.at, node: this.#value(member(inner, last.key)) });
  }

  /** Follows dotted keys, making tables on the way; the last element of a list of tables stands for the list. */
  #descend(from: Table, path: readonly Step[], values: unknown): [Table, unknown] {
    let current = from;
    let value = values;
    for (const step of path) {
      value = member(value, step.key);
      const first = current.index.get(step.key);
      let node = first?.node;
      if (node === undefined) {
        node = table(step.at);
        add(current, { key: step.key, at: step.at, node });
      }
      if (node.kind === 'list') {
        if (Array.isArray(value)) value = value[node.items.length - 1];
        node = node.items.at(-1);
      }
      if (node?.kind !== 'map' || inlines.has(node)) throw new Twice(step.key, step.at, first?.at ?? step.at);
      current = node as Table;
    }
    return [current, value];
  }

  #value(value: unknown): Node {
    const at = this.#at;
    const first = this.#text[at];
    if (first === '{') return this.#inline(value, at);
    if (first === '[') return this.#array(value, at);
    if (first === '"' || first === "'") this.#skipText(first);
    else this.#match(TOKEN);
    return this.#scalar(value, at);
  }

  #scalar(value: unknown, at: number): Node {
    if (this.#scalarOf === null) return { kind: 'scalar', at, value: null };
    const result = this.#scalarOf(value, this.#text.slice(at, this.#at), at);
    if ('id' in result) {
      this.flaws.push(result);
      return { kind: 'scalar', at, value: null };
    }
    const flaw = typeof result.value === 'string' ? valueFlaw(result.value, at) : undefined;
    if (flaw !== undefined) this.flaws.push(flaw);
    return { kind: 'scalar', at, value: result.value };
  }

  #inline(value: unknown, at: number): Node {
    const made = table(at);
    headers.add(made);
    this.#at += 1;
    this.#match(VOID);
    while (this.#at < this.#text.length && this.#text[this.#at] !== '}') {
      this.#pair(made, value);
      this.#match(VOID);
      if (this.#text[this.#at] === ',') this.#at += 1;
      this.#match(VOID);
    }
    this.#at += 1;
    inlines.add(made);
    return made;
  }

  #array(value: unknown, at: number): Node {
    const items: Node[] = [];
    this.#at += 1;
    this.#match(VOID);
    while (this.#at < this.#text.length && this.#text[this.#at] !== ']') {
      items.push(this.#value(Array.isArray(value) ? value[items.length] : undefined));
      this.#match(VOID);
      if (this.#text[this.#at] === ',') this.#at += 1;
      this.#match(VOID);
    }
    this.#at += 1;
    return { kind: 'list', at, items };
  }

  #path(): Step[] {
    const path: Step[] = [];
    for (;;) {
      this.#match(SPACE);
      const at = this.#at;
      const first = this.#text[at];
      if (first === '"' || first === "'") {
        this.#skipText(first);
        const raw = this.#text.slice(at, this.#at);
        path.push({ key: first === "'" ? raw.slice(1, -1) : basicText(raw), at });
      } else {
        path.push({ key: this.#match(BARE), at });
      }
      this.#match(SPACE);
      if (this.#text[this.#at] !== '.') return path;
      this.#at += 1;
    }
  }

  #skipText(quote: string): void {
    const triple = quote.repeat(3);
    const isTriple = this.#text.startsWith(triple, this.#at);
    const close = isTriple ? triple : quote;
    let at = this.#at + close.length;
    while (at < this.#text.length && !this.#text.startsWith(close, at))
      at += quote === '"' && this.#text[at] === '\\' ? 2 : 1;
    at += close.length;
    // Up to two quotes may stand directly before the closing three.
    if (isTriple) while (this.#text[at] === quote) at += 1;
    this.#at = at;
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }

  #checkKeys(node: Node, depth: number): void {
    if (depth > LIMITS.depth) {
      this.flaws.push(depthFlaw(node.at));
    } else if (node.kind === 'list') {
      for (const item of node.items) this.#checkKeys(item, depth + 1);
    } else if (node.kind === 'map') {
      this.flaws.push(...keyFlaws(node.entries, node.at));
      for (const entry of node.entries) if (entry.node.kind !== 'scalar') this.#checkKeys(entry.node, depth + 1);
    }
  }
}

interface Step {
  readonly key: string;
  readonly at: number;
}

class Twice extends Error {
  readonly key: string;
  readonly at: number;
  readonly first: number;
  constructor(key: string, at: number, first: number) {
    super('defined twice');
    this.key = key;
    this.at = at;
    this.first = first;
  }
}

/** Tables that had a header of their own or were written inline; a second header for one of them is a mistake. */
const headers = new WeakSet<object>();
/** Tables written inline, which nothing may add to afterwards. */
const inlines = new WeakSet<object>();

function table(at: number): Table {
  return { kind: 'map', at, entries: [], index: new Map() };
}

function add(to: Table, entry: Entry): void {
  to.entries.push(entry);
  to.index.set(entry.key, entry);
}

function member(values: unknown, key: string): unknown {
  return typeof values === 'object' && values !== null && Object.hasOwn(values, key)
    ? (values as { [key: string]: unknown })[key]
    : undefined;
}

/** A quoted key; TOML's escapes beyond JSON's are `\e`, `\x` and `\U`. */
function basicText(raw: string): string {
  const json = raw.replaceAll(
    /\\(?:e|x([0-9a-fA-F]{2})|U([0-9a-fA-F]{8})|[^])/g,
    (escape, byte?: string, long?: string) => {
      if (escape === '\\e') return '\\u001b';
      if (byte !== undefined) return `\\u00${byte}`;
      return long === undefined ? escape : JSON.stringify(String.fromCodePoint(Number.parseInt(long, 16))).slice(1, -1);
    },
  );
  return JSON.parse(json) as string;
}
