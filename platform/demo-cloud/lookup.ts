import { rulesOf } from './kinds.ts';
import type { CloudObject } from './model.ts';

/** Indexes of the living objects, by everything a request can ask for. */
export interface Lookup {
  named(kind: string, name: string): Iterable<string>;
  /** Ids of the objects with all these labels; a label is `key` or `key=value`. */
  labelled(labels: readonly string[]): readonly string[];
  /** Ids of the objects that refer to this one. */
  usersOf(id: string): Iterable<string>;
  count(kind: string): number;
  add(object: CloudObject): void;
  remove(object: CloudObject): void;
}

type Sets = Map<string, Set<string>>;

const NONE: ReadonlySet<string> = new Set();

export function openLookup(): Lookup {
  const names: Sets = new Map();
  const labels: Sets = new Map();
  const users: Sets = new Map();
  const counts = new Map<string, number>();
  const entries = (object: CloudObject): readonly (readonly [Sets, string])[] => [
    [names, `${object.kind} ${object.name}`],
    ...Object.entries(object.labels).flatMap(([key, value]) => [
      [labels, `${key}=${value}`] as const,
      [labels, key] as const,
    ]),
    ...refsOf(object).map(id => [users, id] as const),
  ];
  return {
    named: (kind, name) => names.get(`${kind} ${name}`) ?? NONE,
    labelled(wanted) {
      const sets = wanted.map(label => labels.get(label) ?? NONE).sort((a, b) => a.size - b.size);
      const [smallest = NONE, ...others] = sets;
      return [...smallest].filter(id => others.every(set => set.has(id)));
    },
    usersOf: id => users.get(id) ?? NONE,
    count: kind => counts.get(kind) ?? 0,
    add(object) {
      counts.set(object.kind, (counts.get(object.kind) ?? 0) + 1);
      for (const [sets, key] of entries(object)) {
        const set = sets.get(key);
        if (set === undefined) sets.set(key, new Set([object.id]));
        else set.add(object.id);
      }
    },
    remove(object) {
      counts.set(object.kind, (counts.get(object.kind) ?? 1) - 1);
      for (const [sets, key] of entries(object)) {
        const set = sets.get(key);
        set?.delete(object.id);
        if (set?.size === 0) sets.delete(key);
      }
    },
  };
}

/** Ids in the reference fields of an object. */
function refsOf(object: CloudObject): readonly string[] {
  return Object.keys(rulesOf(object.kind)?.refs ?? {}).flatMap(field => {
    const value = object.fields[field];
    if (Array.isArray(value)) return value as string[];
    return typeof value === 'string' ? [value] : [];
  });
}
