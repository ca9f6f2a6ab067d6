import { LIMITS } from '../limits.ts';
import { depthFlaw, keyFlaws, numberFlaw, valueFlaw } from './checks.ts';
import type { Entry, Flaw, Node } from './node.ts';

/** Thrown inside the reader and caught at its door: the first thing that is not JSON ends the reading. */
class NotJson extends Error {
  readonly flaw: Flaw;
  constructor(flaw: Flaw) {
    super(flaw.what);
    this.flaw = flaw;
  }
}

/** Reads JSON with the place of every value. JSON.parse gives no places and drops the first of two equal keys. */
export function readJson(text: string): { readonly root: Node | null; readonly flaws: readonly Flaw[] } {
  const reader = new JsonReader(text);
  try {
    const root = reader.document();
    return reader.flaws.length > 0 ? { root: null, flaws: reader.flaws } : { root, flaws: [] };
  } catch (error) {
    if (error instanceof NotJson) return { root: null, flaws: [...reader.flaws, error.flaw] };
    throw error;
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\n]*/y;

class JsonReader {
  readonly flaws: Flaw[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): Node | null {
    this.#skip();
    if (this.#at === this.#text.length) return null;
    const root = this.#value(0);
    this.#skip();
    if (this.#at < this.#text.length) throw this.#unexpected('the file ends after its first value');
    return root;
  }

  #value(depth: number): Node {
    const at = this.#at;
    if (depth > LIMITS.depth) throw new NotJson(depthFlaw(at));
    const first = this.#text[at];
    if (first === '{') return { kind: 'map', at, entries: this.#entries(depth) };
    if (first === '[') return { kind: 'list', at, items: this.#items(depth) };
    if (first === '"') return { kind: 'scalar', at, value: this.#string() };
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (!this.#text.startsWith(word, at)) continue;
      this.#at += word.length;
      return { kind: 'scalar', at, value };
    }
    const raw = this.#match(NUMBER);
    if (raw === undefined) throw this.#unexpected('a value is missing or misspelt');
    const value = Number(raw);
    const flaw = numberFlaw(raw, value, at);
    if (flaw !== undefined) this.flaws.push(flaw);
    return { kind: 'scalar', at, value };
  }

  #entries(depth: number): Entry[] {
    const start = this.#at;
    const entries: Entry[] = [];
    this.#list('}', () => {
      const at = this.#at;
      if (this.#text[at] !== '"') throw this.#unexpected('a key in double quotes is missing');
      const key = this.#string();
      this.#skip();
      if (this.#text[this.#at] !== ':') throw this.#unexpected('a colon is missing');
      this.#at += 1;
      this.#skip();
      entries.push({ key, at, node: this.#value(depth + 1) });
    });
    this.flaws.push(...keyFlaws(entries, start));
    return entries;
  }

  #items(depth: number): Node[] {
    const items: Node[] = [];
    this.#list(']', () => items.push(this.#value(depth + 1)));
    return items;
  }

  #list(close: string, read: () => void): void {
    this.#at += 1;
    this.#skip();
    if (this.#text[this.#at] === close) {
      this.#at += 1;
      return;
    }
    for (;;) {
      this.#skip();
      read();
      this.#skip();
      const next = this.#text[this.#at];
      if (next !== ',' && next !== close) throw this.#unexpected(`a comma or ${close} is missing`);
      this.#at += 1;
      if (next === close) return;
    }
  }

  #string(): string {
    const at = this.#at;
    const end = this.#stringEnd(at);
    let value: string;
    try {
      value = JSON.parse(this.#text.slice(at, end)) as string;
    } catch {
      throw this.#unexpected('a text is not closed, or holds an unknown escape');
    }
    this.#at = end;
    const flaw = valueFlaw(value, at);
    if (flaw !== undefined) this.flaws.push(flaw);
    return value;
  }

  /** Offset behind the closing quote, or the end of the line when there is none. */
  #stringEnd(start: number): number {
    let at = start + 1;
    while (at < this.#text.length) {
      const code = this.#text.charCodeAt(at);
      if (code === 34) return at + 1;
      if (code === 10) return at;
      at += code === 92 ? 2 : 1;
    }
    return at;
  }

  #skip(): void {
    this.#match(SPACE);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #unexpected(what: string): NotJson {
    return new NotJson({
      id: 'WS-SYNTAX',
      at: Math.min(this.#at, this.#text.length),
      what,
      why: 'the file is not JSON',
      fix: 'correct it there',
    });
  }
}
