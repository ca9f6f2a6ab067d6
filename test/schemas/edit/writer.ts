import * as fc from 'fast-check';
import type { Json } from '../../../schemas/json.ts';

/** A text that was written at random, with the tree it holds and the place of every scalar in it. */
export interface Sample {
  readonly text: string;
  readonly tree: { [key: string]: Json };
  readonly leaves: readonly Leaf[];
}

/** A scalar: its path, and the offsets of its text. */
export interface Leaf {
  readonly path: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** What a sample is written from: its tree, and numbers for every choice of style. */
export interface Recipe {
  readonly tree: { [key: string]: Json };
  readonly choices: readonly number[];
}

/** Texts that are awkward in at least one format. */
export const TEXTS: readonly string[] = [
  'small',
  '',
  'true',
  '1e3',
  '0x1f',
  '~',
  ' lead',
  'trail ',
  "it's",
  'say "x"',
  'a: b',
  'a #b',
  '- x',
  '*star',
  '&and',
  '{x}',
  '[y]',
  'x, y',
  'C:\\dir',
  'ünï',
  '10.0.0.0/16',
  '2024-02-03',
  'one\ntwo',
  'one\n\n  two\n',
  '"""',
  "'''",
  '%',
  '@a',
  'null',
  '=',
  '!t',
];
const KEYS = ['a', 'b', 'size', 'x-1', 'with space', 'dot.ted', 'quo"te', '1', 'true'];

const scalar = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc.integer({ min: -999, max: 999 }),
  fc.boolean(),
  fc.constantFrom(1.5, 0),
);

/** Any value that the three formats can hold. */
export const anyValue: fc.Arbitrary<Json> = fc.letrec<{ value: Json }>(tie => ({
  value: fc.oneof(
    { weight: 4, arbitrary: scalar },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3 }) },
    { weight: 1, arbitrary: fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 3 }) },
  ),
})).value;

/** Text that grows, and remembers where its scalars stand. */
class Writer {
  text = '';
  readonly leaves: Leaf[] = [];
  readonly #choices: readonly number[];
  #next = 0;
  #comments = 0;

  constructor(choices: readonly number[]) {
    this.#choices = choices;
  }

  one<T>(...of: readonly T[]): T {
    const choice = this.#choices[this.#next % Math.max(1, this.#choices.length)] ?? 0;
    this.#next += 1;
    return of[choice % of.length] as T;
  }

  leaf(path: readonly string[], text: string): void {
    this.leaves.push({ path, from: this.text.length, to: this.text.length + text.length });
    this.text += text;
  }

  /** A comment of its own, or none. */
  comment(gap: string): void {
    if (this.one(true, false)) return;
    this.#comments += 1;
    this.text += `${gap}# note ${this.#comments}: [x, "y`;
  }

  /** Blank lines and comments between two lines. */
  between(indent: string): void {
    for (let lines = this.one(0, 1, 2); lines > 0; lines -= 1) {
      this.comment(this.text.endsWith('\n') || this.text === '' ? indent : '');
      this.text += '\n';
    }
  }

  sample(tree: { [key: string]: Json }): Sample {
    if (this.one(true, false)) return { text: this.text, tree, leaves: this.leaves };
    // The same with CRLF: every offset moves by the line feeds before it.
    const moved = (at: number): number => at + (this.text.slice(0, at).match(/\n/g)?.length ?? 0);
    const leaves = this.leaves.map(({ path, from, to }) => ({ path, from: moved(from), to: moved(to) }));
    return { text: this.text.replaceAll('\n', '\r\n'), tree, leaves };
  }
}

/** Recipes of small samples. */
export const recipes: fc.Arbitrary<Recipe> = fc.record({
  tree: fc.dictionary(fc.constantFrom(...KEYS), anyValue, { minKeys: 1, maxKeys: 4 }),
  choices: fc.array(fc.nat({ max: 59 }), { maxLength: 60 }),
});

function isLeaf(value: Json): value is string | number | boolean | null {
  return typeof value !== 'object' || value === null;
}

/** JSON with white space at random. */
export function jsonSample({ tree, choices }: Recipe): Sample {
  const writer = new Writer(choices);
  const space = (): string => writer.one('', ' ', '\n', '\n\t ');
  const write = (value: Json, path: readonly string[]): void => {
    if (isLeaf(value)) return writer.leaf(path, JSON.stringify(value));
    const entries = Object.entries(value);
    writer.text += Array.isArray(value) ? '[' : '{';
    for (const [index, [key, member]] of entries.entries()) {
      writer.text += `${index === 0 ? '' : ','}${space()}`;
      if (!Array.isArray(value)) writer.text += `${JSON.stringify(key)}${space()}:${space()}`;
      write(member as Json, [...path, key]);
      writer.text += space();
    }
    writer.text += Array.isArray(value) ? ']' : '}';
  };
  write(tree, []);
  writer.text += space();
  return writer.sample(tree);
}

/** YAML of block and flow style with comments and quotes at random. */
export function yamlSample({ tree, choices }: Recipe): Sample {
  const writer = new Writer(choices);
  const step = writer.one(2, 4);
  const flow = (value: Json, path: readonly string[]): void => {
    if (isLeaf(value)) return writer.leaf(path, quoted(value, writer));
    writer.text += Array.isArray(value) ? '[' : '{';
    for (const [index, [key, member]] of Object.entries(value).entries()) {
      writer.text += index === 0 ? '' : ', ';
      if (!Array.isArray(value)) writer.text += `${JSON.stringify(key)}: `;
      flow(member as Json, [...path, key]);
    }
    writer.text += Array.isArray(value) ? ']' : '}';
  };
  const block = (value: Json, path: readonly string[], indent: string): void => {
    const isEmpty = !isLeaf(value) && Object.keys(value).length === 0;
    if (isLeaf(value) && literal(value, path, indent)) return;
    if (isLeaf(value) || isEmpty || writer.one(false, false, true)) {
      writer.text += ' ';
      flow(value, path);
      writer.comment(' ');
      writer.text += '\n';
      return;
    }
    writer.comment(' ');
    writer.text += '\n';
    lines(value, path, indent);
  };
  const literal = (value: Json, path: readonly string[], indent: string): boolean => {
    if (typeof value !== 'string' || !/^\S.*\n/s.test(value) || writer.one(true, false)) return false;
    const chomp = value.endsWith('\n') ? '' : '-';
    const body = value.replace(/\n$/, '').replaceAll(/\n(?!\n)/g, `\n${indent}`);
    writer.text += ' ';
    writer.leaf(path, `|${chomp}\n${indent}${body}\n`);
    return true;
  };
  const lines = (value: Json, path: readonly string[], indent: string): void => {
    for (const [key, member] of Object.entries(value as { [key: string]: Json })) {
      writer.between(indent);
      writer.text += indent + (Array.isArray(value) ? '-' : `${writer.one(JSON.stringify(key), plainKey(key))}:`);
      block(member, [...path, key], indent + ' '.repeat(step));
    }
  };
  lines(tree, [], '');
  writer.comment('');
  return writer.sample(tree);
}

function plainKey(key: string): string {
  return /^[a-z][a-z .-]*$/.test(key) && key !== 'true' ? key : JSON.stringify(key);
}

function quoted(value: string | number | boolean | null, writer: Writer): string {
  if (typeof value !== 'string') return String(value);
  const styles = [JSON.stringify(value)];
  if (!value.includes('\n')) styles.push(`'${value.replaceAll("'", "''")}'`);
  if (/^[a-z][a-z/]*$/.test(value) && !/^(?:true|null)$/.test(value)) styles.push(value);
  return writer.one(...styles);
}

/** TOML with headers, dotted keys, inline tables and arrays of tables at random. */
export function tomlSample({ tree, choices }: Recipe): Sample {
  const writer = new Writer(choices);
  const inline = (value: Json, path: readonly string[]): void => {
    if (isLeaf(value)) return writer.leaf(path, tomlQuoted(value, writer));
    const entries = Object.entries(value);
    if (!Array.isArray(value)) writer.text += '{ ';
    else writer.text += '[';
    const isOpen = Array.isArray(value) && entries.length > 0 && writer.one(false, true);
    for (const [index, [key, member]] of entries.entries()) {
      writer.text += index === 0 ? '' : ', ';
      if (isOpen) {
        writer.comment(' ');
        writer.text += '\n  ';
      }
      if (!Array.isArray(value)) writer.text += `${tomlKey(key)} = `;
      inline(member as Json, [...path, key]);
    }
    if (isOpen) writer.text += writer.one('\n', ',\n');
    writer.text += Array.isArray(value) ? ']' : ' }';
  };
  const pair = (keys: readonly string[], value: Json, path: readonly string[]): void => {
    if (isTable(value) && Object.keys(value).length > 0 && writer.one(false, true)) {
      for (const [key, member] of Object.entries(value)) pair([...keys, key], member as Json, [...path, key]);
      return;
    }
    writer.between('');
    writer.text += `${keys.map(tomlKey).join('.')} = `;
    inline(value, path);
    writer.comment(' ');
    writer.text += '\n';
  };
  const table = (value: { readonly [key: string]: Json }, path: readonly string[], keys: readonly string[]): void => {
    const later: [string, Json][] = [];
    for (const [key, member] of Object.entries(value)) {
      if ((isTable(member) || isTables(member)) && writer.one(false, true)) later.push([key, member]);
      else pair([key], member, [...path, key]);
    }
    for (const [key, member] of later) {
      const header = [...keys, key].map(tomlKey).join('.');
      const tables = Array.isArray(member)
        ? (member as { [key: string]: Json }[])
        : [member as { [key: string]: Json }];
      for (const [index, each] of tables.entries()) {
        writer.between('');
        writer.text += Array.isArray(member) ? `[[${header}]]` : `[${header}]`;
        writer.comment(' ');
        writer.text += '\n';
        table(each, Array.isArray(member) ? [...path, key, String(index)] : [...path, key], [...keys, key]);
      }
    }
  };
  table(tree, [], []);
  return writer.sample(tree);
}

function isTable(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTables(value: Json): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(item => isTable(item as Json));
}

function tomlKey(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key);
}

function tomlQuoted(value: string | number | boolean | null, writer: Writer): string {
  if (typeof value !== 'string') return String(value);
  const styles = [JSON.stringify(value)];
  if (!/['\n]/.test(value)) styles.push(`'${value}'`);
  if (!value.includes("'")) styles.push(`'''\n${value}'''`);
  return writer.one(...styles);
}
