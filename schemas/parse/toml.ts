import { parse, TomlDate, TomlError } from 'smol-toml';
import { LIMITS } from '../limits.ts';
import { depthFlaw } from './checks.ts';
import type { Flaw, Node } from './node.ts';
import { TomlPlaces } from './toml-places.ts';

/**
 * Reads TOML. smol-toml judges the grammar and decodes the values; TomlPlaces then walks the same text for the place of
 * each. smol-toml's messages are never passed on, because they quote the file.
 */
export function readToml(text: string): { readonly root: Node | null; readonly flaws: readonly Flaw[] } {
  let values: unknown;
  try {
    values = parse(text, { integersAsBigInt: 'asNeeded', maxDepth: LIMITS.depth });
  } catch (error) {
    if (error instanceof TomlError) return { root: null, flaws: [syntaxFlaw(text, error)] };
    if (error instanceof RangeError) return { root: null, flaws: [depthFlaw(0)] };
    throw error;
  }
  const places = new TomlPlaces(text, scalarOf);
  const root = places.read(values);
  if (places.flaws.length > 0) return { root: null, flaws: places.flaws };
  return { root: root.kind === 'map' && root.entries.length === 0 ? null : root, flaws: [] };
}

function scalarOf(value: unknown, raw: string, at: number): { value: string | number | boolean } | Flaw {
  if (typeof value === 'string' || typeof value === 'boolean') return { value };
  if (typeof value === 'number' && Number.isFinite(value)) return { value };
  if (value instanceof TomlDate) {
    if (isCalendarDate(raw)) return { value: raw };
    return { id: 'WS-DATE', at, what: `the date ${raw.slice(0, 10)} does not exist`, fix: 'write a day of that month' };
  }
  const why = typeof value === 'bigint' ? 'is beyond 2^53 and would be rounded' : 'is not a finite number';
  return { id: 'WS-NUMBER', at, what: `the number ${raw} ${why}`, fix: `quote it if it is a name: "${raw}"` };
}

/** Both TOML packages take 2024-02-30 for the first of March. */
function isCalendarDate(raw: string): boolean {
  const parts = /^(\d{4})-(\d{2})-(\d{2})/.exec(raw);
  if (parts === null) return true;
  const [year, month, day] = parts.slice(1).map(Number) as [number, number, number];
  const date = new Date(Date.UTC(2000, month - 1, day));
  date.setUTCFullYear(year, month - 1, day);
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function syntaxFlaw(text: string, error: TomlError): Flaw {
  const at = offsetOf(text, error.line, error.column);
  if (error.message.includes('redefine')) {
    const first = new TomlPlaces(
      text.slice(0, text.indexOf('\n', at) === -1 ? text.length : text.indexOf('\n', at)),
      null,
    ).firstOfDuplicate();
    return {
      id: 'WS-DUPKEY',
      at: first?.at ?? at,
      ...(first === undefined ? {} : { also: [first.first] }),
      what: first === undefined ? 'a key or table is defined twice' : `key "${first.key}" is used twice`,
      why: 'only one of them could take effect',
      fix: 'rename one or delete it',
    };
  }
  if (/maximum (?:permitted )?depth|nest|too deep/i.test(error.message)) return depthFlaw(at);
  return { id: 'WS-SYNTAX', at, what: 'this is not TOML', why: kindOfError(error.message), fix: 'correct the line' };
}

/** Our own words for the package's message, chosen by its fixed part; the message itself quotes the file. */
function kindOfError(message: string): string {
  if (message.includes('end-of-line')) return 'something follows the value on this line';
  if (message.includes('string') || message.includes('escape') || message.includes('quote'))
    return 'a text is not closed, or holds a character or escape that TOML does not allow';
  if (message.includes('number') || message.includes('integer') || message.includes('numeric'))
    return 'the number is not written as TOML wants it';
  if (message.includes('key') || message.includes('table')) return 'a key or a table header is not well formed';
  return 'a value is missing, or text is not in quotes';
}

function offsetOf(text: string, line: number, column: number): number {
  let start = 0;
  for (let passed = 1; passed < line; passed += 1) {
    const end = text.indexOf('\n', start);
    if (end === -1) break;
    start = end + 1;
  }
  return Math.min(start + column - 1, text.length);
}
