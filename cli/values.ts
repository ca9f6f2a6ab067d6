import type { Flag } from '../operations/entry.ts';
import type { Problem } from '../schemas/fault.ts';
import { nearest } from '../schemas/nearest.ts';
import { showText } from '../schemas/problem.ts';

/** What a person gave for the fields of an input. */
export type Input = { readonly [field: string]: string | number | boolean | readonly string[] };

export type FlagValue = { readonly value: Input[string] } | { readonly problem: Problem };

/** The value that was given for a flag, by its type. `label` is how the flag is named to people. */
export function flagValue(flag: Flag, label: string, texts: readonly string[]): FlagValue {
  if (flag.type === 'list') return { value: texts };
  const different = [...new Set(texts)];
  const [text = ''] = different;
  if (different.length > 1) {
    const what = `${label} given twice: ${different.map(showText).join(', ')}`;
    return { problem: { id: 'CLI-TWICE', what, fix: 'give it once' } };
  }
  if (flag.type === 'boolean') return { value: true };
  if (flag.type === 'int') return wholeNumber(flag, label, text);
  if (flag.type === 'choice' && flag.choices?.includes(text) !== true) return { problem: noChoice(flag, label, text) };
  return { value: text };
}

function wholeNumber(flag: Flag, label: string, text: string): FlagValue {
  const value = /^-?[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = flag;
  if (value >= min && value <= max) return { value };
  const what = `${label} is ${showText(text)}, which is not a whole number ${range(flag)}`;
  return {
    problem: {
      id: 'CLI-RANGE',
      what,
      fix: flag.default === undefined ? flag.description : `the default is ${flag.default}`,
    },
  };
}

/** `from 1 to 64`. */
export function range({ min, max }: Pick<Flag, 'min' | 'max'>): string {
  if (min === undefined) return max === undefined ? '' : `up to ${max}`;
  return max === undefined || max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
}

function noChoice(flag: Flag, label: string, text: string): Problem {
  const choices = flag.choices ?? [];
  const meant = nearest(text, choices);
  const what = `${label} is "${showText(text)}"; it can be ${choices.join(', ')}`;
  return { id: 'CLI-CHOICE', what, ...(meant === undefined ? {} : { fix: `did you mean ${meant}?` }) };
}
