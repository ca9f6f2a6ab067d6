import { LIMITS } from '../schemas/limits.ts';

/** Text of a user as it may be shown: cut, and with control and direction characters written out. */
export function shown(text: string): string {
  const cut = text.length > LIMITS.shownNameLength ? `${text.slice(0, LIMITS.shownNameLength)}…` : text;
  return cut.replace(/[\p{Cc}\p{Cf}]/gu, letter => `\\u{${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase()}}`);
}
