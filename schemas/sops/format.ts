import type { Flaw } from '../parse/node.ts';

/** A plain value as SOPS knows it: the type decides how it is written back, the text is what the MAC is made of. */
export interface Scalar {
  readonly type: 'str' | 'int' | 'float' | 'bool';
  readonly text: string;
}

/** One value or comment of a file, with its span in the text, so that a change leaves everything around it as it is. */
export interface Leaf extends Scalar {
  readonly kind: 'value' | 'comment';
  /** Names of the maps around it and its own: what its ciphertext is bound to. A comment has those of the map it stands in. */
  readonly names: readonly string[];
  /** The same with the places in lists: where a person finds it. */
  readonly steps: readonly string[];
  /** Further maps that a comment may be bound to, where its place leaves that open. */
  readonly others?: readonly (readonly string[])[];
  /** How a number is written; a number that would be written otherwise is kept as text. */
  readonly source?: string;
  /** It stands inside brackets, where plain text must be quoted. */
  readonly inFlow?: true;
  /** Spaces before the key that it belongs to. */
  readonly indent?: number;
  readonly start: number;
  readonly end: number;
}

/** A file as leaves in their order, and what it says about its own encryption. */
export interface Reading {
  readonly text: string;
  readonly leaves: readonly Leaf[];
  /** Null when the file has none, so is not encrypted. */
  readonly metadata: { readonly [field: string]: unknown } | null;
  /** Text without the metadata. */
  readonly body: string;
}

/** One of the formats that SOPS writes. Everything is text to text; no format knows a key. */
export interface SopsFormat {
  read(text: string): Reading | Flaw;
  /** How a value stands at the place of a leaf. Null when the format cannot hold it unchanged. */
  write(leaf: Leaf, value: Scalar): string | null;
  /** A body with its metadata behind it. */
  seal(body: string, metadata: { readonly [field: string]: unknown }): string;
  /** A body of plain text with a further value; null when that place is taken by something else, or the format has no such place. */
  add(body: string, steps: readonly string[], text: string): string | null;
  /** The same without what stands there. */
  remove(body: string, steps: readonly string[]): string;
}

/** True when the file could not be read. */
export function isFlaw(reading: Reading | Flaw): reading is Flaw {
  return !('leaves' in reading);
}

/** The text with other texts at the places of leaves, which are in order. */
export function splice(
  text: string,
  changes: readonly { readonly start: number; readonly end: number; readonly text: string }[],
): string {
  let result = '';
  let at = 0;
  for (const change of changes) {
    result += text.slice(at, change.start) + change.text;
    at = change.end;
  }
  return result + text.slice(at);
}

/** A value as SOPS writes it before it is encrypted: `True`, `12.5`, the text itself. */
export function scalarOf(value: string | number | bigint | boolean, isInteger: boolean): Scalar {
  if (typeof value === 'boolean') return { type: 'bool', text: value ? 'True' : 'False' };
  if (typeof value === 'string') return { type: 'str', text: value };
  return { type: isInteger ? 'int' : 'float', text: typeof value === 'bigint' ? String(value) : plainNumber(value) };
}

/** A number without an exponent. */
function plainNumber(value: number): string {
  const [digits = '', exponent] = String(value).split('e');
  if (exponent === undefined) return digits;
  const sign = digits.startsWith('-') ? '-' : '';
  const [whole = '', part = ''] = digits.replace('-', '').split('.');
  const shift = Number(exponent);
  if (shift > 0) return sign + whole + part.padEnd(shift, '0');
  return `${sign}0.${'0'.repeat(-shift - 1)}${whole}${part}`;
}
