import type { Json } from '../../schemas/json.ts';
import { openLookup } from './lookup.ts';
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

export function openStore(): Store {
  const tables = openTables();
  const { objects, graves, actions, running, tokens, lookup } = tables;
  const living = (ids: Iterable<string>): CloudObject[] => allOf(objects, ids);
  let drained: Drained = {};
  /** The last answer of `labelled`: the pages of one listing ask the same question again and again. */
  let last: { readonly key: string; readonly version: number; readonly found: readonly CloudObject[] } | null = null;
  return {
    objects,
    graves,
    actions,
    running,
    put(object) {
      tables.setObject(object);
      (drained.objects ??= []).push(object);
    },
    bury(grave) {
      tables.setGrave(grave);
      (drained.graves ??= []).push(grave);
    },
    forget: id => void graves.delete(id),
    putAction(action) {
      tables.setAction(action);
      (drained.actions ??= []).push(action);
    },
    putToken(use) {
      tokens.set(use.token, use);
      (drained.tokens ??= []).push(use);
    },
    token: token => tokens.get(token),
    named: (kind, name) => living(lookup.named(kind, name)),
    labelled(labels) {
      const key = JSON.stringify(labels);
      if (last?.key === key && last.version === tables.last.version) return last.found;
      const found = inOrder(labels.length === 0 ? [...objects.values()] : living(lookup.labelled(labels)));
      last = { key, version: tables.last.version, found };
      return found;
    },
    usersOf: id => living(lookup.usersOf(id)),
    count: kind => lookup.count(kind),
    nextSeq: () => (tables.last.seq += 1),
    nextAction: () => `act-${(tables.last.action += 1)}`,
    keep(what, value) {
      drained[what] = value;
    },
    drain() {
      if (Object.keys(drained).length === 0) return null;
      const writes = drained;
      drained = {};
      return writes;
    },
    load: writes => loadInto(tables, writes),
  };
}

type Drained = { -readonly [K in keyof Writes]?: Writes[K] extends readonly (infer T)[] ? T[] : Writes[K] };
type Tables = ReturnType<typeof openTables>;

function openTables() {
  const objects = new Map<string, CloudObject>();
  const graves = new Map<string, Grave>();
  const actions = new Map<string, CloudAction>();
  const running = new Set<string>();
  const tokens = new Map<string, TokenUse>();
  const lookup = openLookup();
  const last = { seq: 0, action: 0, version: 0 };
  return {
    objects,
    graves,
    actions,
    running,
    tokens,
    lookup,
    last,
    setObject(object: CloudObject): void {
      const before = objects.get(object.id);
      if (before !== undefined) lookup.remove(before);
      objects.set(object.id, object);
      lookup.add(object);
      last.version += 1;
      last.seq = Math.max(last.seq, object.seq);
    },
    setGrave(grave: Grave): void {
      const before = objects.get(grave.object.id);
      if (before !== undefined) lookup.remove(before);
      objects.delete(grave.object.id);
      graves.set(grave.object.id, grave);
      last.version += 1;
      last.seq = Math.max(last.seq, grave.object.seq);
    },
    setAction(action: CloudAction): void {
      actions.set(action.id, action);
      if (action.status === 'running' && action.endsAt !== null) running.add(action.id);
      else running.delete(action.id);
      last.action = Math.max(last.action, Number(action.id.slice('act-'.length)));
    },
  };
}

function loadInto(tables: Tables, writes: Partial<Writes>): void {
  for (const object of writes.objects ?? []) tables.setObject(object);
  for (const grave of writes.graves ?? []) tables.setGrave(grave);
  for (const action of writes.actions ?? []) tables.setAction(action);
  for (const use of writes.tokens ?? []) tables.tokens.set(use.token, use);
}

function allOf(objects: ReadonlyMap<string, CloudObject>, ids: Iterable<string>): CloudObject[] {
  const found: CloudObject[] = [];
  for (const id of ids) {
    const object = objects.get(id);
    if (object !== undefined) found.push(object);
  }
  return found;
}

function inOrder(list: CloudObject[]): readonly CloudObject[] {
  const sorted = list.every((object, at) => at === 0 || (list[at - 1]?.seq ?? 0) < object.seq);
  return sorted ? list : list.sort((a, b) => a.seq - b.seq);
}
