import { LIMITS } from '../limits.ts';
import { isReserved } from './checks.ts';
import type { Entry, Node } from './node.ts';

/** A text and a place in it, which readers move. */
export interface Cursor {
  readonly text: string;
  at: number;
}

/** Thrown when the text is not certainly in the plain subset. One instance, because making errors is slow. */
export class GiveUp extends Error {}
const outside = new GiveUp('outside the plain subset');

/** Leaves the reader: the `yaml` package takes over. */
export function giveUp(): never {
  throw outside;
}

/** Everything that the core schema takes for a number; what is plainly one is read first. */
const NUMERIC =
  /^(?:0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const PLAIN_NUMBER = /^-?(?:0|[1-9]\d{0,14})(?:\.\d{1,15})?$/;
const NULL_OR_BOOL = /^(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE)$/;

/** A plain scalar that ends with the line or at a comment. */
export function readPlain(cursor: Cursor): string | number | boolean | null {
  const { text, at } = cursor;
  if (!startsPlain(text, at, false)) giveUp();
  let end = at;
  for (let code = text.charCodeAt(end); code !== 10 && end < text.length; code = text.charCodeAt(++end)) {
    if (code === 9) giveUp();
    if (code === 35 && text.charCodeAt(end - 1) === 32) break;
    if (code === 58 && isBreak(text.charCodeAt(end + 1))) giveUp();
  }
  cursor.at = end;
  while (text.charCodeAt(end - 1) === 32) end -= 1;
  if (cursor.at > end) cursor.at = end;
  return resolved(text.slice(at, end));
}

/** A quoted scalar on one line, with the escapes that JSON and YAML agree on. */
export function readQuoted(cursor: Cursor): string {
  const { text, at } = cursor;
  const quote = text.charCodeAt(at);
  let end = at + 1;
  let hasEscape = false;
  for (;;) {
    const code = text.charCodeAt(end);
    if (code === 10 || end >= text.length) giveUp();
    if (code === quote) {
      if (quote === 34 || text.charCodeAt(end + 1) !== 39) break;
      hasEscape = true;
      end += 1;
    } else if (code === 92 && quote === 34) {
      hasEscape = true;
      end += 1;
      if (!'"\\/nt'.includes(text[end] ?? '?')) giveUp();
    } else if (code === 9) {
      giveUp();
    }
    end += 1;
  }
  cursor.at = end + 1;
  const body = text.slice(at + 1, end);
  if (!hasEscape) return body;
  return quote === 39 ? body.replaceAll("''", "'") : (JSON.parse(`"${body}"`) as string);
}

/** A flow map or list on one line. */
export function readFlow(cursor: Cursor, depth: number): Node {
  if (depth > LIMITS.depth - 4) giveUp();
  const { text, at } = cursor;
  const isMap = text.charCodeAt(at) === 123;
  const close = isMap ? 125 : 93;
  const items: Node[] = [];
  const entries: Entry[] = [];
  cursor.at += 1;
  skipSpaces(cursor);
  if (text.charCodeAt(cursor.at) === close) {
    cursor.at += 1;
  } else {
    for (;;) {
      skipSpaces(cursor);
      if (isMap) entries.push(flowEntry(cursor, depth));
      else items.push(flowValue(cursor, depth + 1));
      skipSpaces(cursor);
      const code = text.charCodeAt(cursor.at);
      cursor.at += 1;
      if (code === close) break;
      if (code !== 44) giveUp();
    }
  }
  if (!isMap) return { kind: 'list', at, items };
  const keys = new Set(entries.map(entry => entry.key));
  if (keys.size !== entries.length || keys.size > LIMITS.keysPerMap) giveUp();
  return { kind: 'map', at, entries };
}

function flowEntry(cursor: Cursor, depth: number): Entry {
  const { text, at } = cursor;
  const first = text.charCodeAt(at);
  const isQuoted = first === 34 || first === 39;
  const key = isQuoted ? readQuoted(cursor) : flowWord(cursor);
  if (!/^[ -~]{1,200}$/.test(key) || isReserved(key)) giveUp();
  if (text.charCodeAt(cursor.at) !== 58 || text.charCodeAt(cursor.at + 1) !== 32) giveUp();
  cursor.at += 1;
  skipSpaces(cursor);
  return { key, at, node: flowValue(cursor, depth + 1) };
}

function flowValue(cursor: Cursor, depth: number): Node {
  const { text, at } = cursor;
  const first = text.charCodeAt(at);
  if (first === 91 || first === 123) return readFlow(cursor, depth);
  if (first === 34 || first === 39) {
    const value = readQuoted(cursor);
    return { kind: 'scalar', at, value };
  }
  return { kind: 'scalar', at, value: resolved(flowWord(cursor)) };
}

/** A plain scalar inside brackets, up to a comma, a bracket, or the colon of a key. */
function flowWord(cursor: Cursor): string {
  const { text, at } = cursor;
  if (!startsPlain(text, at, true)) giveUp();
  let end = at;
  for (; end < text.length; end += 1) {
    const code = text.charCodeAt(end);
    if (code === 44 || code === 93 || code === 125) break;
    if (code === 10 || code === 9 || code === 91 || code === 123 || code === 35) giveUp();
    if (code === 58) {
      const after = text.charCodeAt(end + 1);
      if (after === 32) break;
      if (isBreak(after) || after === 44 || after === 91 || after === 93 || after === 123 || after === 125) giveUp();
    }
  }
  cursor.at = end;
  while (text.charCodeAt(end - 1) === 32) end -= 1;
  // A space before the colon of a key is legal and rare.
  if (cursor.at > end && text.charCodeAt(cursor.at) === 58) giveUp();
  return text.slice(at, end);
}

/** Whether a plain scalar may start here: not with an indicator of YAML. */
function startsPlain(text: string, at: number, inFlow: boolean): boolean {
  const code = text.charCodeAt(at);
  if (isWordCode(code) || code === 36 || code === 47 || code === 46 || code === 95 || code === 126 || code === 43)
    return true;
  if (code === 45) {
    const after = text.charCodeAt(at + 1);
    return isWordCode(after) || after === 46 || (after === 45 && !inFlow);
  }
  return code > 127 || code === 40 || code === 59 || code === 60 || code === 61 || code === 94;
}

function resolved(raw: string): string | number | boolean | null {
  const code = raw.charCodeAt(0);
  // Only these can start anything but text: digits, signs, a dot, ~, and the first letters of null, true and false.
  if ((code >= 48 && code <= 57) || code === 43 || code === 45 || code === 46) {
    if (PLAIN_NUMBER.test(raw)) return Number(raw);
    return NUMERIC.test(raw) ? giveUp() : raw;
  }
  if (code !== 126 && (code | 32) !== 110 && (code | 32) !== 116 && (code | 32) !== 102) return raw;
  if (!NULL_OR_BOOL.test(raw)) return raw;
  return code === 126 || (code | 32) === 110 ? null : (code | 32) === 116;
}

function isWordCode(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57);
}

/** White space or the end of the text. */
function isBreak(code: number): boolean {
  return code === 32 || code === 10 || code === 9 || Number.isNaN(code);
}

function skipSpaces(cursor: Cursor): void {
  while (cursor.text.charCodeAt(cursor.at) === 32) cursor.at += 1;
}
