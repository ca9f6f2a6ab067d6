import type { Canary } from './canary.ts';

/** What is looked for, and whose it is. */
interface Needle {
  readonly bytes: Buffer;
  readonly name: string;
}

/** One look through some bytes: the names of canaries that stand in them, in whichever encoding. */
export type Scan = (haystack: Uint8Array) => ReadonlySet<string>;

/** Characters of the beginning and of the end that are looked for too, so that a value that was cut is found. */
const PIECE = 12;
/** Bytes by which a needle is found first. */
const HEAD = 4;
/** The least that says anything. */
const LEAST = 8;
const BUCKETS = 1 << 20;

/** Looks for canaries in all encodings of P15. Written without a look at the redactor, and slower than it might be. */
export function scanner(canaries: readonly Canary[]): Scan {
  const needles = canaries.flatMap(needlesOf);
  const heads = new Map<number, Needle[]>();
  const marks = new Uint8Array(BUCKETS);
  for (const needle of needles) {
    const head = needle.bytes.readUInt32LE(0);
    marks[bucket(head)] = 1;
    heads.set(head, [...(heads.get(head) ?? []), needle]);
  }
  return haystack => {
    const bytes = withoutSpace(haystack);
    const found = new Set<string>();
    let head = bytes.length < HEAD ? 0 : bytes.readUInt32LE(0) << 8;
    for (let at = 0; at + HEAD <= bytes.length; at += 1) {
      head = (head >>> 8) | ((bytes[at + HEAD - 1] as number) << 24);
      if (marks[bucket(head)] === 0) continue;
      for (const needle of heads.get(head >>> 0) ?? [])
        if (needle.bytes.equals(bytes.subarray(at, at + needle.bytes.length))) found.add(needle.name);
    }
    return found;
  };
}

function bucket(head: number): number {
  return Math.imul(head, 0x9e3779b1) >>> 12;
}

/** White space does not count: base64 is broken into lines, and terminals break anything. */
function withoutSpace(bytes: Uint8Array): Buffer {
  const kept = Buffer.allocUnsafe(bytes.length);
  let length = 0;
  for (const byte of bytes) if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) kept[length++] = byte;
  return kept.subarray(0, length);
}

function needlesOf({ name, core }: Canary): readonly Needle[] {
  const letters = [...core];
  const pieces = letters.length < 2 * PIECE ? [] : [letters.slice(0, PIECE), letters.slice(-PIECE)];
  const texts = [core, ...pieces.map(piece => piece.join(''))].filter(text => text.replace(/\s/g, '').length >= LEAST);
  const all = texts.flatMap(encodings).map(withoutSpace);
  const unique = new Map(all.filter(bytes => bytes.length >= LEAST).map(bytes => [bytes.toString('latin1'), bytes]));
  return [...unique.values()].map(bytes => ({ bytes, name }));
}

function encodings(text: string): readonly Buffer[] {
  const utf8 = Buffer.from(text);
  const utf16 = Buffer.from(text, 'utf16le');
  const json = JSON.stringify(text).slice(1, -1);
  const percent = encodeURIComponent(text);
  const hex = utf8.toString('hex');
  const base64 = [utf8, utf16].flatMap(bytes => [0, 1, 2].map(shift => shifted(bytes, shift)));
  return [
    utf8,
    utf16,
    ...[
      // Bytes that were taken for characters, and written as such.
      utf8.toString('latin1'),
      utf16.toString('latin1'),
      json,
      JSON.stringify(json).slice(1, -1),
      text.replaceAll("'", "''"),
      text.replaceAll("'", `'\\''`),
      html(text, '&#39;'),
      html(text, '&#x27;'),
      percent,
      percent.replace(/[!'()*]/g, letter => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`),
      hex,
      hex.toUpperCase(),
      hex.replace(/../g, '%$&'),
      hex.replace(/../g, '%$&').toUpperCase(),
      ...base64,
      ...base64.map(one => one.replaceAll('+', '-').replaceAll('/', '_')),
    ].map(one => Buffer.from(one)),
  ];
}

function html(text: string, quote: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", quote);
}

/** Base64 of bytes after `shift` others: the characters that the bytes alone decide. */
function shifted(bytes: Buffer, shift: number): string {
  const bits = 8 * (shift + bytes.length);
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
  return text.slice(Math.ceil((8 * shift) / 6), Math.floor(bits / 6));
}
