import { isObject, type Json } from '../json.ts';
import type { CloudKind } from '../name.ts';
import type { Instance, TerraformState } from './state.ts';

/** A field that the state has, but that our kinds cannot say, or not surely; the sentence goes into the file. */
export class Unsure {
  readonly note: string;
  /** What it is as far as anybody can tell. */
  readonly guess: Json | undefined;
  constructor(note: string, guess?: Json) {
    this.note = note;
    this.guess = guess;
  }
}

/** Reads one field of our kind from an object of a state file; undefined when it is not set there. */
export type Reading = (self: Instance, state: TerraformState) => Json | undefined | Unsure;

/** How one type of Terraform becomes one of our kinds. */
export interface TypeTable {
  readonly kind: CloudKind;
  /** The id as our provider has it. */
  readonly id: Reading;
  /** What the cloud calls it. */
  readonly name: Reading;
  readonly fields: { readonly [field: string]: Reading };
}

/** All types of one Terraform provider. */
export interface ProviderTable {
  /** What its types begin with: `hcloud_`. */
  readonly prefix: string;
  readonly driver: string;
  readonly types: { readonly [type: string]: TypeTable };
  /** Types that only say something about others: read with them, and never listed as left out. */
  readonly parts: readonly string[];
}

/** The value at a path such as `algorithm.0.type`; undefined for nothing and for empty text. */
export function valueAt(value: Json | undefined, path: string): Json | undefined {
  let current: unknown = value;
  for (const step of path.split('.')) {
    if (!isObject(current) && !Array.isArray(current)) return undefined;
    current = Object.hasOwn(current, step) ? (current as { [step: string]: unknown })[step] : undefined;
  }
  return current === null || current === '' ? undefined : (current as Json | undefined);
}

/** The first of several attributes that is set, as it is. */
export function at(...paths: readonly string[]): Reading {
  return ({ attributes }) => {
    for (const path of paths) {
      const value = valueAt(attributes, path);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

/** An id as text. Terraform keeps many as numbers, with 0 for none. */
export function idOf(value: Json | undefined): string | undefined {
  if (typeof value === 'number') return value === 0 ? undefined : String(value);
  return typeof value === 'string' && value !== '' && value !== '0' ? value : undefined;
}

/** The first of several attributes that holds an id. */
export function idAt(...paths: readonly string[]): Reading {
  return ({ attributes }) => paths.map(path => idOf(valueAt(attributes, path))).find(id => id !== undefined);
}

/** A list of ids. */
export function idsAt(path: string): Reading {
  return ({ attributes }) =>
    listAt(attributes, path)
      .flatMap(value => idOf(value) ?? [])
      .sort();
}

/** A word in our spelling; one that is not in the table is shown in a note. */
export function wordAt(path: string, words: { readonly [theirs: string]: string }): Reading {
  return ({ attributes }) => {
    const value = valueAt(attributes, path);
    if (value === undefined) return undefined;
    const ours = typeof value === 'string' && Object.hasOwn(words, value) ? words[value] : undefined;
    return ours ?? new Unsure(`${path} ${String(value)} has no word here`);
  };
}

/** Labels without those that a cloud or its tools keep for themselves. */
export function labelsAt(path: string, isOurs: (key: string) => boolean = () => true): Reading {
  return ({ attributes }) => {
    const value = valueAt(attributes, path);
    if (!isObject(value)) return undefined;
    return Object.fromEntries(Object.entries(value as { readonly [key: string]: Json }).filter(([key]) => isOurs(key)));
  };
}

/** The items at a path; none when there is no list. */
export function listAt(value: Json | undefined, path: string): readonly Json[] {
  const found = valueAt(value, path);
  return Array.isArray(found) ? (found as readonly Json[]) : [];
}

/** The answer of the first reading that has one. */
export function firstOf(...readings: readonly Reading[]): Reading {
  return (self, state) => {
    for (const reading of readings) {
      const value = reading(self, state);
      if (value !== undefined) return value;
    }
    return undefined;
  };
}

/** The id in another object that says which of ours it belongs to: an attachment, an assignment. */
export function idFrom(type: string, link: { readonly mine: string; readonly theirs: string }): Reading {
  return ({ attributes }, state) => {
    const id = idOf(valueAt(attributes, 'id'));
    if (id === undefined) return undefined;
    const [other] = state.where(type, link.mine, id);
    return other === undefined ? undefined : idOf(valueAt(other.attributes, link.theirs));
  };
}

/** Ports as our rules write them: one, a range, or undefined for all. */
export function portsOf(first: number | undefined, last: number | undefined): number | string | undefined {
  if (first === undefined || last === undefined || (first <= 1 && last >= 65_535)) return undefined;
  const start = Math.max(1, first);
  return start === last ? start : `${start}-${last}`;
}

/** An address or a range as a range. */
export function rangeOf(text: string): string {
  if (text.includes('/')) return text;
  return `${text}/${text.includes(':') ? 128 : 32}`;
}
