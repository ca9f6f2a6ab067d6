import { patternOf } from './pattern.ts';

/** Which values of a file are encrypted. At most one of these is set. */
export interface Selection {
  readonly unencrypted_suffix?: string | undefined;
  readonly encrypted_suffix?: string | undefined;
  readonly unencrypted_regex?: string | undefined;
  readonly encrypted_regex?: string | undefined;
}

/** The same with what is not read here. */
interface Stated extends Selection {
  readonly unencrypted_comment_regex?: string | undefined;
  readonly encrypted_comment_regex?: string | undefined;
}

const FIELDS = ['unencrypted_suffix', 'encrypted_suffix', 'unencrypted_regex', 'encrypted_regex'] as const;

/** The selection of a file; `_unencrypted` is left in plain text where nothing is said, as SOPS does. Null when it says two things, or one that is not read here. */
export function selectionOf(metadata: Stated): Selection | null {
  const set = FIELDS.flatMap(field => {
    const value = metadata[field];
    return value === undefined || value === '' ? [] : [[field, value] as const];
  });
  const comments = metadata.unencrypted_comment_regex ?? metadata.encrypted_comment_regex ?? '';
  if (set.length > 1 || comments !== '') return null;
  const [only] = set;
  if (only === undefined) return { unencrypted_suffix: '_unencrypted' };
  if (only[0].endsWith('regex') && patternOf(only[1]) === null) return null;
  return Object.fromEntries([only]);
}

/** Whether the value at these names is one of the encrypted. */
export function isSelected(selection: Selection, names: readonly string[]): boolean {
  const ends = (suffix: string): boolean => names.some(name => name.endsWith(suffix));
  const fits = (source: string): boolean => {
    const pattern = patternOf(source);
    return pattern !== null && names.some(name => pattern.test(name));
  };
  if (selection.encrypted_suffix !== undefined) return ends(selection.encrypted_suffix);
  if (selection.encrypted_regex !== undefined) return fits(selection.encrypted_regex);
  if (selection.unencrypted_regex !== undefined) return !fits(selection.unencrypted_regex);
  return selection.unencrypted_suffix === undefined || !ends(selection.unencrypted_suffix);
}
