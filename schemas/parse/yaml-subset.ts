import { LIMITS } from '../limits.ts';
import type { Entry, Node } from './node.ts';
import { type Cursor, giveUp, GiveUp, readFlow, readPlain, readQuoted } from './yaml-scalars.ts';
import { isReserved } from './checks.ts';

const NEWLINE = 10;
const SPACE = 32;
const HASH = 35;
const DASH = 45;
const COLON = 58;

/**
 * Reads the plain subset of YAML that people write here: block maps and lists, one-line flow maps and lists, scalars on
 * one line, and literal blocks (`|`). One pass, linear. Null for anything else, right or wrong: then the `yaml` package
 * reads the file and states what is wrong with it. What it returns equals what that package would, places included.
 */
export function readYamlSubset(text: string): Node | null {
  if (text.includes('\ufeff')) return null;
  try {
    const reader = new Reader(text);
    return reader.document();
  } catch (error) {
    if (error instanceof GiveUp) return null;
    throw error;
  }
}

class Reader implements Cursor {
  readonly text: string;
  at = 0;
  /** Column of the present line's content; -1 at the end of the file. */
  #indent = 0;

  constructor(text: string) {
    this.text = text;
  }

  document(): Node {
    this.#nextLine();
    if (this.#indent !== 0) return giveUp();
    const root = this.#block(0, 0);
    return this.#isEnd() ? root : giveUp();
  }

  #isEnd(): boolean {
    return this.#indent === -1;
  }

  /** Reads the map or list whose first line is the present one. */
  #block(indent: number, depth: number): Node {
    if (depth > LIMITS.depth - 4) giveUp();
    return this.#isDash() ? this.#list(indent, depth) : this.#map(indent, depth);
  }

  #map(indent: number, depth: number): Node {
    const { at } = this;
    const entries: Entry[] = [];
    do {
      const start = this.at;
      const key = this.#key();
      if (key === undefined) return giveUp();
      entries.push({ key, at: start, node: this.#value(indent, { at: start, depth }) });
    } while (this.#indent === indent && !this.#isDash());
    if (this.#indent > indent) giveUp();
    checkKeys(entries);
    return { kind: 'map', at, entries };
  }

  /** The key at the present place, with the cursor after its colon; undefined when no key stands there. */
  #key(): string | undefined {
    const { text, at } = this;
    const first = text.charCodeAt(at);
    let key: string;
    if (first === 34 || first === 39) {
      key = readQuoted(this);
    } else {
      let end = at;
      while (isKeyCode(text.charCodeAt(end))) end += 1;
      if (end === at || end - at > 1000) return undefined;
      key = text.slice(at, end);
      this.at = end;
    }
    const after = text.charCodeAt(this.at + 1);
    if (text.charCodeAt(this.at) !== COLON || !(after === SPACE || after === NEWLINE || Number.isNaN(after))) {
      this.at = at;
      return undefined;
    }
    this.at += 1;
    return first === 34 || first === 39 ? plainKey(key) : key;
  }

  /** The value after a key's colon: on the same line, or a block on the lines below. */
  #value(indent: number, key: { readonly at: number; readonly depth: number }): Node {
    if (!this.#isLineDone()) return this.#inline(indent, key.depth + 1);
    this.#nextLine();
    if (this.#indent > indent || (this.#indent === indent && this.#isDash()))
      return this.#block(this.#indent, key.depth + 1);
    return { kind: 'scalar', at: key.at, value: null };
  }

  /** A value that begins on the present line; afterwards the next line with content is the present one. */
  #inline(indent: number, depth: number): Node {
    const { at } = this;
    const first = this.text.charCodeAt(at);
    if (first === 124) return this.#literal(indent);
    let node: Node;
    if (first === 91 || first === 123) node = readFlow(this, depth);
    else if (first === 34 || first === 39) node = { kind: 'scalar', at, value: readQuoted(this) };
    else node = { kind: 'scalar', at, value: readPlain(this) };
    if (!this.#isLineDone()) giveUp();
    this.#nextLine();
    // A deeper line would go on with a scalar of several lines.
    if (this.#indent > indent) giveUp();
    return node;
  }

  #list(indent: number, depth: number): Node {
    const { at } = this;
    const items: Node[] = [];
    do {
      this.at += 1;
      items.push(this.#item(indent, depth + 1));
    } while (this.#indent === indent && this.#isDash());
    if (this.#indent > indent) giveUp();
    return { kind: 'list', at, items };
  }

  #item(indent: number, depth: number): Node {
    const dash = this.at - 1;
    if (this.#isLineDone()) {
      this.#nextLine();
      return this.#indent > indent ? this.#block(this.#indent, depth) : giveUp();
    }
    const start = this.at;
    if (this.#isDash()) return giveUp();
    if (this.#key() === undefined) return this.#inline(indent, depth);
    // A map that begins beside the dash: its further keys stand under the first.
    this.at = start;
    const column = indent + (start - dash);
    this.#indent = column;
    return this.#block(column, depth);
  }

  /** A literal block (`|` or `|-`) whose first line with content gives the indentation. */
  #literal(indent: number): Node {
    const { text, at } = this;
    this.at += 1;
    const isStripped = text[this.at] === '-';
    if (isStripped) this.at += 1;
    if (text.charCodeAt(this.at) !== NEWLINE) return giveUp();
    this.at += 1;
    const lines = this.#literalLines(indent);
    let last = lines.length;
    while (last > 0 && lines[last - 1] === '') last -= 1;
    const body = lines.slice(0, last).join('\n');
    this.#nextLine();
    if (this.#indent > indent) return giveUp();
    return { kind: 'scalar', at, value: isStripped ? body : `${body}\n` };
  }

  /** The lines of a literal block without their indentation, which the first line with content gives. */
  #literalLines(indent: number): string[] {
    const { text } = this;
    const lines: string[] = [];
    let column = -1;
    while (this.at < text.length) {
      let start = this.at;
      while (text.charCodeAt(start) === SPACE) start += 1;
      const spaces = start - this.at;
      const newline = text.indexOf('\n', start);
      const stop = newline === -1 ? text.length : newline;
      if (start < stop) {
        if (column === -1) {
          // White space above the first line may be meant as text, which would need an indentation indicator.
          if (spaces <= indent || lines.some(line => line !== '')) giveUp();
          column = spaces;
        }
        if (spaces < column) break;
      }
      lines.push(column === -1 ? text.slice(this.at, stop) : text.slice(Math.min(this.at + column, stop), stop));
      this.at = Math.min(stop + 1, text.length);
    }
    return column === -1 ? giveUp() : lines;
  }

  /** Moves to the first line with content from the present place on, which is the start of a line or the end of a value. */
  #nextLine(): void {
    const { text } = this;
    let { at } = this;
    for (;;) {
      const start = at;
      let code = text.charCodeAt(at);
      while (code === SPACE) code = text.charCodeAt(++at);
      if (code === NEWLINE) {
        at += 1;
      } else if (code === HASH) {
        at = text.indexOf('\n', at);
        if (at === -1) at = text.length;
      } else if (Number.isNaN(code)) {
        this.at = text.length;
        this.#indent = -1;
        return;
      } else {
        if (code === 9) giveUp();
        this.at = at;
        this.#indent = at - start;
        if (at === start) this.#refuseMarkers();
        return;
      }
    }
  }

  /** `---`, `...` and `%` at the start of a line begin or end documents. */
  #refuseMarkers(): void {
    const { text, at } = this;
    const code = text.charCodeAt(at);
    if (code === 37 || ((code === DASH || code === 46) && (text.startsWith('---', at) || text.startsWith('...', at))))
      giveUp();
  }

  #isDash(): boolean {
    if (this.text.charCodeAt(this.at) !== DASH) return false;
    const after = this.text.charCodeAt(this.at + 1);
    return after === SPACE || after === NEWLINE || Number.isNaN(after);
  }

  /** Skips spaces and a comment; true, with the cursor behind the line's end, when nothing else is on the line. */
  #isLineDone(): boolean {
    const { text } = this;
    const before = this.at;
    let { at } = this;
    let code = text.charCodeAt(at);
    while (code === SPACE) code = text.charCodeAt(++at);
    this.at = at;
    if (code === HASH && at > before) {
      at = text.indexOf('\n', at);
      this.at = at === -1 ? text.length : at + 1;
      return true;
    }
    if (code === NEWLINE) this.at = at + 1;
    return code === NEWLINE || Number.isNaN(code);
  }
}

/** Keys are checked here only as far as to know that there is nothing to say about them. */
function checkKeys(entries: readonly Entry[]): void {
  const count = entries.length;
  if (count > LIMITS.keysPerMap) giveUp();
  if (count > 8) {
    const seen = new Set<string>();
    for (const { key } of entries) seen.add(key);
    if (seen.size !== count) giveUp();
  }
  for (let index = 0; index < count; index += 1) {
    const key = (entries[index] as Entry).key;
    if (isReserved(key)) giveUp();
    if (count <= 8) for (let other = 0; other < index; other += 1) if ((entries[other] as Entry).key === key) giveUp();
  }
}

/** A quoted key without unseen or foreign characters. */
function plainKey(key: string): string {
  return /^[ -~]{1,200}$/.test(key) ? key : giveUp();
}

/** Letters, digits and `_ - . /` are the characters of a key that needs no quotes. */
function isKeyCode(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 45 && code <= 57) || code === 95;
}
