import { LIMITS } from '../limits.ts';
import type { Document, Flaw } from './node.ts';

/** Controls that no workspace file needs: all but tab and line feed. */
const CONTROL = /[^\P{Cc}\t\n]/u;
/** Characters that make a reviewer read other text than the program does. */
const BIDI = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const CONFLICT = /^(?:<{7}|>{7}|\|{7})(?: |$)|^={7}$/m;

/** A file's bytes as text, or the flaw for which it cannot be one. The result does not depend on byte order mark and line ends. */
export function decode(path: string, bytes: Uint8Array): Document {
  if (bytes.length > LIMITS.fileBytes) {
    return broken(path, '', {
      id: 'WS-LIMIT',
      at: 0,
      what: `the file has ${bytes.length} bytes; the limit is ${LIMITS.fileBytes}`,
      fix: 'split it into several files under infra/',
    });
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const good = bytes.subarray(0, badByte(bytes));
    const before = new TextDecoder('utf-8').decode(good, { stream: true });
    return broken(path, before, encodingFlaw(bytes, { byte: good.length, at: before.length }));
  }
  if (text.includes('\r')) text = text.replaceAll('\r\n', '\n');
  const flaws = [characterFlaw(text), conflictFlaw(text)].filter(flaw => flaw !== undefined);
  return { path, text, root: null, flaws };
}

/** A document that could not be read. */
export function broken(path: string, text: string, ...flaws: readonly Flaw[]): Document {
  return { path, text, root: null, flaws };
}

/** A character as it may be shown: `\u{202E}`. */
export function codePoint(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}}`;
}

function characterFlaw(text: string): Flaw | undefined {
  const control = CONTROL.exec(text);
  if (control !== null) {
    return {
      id: 'WS-CONTROL',
      at: control.index,
      what: `the control character ${codePoint(control[0])} does not belong in a workspace file`,
      fix: 'delete it',
    };
  }
  const bidi = BIDI.exec(text);
  if (bidi === null) return undefined;
  return {
    id: 'WS-BIDI',
    at: bidi.index,
    what: `the character ${codePoint(bidi[0])} changes the direction in which text is shown`,
    why: 'a reviewer would read other text than this program does',
    fix: 'delete it',
  };
}

function conflictFlaw(text: string): Flaw | undefined {
  const found = CONFLICT.exec(text);
  // A line of seven equal signs alone may be an underline inside a text; it only counts beside another marker.
  if (found === null || (found[0].startsWith('=') && !/^<{7} /m.test(text))) return undefined;
  return {
    id: 'WS-CONFLICT',
    at: found.index,
    what: 'a merge conflict marker stands in the file',
    why: 'the merge was not finished',
    fix: 'resolve the conflict and delete the markers',
  };
}

function encodingFlaw(bytes: Uint8Array, { byte, at }: { readonly byte: number; readonly at: number }): Flaw {
  const [first = 0, second = 0] = bytes;
  const utf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  return {
    id: 'WS-UTF8',
    at,
    what: utf16 ? 'the file is UTF-16' : `the byte at offset ${byte} is not valid UTF-8`,
    why: 'workspace files are UTF-8, so that everybody reads the same text',
    fix: 'save the file as UTF-8',
  };
}

/** Offset of the first byte that ends valid UTF-8, by halving: a prefix is good when it decodes, up to a character cut at its end. */
function badByte(bytes: Uint8Array): number {
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (decodes(bytes.subarray(0, middle))) low = middle;
    else high = middle - 1;
  }
  return low;
}

function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}
