import type { Json } from '../json.ts';
import type { FlowWriter } from './flow.ts';

/** Writes TOML values and entries on one line; every value that TOML knows. Null has no spelling: `hasNull` finds it before. */
export const tomlWriter: FlowWriter = {
  replacements: (value, old) => [...sameStyle(value, old), written(value)],
  entry: (keys, value) => `${tomlKey(keys)} = ${written(value)}`,
  item: value => written(value),
};

/** Whether a value holds null anywhere. */
export function hasNull(value: Json): boolean {
  if (value === null) return true;
  return typeof value === 'object' && Object.values(value).some(member => hasNull(member as Json));
}

/** A key, dotted when it has several parts: `labels."team a"`. */
export function tomlKey(keys: readonly string[]): string {
  return keys.map(key => (/^[A-Za-z0-9_-]+$/.test(key) ? key : basic(key))).join('.');
}

function written(value: Json): string {
  if (typeof value === 'string') return basic(value);
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).map(([key, member]) => tomlWriter.entry([key], member as Json));
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** JSON's escapes are TOML's too; DEL alone needs one more. */
function basic(text: string): string {
  return JSON.stringify(text).replaceAll('\u007F', '\\u007f');
}

/** The new value in the style of the old text, where that can hold it. Whether it can is found out by reading it again. */
function sameStyle(value: Json, old: string): string[] {
  if (typeof value === 'number') return /^[-+]?\d[\d_]*\.\d/.test(old) && Number.isInteger(value) ? [`${value}.0`] : [];
  if (typeof value !== 'string') return [];
  if (old.startsWith("'''")) return value.includes("'''") ? [] : [`'''${firstBreak(old)}${value}'''`];
  if (old.startsWith('"""')) return [`"""${firstBreak(old)}${basicLines(value)}"""`];
  if (old.startsWith("'")) return /['\n]/.test(value) ? [] : [`'${value}'`];
  return /^\d/.test(old) && /^\d[\d:.TtZz +-]*$/.test(value) ? [value] : [];
}

/** The line feed directly behind the opening quotes is no part of the value. */
function firstBreak(old: string): string {
  return old[3] === '\n' ? '\n' : '';
}

function basicLines(text: string): string {
  return text
    .split('\n')
    .map(line => basic(line).slice(1, -1).replaceAll('\\"', '"').replaceAll('"""', '""\\"'))
    .join('\n')
    .replace(/"$/, '\\"');
}
