import {
  type Changing,
  type Fields,
  type Limited,
  Refusal,
  type State,
  type Table,
  type Thing,
  type Turn,
} from './model.ts';
import { maybeText, records, text } from './input.ts';

/** What every new object has besides what its kind is about. */
type Own<T extends Thing> = Omit<T, keyof Thing>;

export function newId(state: State, prefix: string): string {
  state.serial += 1;
  return `${prefix}-${state.serial.toString(16).padStart(17, '0')}`;
}

/** Puts a new object into its table. */
export function make<T extends Thing>(
  turn: Turn,
  table: Table<T>,
  { id, tags, own }: { readonly id: string; readonly tags?: Thing['tags']; readonly own: Own<T> },
): T {
  const { now, bend, settings, state } = turn;
  const thing: Thing = {
    id,
    serial: state.serial,
    createdAt: now,
    tags: tags ?? {},
    visibleAt: now + (bend.hiddenMs ?? settings.lagMs),
    goneAt: null,
    keptUntil: 0,
  };
  const made = { ...own, ...thing } as unknown as T;
  table[id] = made;
  return made;
}

export function drop(turn: Turn, thing: Thing): void {
  thing.goneAt = turn.now;
  thing.keptUntil = turn.now + (turn.bend.keptMs ?? 0);
}

/** What there really is. */
export function live<T extends Thing>(table: Table<T>): T[] {
  return Object.values(table).filter(one => one.goneAt === null);
}

/** What reads show. */
export function shown<T extends Thing>(turn: Turn, table: Table<T>): T[] {
  const { now } = turn;
  return Object.values(table).filter(one => one.visibleAt <= now && (one.goneAt === null || one.keptUntil > now));
}

/** What there is under an id, or the refusal that says that there is nothing. */
export function known<T extends Thing>(table: Table<T>, id: string | undefined, code: string): T {
  const found = table[id ?? ''];
  if (found === undefined || found.goneAt !== null) throw new Refusal(code);
  return found;
}

const LIMITS: { readonly [table in Limited]: string } = {
  instances: 'InstanceLimitExceeded',
  vpcs: 'VpcLimitExceeded',
  subnets: 'SubnetLimitExceeded',
  groups: 'SecurityGroupLimitExceeded',
  volumes: 'VolumeLimitExceeded',
  addresses: 'AddressLimitExceeded',
  placements: 'PlacementGroupLimitExceeded',
  balancers: 'TooManyLoadBalancers',
};

/** Refuses one object more than the account may have. */
export function assertRoom({ state, settings }: Turn, table: Limited): void {
  const limit = settings.limits[table];
  if (limit === undefined) return;
  const used =
    table === 'instances'
      ? live(state.instances).filter(one => one.state !== 'terminated').length
      : live<Thing>(state[table]).length;
  if (used >= limit) throw new Refusal(LIMITS[table]);
}

/** Lets a state follow another one after the time that actions take; what is stuck stays as it is. */
export function later<T extends Changing>(turn: Turn, thing: T, during: Partial<T>, after: Partial<T>): void {
  Object.assign(thing, during);
  thing.next = turn.bend.isStuck === true ? null : { at: turn.now + turn.settings.actionMs, set: after };
  settleOne(thing, turn.now);
}

export function settleOne(thing: Changing, now: number): void {
  const { next } = thing;
  if (next === null || next.at > now) return;
  thing.next = null;
  Object.assign(thing, next.set);
}

const MOST_TAGS = 50;

/** The tags of a request for a new object, whatever the service calls them. */
export function tagsIn(input: Fields): { [key: string]: string } {
  const given = records(input, 'TagSpecifications').flatMap(one => records(one, 'Tags'));
  return checkedTags([...given, ...records(input, 'Tags')]);
}

/** Tags as AWS takes them. */
export function checkedTags(given: readonly Fields[]): { [key: string]: string } {
  const pairs = given.map(tag => [text(tag, 'Key'), maybeText(tag, 'Value') ?? ''] as const);
  for (const [key, value] of pairs) {
    if (key.length > 128 || value.length > 256 || /^aws:/i.test(key)) throw new Refusal('InvalidParameterValue');
  }
  if (new Set(pairs.map(([key]) => key)).size < pairs.length) throw new Refusal('InvalidParameterValue');
  return bounded(Object.fromEntries(pairs));
}

export function bounded(tags: { [key: string]: string }): { [key: string]: string } {
  if (Object.keys(tags).length > MOST_TAGS) throw new Refusal('TagLimitExceeded');
  return tags;
}

export function tagSet({ tags }: Thing): Fields[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
