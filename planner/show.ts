import { canonical, isObject, type Json } from '../schemas/json.ts';
import { isJoin, isRef, type Part } from '../schemas/resource.ts';
import { isSecretUse } from '../schemas/secret.ts';

/** Characters that move the cursor, hide text or turn its direction: a value must not be able to fake a line of output. */
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Text from outside on one line, with everything invisible written out. */
export function plainText(text: string): string {
  return text.replace(UNSAFE, character => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return `\\u{${character.charCodeAt(0).toString(16)}}`;
  });
}

/** Cut to `limit` characters without cutting a character in two; the cut shows as an ellipsis. */
export function cutText(text: string, limit: number): string {
  if (text.length <= limit) return text;
  let end = Math.max(0, limit - 1);
  const code = text.charCodeAt(end - 1);
  if (code >= 0xd800 && code <= 0xdbff) end -= 1;
  return `${text.slice(0, end)}…`;
}

/** Whether a value stands for one that is never shown. */
export function isHidden(value: unknown): boolean {
  return isObject(value) && typeof value['$sha256'] === 'string';
}

/** A value as people read it: words bare, unknown values named by where they come from, hidden values not at all. */
export function showValue(value: Json | undefined, limit = 60): string {
  if (value === undefined || value === null) return 'none';
  if (isHidden(value)) return '(hidden)';
  if (isRef(value)) return `(known after apply: ${plainText(value.$ref)})`;
  if (isSecretUse(value)) return `(secret ${plainText(value.$secret)})`;
  if (isJoin(value)) return cutText(plainText(value.$join.map(partText).join('')), limit);
  if (typeof value === 'string') return cutText(word(value), limit);
  if (typeof value !== 'object') return String(value);
  return cutText(plainText(compact(value)), limit);
}

function partText(part: Part): string {
  if (typeof part === 'string') return part;
  return isSecretUse(part) ? `\${secret.${part.$secret}}` : `\${${part.$ref}}`;
}

/** Bare when that cannot be mistaken for anything else. */
function word(text: string): string {
  const bare = /^[\p{L}\p{N}/][\p{L}\p{N} ./:@_+-]*$/u.test(text) && !text.endsWith(' ');
  return bare ? text : plainText(JSON.stringify(text));
}

/** Lists and maps on one line, a little lighter than JSON. */
function compact(value: Json): string {
  if (isRef(value)) return `\${${value.$ref}}`;
  if (isHidden(value)) return '(hidden)';
  if (isSecretUse(value)) return showValue(value);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(compact).join(', ')}]`;
  if (isJoin(value)) return showValue(value);
  if (isObject(value)) {
    const members = Object.keys(value)
      .sort()
      .map(key => `${key}: ${compact(value[key] as Json)}`);
    return `{${members.join(', ')}}`;
  }
  return typeof value === 'string' ? word(value) : canonical(value);
}
