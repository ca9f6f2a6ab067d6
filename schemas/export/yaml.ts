import { isObject, type Json } from '../json.ts';

/** Longest line that a list or map is put on. */
const LINE = 100;

/** Every reader takes these for text, in a line and between brackets, whatever version of YAML it knows. */
const PLAIN = /^[A-Za-z_/][\w./+=@-]*(?: [\w./+=@-]+)*$/;
const IPV4_RANGE = /^\d{1,3}(?:\.\d{1,3}){3}\/\d{1,2}$/;
/** Words that some readers take for a truth value, a number or nothing. */
const WORDS = /^(?:null|true|false|yes|no|on|off|y|n|nan|inf)$/i;
/** Not shown, or changes how others are shown: written as an escape. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A text as a YAML scalar: plain where nobody can misread it, else in double quotes with everything unseen escaped. */
export function yamlText(text: string): string {
  if ((PLAIN.test(text) && !WORDS.test(text)) || IPV4_RANGE.test(text)) return text;
  return JSON.stringify(text).replace(UNSEEN, unit => {
    const code = unit.codePointAt(0) ?? 0;
    return code > 0xff_ff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** A key and its value as lines of block YAML, indented. Short lists and maps stand on one line; a list of maps never does. */
export function yamlField(key: string, value: Json, indent: number): string[] {
  const start = `${' '.repeat(indent)}${yamlText(key)}:`;
  const line = `${start} ${flow(value)}`;
  const items = Array.isArray(value) ? (value as readonly Json[]) : [];
  const isLong = line.length > LINE || items.some(item => isObject(item));
  if (!isLong || typeof value !== 'object' || value === null) return [line];
  if (Array.isArray(value)) return [start, ...items.map(item => `${' '.repeat(indent + 2)}- ${flow(item)}`)];
  const members = Object.entries(value as { readonly [key: string]: Json });
  return [start, ...members.flatMap(([name, member]) => yamlField(name, member, indent + 2))];
}

/** A value on one line. In a text, `${` is written so that it stays text. */
function flow(value: Json): string {
  if (typeof value === 'string') return yamlText(value.replaceAll('${', () => '$${'));
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(flow).join(', ')}]`;
  if (!isObject(value)) return String(value);
  const members = Object.entries(value as { readonly [key: string]: Json });
  if (members.length === 0) return '{}';
  return `{ ${members.map(([key, member]) => `${yamlText(key)}: ${flow(member)}`).join(', ')} }`;
}
