/** One replacement in a text: what stands from `from` up to `to` gives way to `text`. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A file as its readers see it: without byte order mark, lines ended by `\n`. Offsets of splices count in it. */
export function plainLines(original: string): string {
  const text = original.startsWith('\uFEFF') ? original.slice(1) : original;
  return text.includes('\r') ? text.replaceAll('\r\n', '\n') : text;
}

/**
 * Carries splices of the plain text over to the original, whose byte order mark and line ends stay as they are. A new
 * line gets the line end of the place where it is put.
 */
export function spliced(original: string, splices: readonly Splice[]): string {
  const offsets = new Offsets(original);
  let result = '';
  let at = 0;
  for (const { from, to, text } of splices.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
    const [start, end] = [offsets.of(from), offsets.of(to)];
    if (start < at) throw new RangeError('two edits of one text overlap');
    result += original.slice(at, start);
    result += text.includes('\n') ? text.replaceAll('\n', lineEnd(original, start)) : text;
    at = end;
  }
  return result + original.slice(at);
}

/** The line end in force at a place: that of the line before a line start, else that of its own line, else of the last one. */
function lineEnd(text: string, at: number): string {
  const next = text.indexOf('\n', at);
  const newline = text[at - 1] === '\n' ? at - 1 : next === -1 ? text.lastIndexOf('\n') : next;
  return newline > 0 && text[newline - 1] === '\r' ? '\r\n' : '\n';
}

class Offsets {
  readonly #first: number;
  /** Plain offsets of the line feeds before which a carriage return was left out, ascending. */
  readonly #dropped: number[] = [];

  constructor(original: string) {
    this.#first = original.startsWith('\uFEFF') ? 1 : 0;
    for (let at = original.indexOf('\r\n'); at !== -1; at = original.indexOf('\r\n', at + 2))
      this.#dropped.push(at - this.#first - this.#dropped.length);
  }

  of(plain: number): number {
    let low = 0;
    let high = this.#dropped.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#dropped[middle] ?? 0) < plain) low = middle + 1;
      else high = middle;
    }
    return plain + this.#first + low;
  }
}

/** Offset of the first character of the line that holds `at`. */
export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/** Offset behind the line feed of the line that holds `at`; the length of the text on its last line. */
export function nextLine(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline === -1 ? text.length : newline + 1;
}

/** Whether only white space stands before `at` on its line. */
export function isFirstOnLine(text: string, at: number): boolean {
  return text.slice(lineStart(text, at), at).trim() === '';
}

/** Column from 0. */
export function columnOf(text: string, at: number): number {
  return at - lineStart(text, at);
}

/** White space at the start of the line that holds `at`. */
export function indentAt(text: string, at: number): string {
  return /^[ \t]*/.exec(text.slice(lineStart(text, at), at))?.[0] ?? '';
}

/** Start of the comment lines that stand directly above the line of `at`, not above `floor`; that line's own start when there are none. */
export function commentsAbove(text: string, at: number, floor = 0): number {
  let start = lineStart(text, at);
  while (start > floor) {
    const above = lineStart(text, start - 1);
    if (above < floor || !/^[ \t]*#/.test(text.slice(above, start))) break;
    start = above;
  }
  return start;
}

/** The first offset from `at` on that is neither white space nor part of a `#` comment. */
export function nextCode(text: string, at: number): number {
  const pattern = /(?:\s|#[^\n]*)*/y;
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}

/** Lines as a whole at an offset where a line starts; on a last line without line feed they go behind it. */
export function newLines(text: string, at: number, lines: string): Splice {
  const isOpen = at === text.length && at > 0 && text[at - 1] !== '\n';
  return { from: at, to: at, text: isOpen ? `\n${lines}` : `${lines}\n` };
}
