import type { Json } from '../../schemas/json.ts';
import { rulesOf } from './kinds.ts';
import type { CloudAction, CloudObject, Grave, TokenUse, Writes } from './model.ts';

/** Everything that exists, with the indexes that keep each question cheap. All changes go through it, so that `drain` knows them. */
export interface Store {
  readonly objects: ReadonlyMap<string, CloudObject>;
  readonly graves: ReadonlyMap<string, Grave>;
  readonly actions: ReadonlyMap<string, CloudAction>;
  /** Running actions that will end. */
  readonly running: ReadonlySet<string>;
  put(object: CloudObject): void;
  bury(grave: Grave): void;
  /** Forgets a deleted object that no listing can show any more. */
  forget(id: string): void;
  putAction(action: CloudAction): void;
  putToken(use: TokenUse): void;
  token(token: string): TokenUse | undefined;
  /** Objects of a kind with a name. */
  named(kind: string, name: string): readonly CloudObject[];
  /** Living objects with all these labels, in order of creation; a label is `key` or `key=value`. */
  labelled(labels: readonly string[]): readonly CloudObject[];
  /** Living objects that refer to this one. */
  usersOf(id: string): readonly CloudObject[];
  count(kind: string): number;
  nextSeq(): number;
  nextAction(): string;
  keep(what: 'settings' | 'rules', value: Json): void;
  /** What changed since the last call; null for nothing. */
  drain(): Partial<Writes> | null;
  /** Applies what a former process wrote. */
  load(writes: Partial<Writes>): void;
}

type Drained = { -readonly [K in keyof Writes]?: Writes[K] extends readonly (infer T)[] ? T[] : Writes[K] };

export function openStore(): Store {
  const objects = new Map<string, CloudObject>();
  const graves = new Map<string, Grave>();
  const actions = new Map<string, CloudAction>();
  const running = new Set<string>();
  const tokens = new Map<string, TokenUse>();
  const index = openIndex();
  let lastSeq = 0;
  let lastAction = 0;
  let drained: Drained = {};

  const setObject = (object: CloudObject): void => {
    const before = objects.get(object.id);
    if (before !== undefined) index.remove(before);
    objects.set(object.id, object);
    index.add(object);
    lastSeq = Math.max(lastSeq, object.seq);
  };
  const setGrave = (grave: Grave): void => {
    const living = objects.get(grave.object.id);
    if (living !== undefined) index.remove(living);
    objects.delete(grave.object.id);
    graves.set(grave.object.id, grave);
    lastSeq = Math.max(lastSeq, grave.object.seq);
  };
  const setAction = (action: CloudAction): void => {
    actions.set(action.id, action);
    if (action.status === 'running' && action.endsAt !== null) running.add(action.id);
    else running.delete(action.id);
    lastAction = Math.max(lastAction, Number(action.id.slice(4)));
  };
  const living = (ids: Iterable<string>): CloudObject[] => [...ids].flatMap(id => objects.get(id) ?? []);

  return {
    objects,
    graves,
    actions,
    running,
    put(object) {
      setObject(object);
      (drained.objects ??= []).push(object);
    },
    bury(grave) {
      setGrave(grave);
      (drained.graves ??= []).push(grave);
    },
    forget: id => void graves.delete(id),
    putAction(action) {
      setAction(action);
      (drained.actions ??= []).push(action);
    },
    putToken(use) {
      tokens.set(use.token, use);
      (drained.tokens ??= []).push(use);
    },
    token: token => tokens.get(token),
    named: (kind, name) => living(index.names.get(`${kind} ${name}`) ?? []),
    labelled: labels => inOrder(labels.length === 0 ? [...objects.values()] : living(index.labelled(labels))),
    usersOf: id => living(index.users.get(id) ?? []),
    count: kind => index.counts.get(kind) ?? 0,
    nextSeq: () => (lastSeq += 1),
    nextAction: () => `act-${(lastAction += 1)}`,
    keep(what, value) {
      drained[what] = value;
    },
    drain() {
      if (Object.keys(drained).length === 0) return null;
      const writes = drained;
      drained = {};
      return writes;
    },
    load(writes) {
      for (const object of writes.objects ?? []) setObject(object);
      for (const grave of writes.graves ?? []) setGrave(grave);
      for (const action of writes.actions ?? []) setAction(action);
      for (const use of writes.tokens ?? []) tokens.set(use.token, use);
    },
  };
}

/** Ids in the reference fields of an object. */
export function refsOf(object: CloudObject): readonly string[] {
  const refs = rulesOf(object.kind)?.refs ?? {};
  return Object.keys(refs).flatMap(field => {
    const value = object.fields[field];
    if (Array.isArray(value)) return value as string[];
    return typeof value === 'string' ? [value] : [];
  });
}

interface Index {
  readonly names: ReadonlyMap<string, ReadonlySet<string>>;
  readonly users: ReadonlyMap<string, ReadonlySet<string>>;
  readonly counts: ReadonlyMap<string, number>;
  labelled(labels: readonly string[]): readonly string[];
  add(object: CloudObject): void;
  remove(object: CloudObject): void;
}

function openIndex(): Index {
  const names = new Map<string, Set<string>>();
  const labels = new Map<string, Set<string>>();
  const users = new Map<string, Set<string>>();
  const counts = new Map<string, number>();
  const entries = (object: CloudObject): readonly (readonly [Map<string, Set<string>>, string])[] => [
    [names, `${object.kind} ${object.name}`],
    ...Object.entries(object.labels).flatMap(([key, value]) => [
      [labels, `${key}=${value}`] as const,
      [labels, key] as const,
    ]),
    ...refsOf(object).map(id => [users, id] as const),
  ];
  return {
    names,
    users,
    counts,
    labelled(wanted) {
      const sets = wanted.map(label => labels.get(label) ?? new Set<string>()).sort((a, b) => a.size - b.size);
      const [smallest = new Set<string>(), ...others] = sets;
      return [...smallest].filter(id => others.every(set => set.has(id)));
    },
    add(object) {
      counts.set(object.kind, (counts.get(object.kind) ?? 0) + 1);
      for (const [map, key] of entries(object)) {
        const set = map.get(key);
        if (set === undefined) map.set(key, new Set([object.id]));
        else set.add(object.id);
      }
    },
    remove(object) {
      counts.set(object.kind, (counts.get(object.kind) ?? 1) - 1);
      for (const [map, key] of entries(object)) {
        const set = map.get(key);
        set?.delete(object.id);
        if (set?.size === 0) map.delete(key);
      }
    },
  };
}

function inOrder(list: CloudObject[]): readonly CloudObject[] {
  const sorted = list.every((object, at) => at === 0 || (list[at - 1]?.seq ?? 0) < object.seq);
  return sorted ? list : list.sort((a, b) => a.seq - b.seq);
}
