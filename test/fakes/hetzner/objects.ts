import { begin, MEMBERS, mustBeFree, shownAction } from './actions.ts';
import { labelsIn, selected } from './labels.ts';
import type { Answer, Collection, Fields, Kept, KeptAction, State, Turn } from './model.ts';
import { page } from './pages.ts';
import { must, refuse } from './rules.ts';

/** How the objects of a collection are sent. */
export type Show = (state: State, object: Kept, turn: Turn) => object;

/** The object that a path names. */
export function subject(turn: Turn, collection: Collection): Kept {
  return lookup(turn.state, collection, turn.args[0]) ?? fail();
}

function fail(): never {
  throw refuse('not-found');
}

function lookup(state: State, collection: Collection, id: unknown): Kept | undefined {
  const objects = state[collection];
  return Object.hasOwn(objects, String(id)) ? objects[String(id)] : undefined;
}

/** The object that a body refers to. */
export function referred(turn: Turn, collection: Collection, id: unknown): Kept {
  const found = lookup(turn.state, collection, id);
  if (found === undefined) throw refuse('bad-reference', { id });
  return found;
}

/** Keeps a new object; its name must be free, and there must be room for it. */
export function keep(turn: Turn, collection: Collection, fields: Fields): Kept {
  const { state, body, settings } = turn;
  const objects = Object.values(state[collection]);
  const name = String(body['name'] ?? `${MEMBERS[collection]}-${state.serial + 1}`);
  const labels = labelsIn(body);
  must(
    objects.every(object => object.name !== name),
    'unique-name',
  );
  must(objects.length < (settings.limits[collection] ?? Number.POSITIVE_INFINITY), 'quota');
  state.serial += 1;
  const id = state.serial;
  const object: Kept = { id, name, labels, created: turn.now, protection: { delete: false }, ...fields };
  state[collection][id] = object;
  return object;
}

/** The requests that are the same for every collection. */
export function requestsOf(collection: Collection, show: Show) {
  const member = MEMBERS[collection];
  const one = (turn: Turn, object: Kept): object => ({ [member]: show(turn.state, object, turn) });
  return {
    one,
    list(turn: Turn): Answer {
      const { query, state } = turn;
      const name = query.get('name');
      const selector = query.get('label_selector');
      const isAsked = selector === null ? () => true : selected(selector);
      const found = Object.values(state[collection])
        .filter(object => name === null || object.name === name)
        .filter(object => isAsked(object.labels))
        .filter(object => !query.has('fingerprint') || object['fingerprint'] === query.get('fingerprint'));
      return page(turn, collection, found, object => show(state, object as Kept, turn));
    },
    get: (turn: Turn): Answer => ({ status: 200, body: one(turn, subject(turn, collection)) }),
    put(turn: Turn): Answer {
      const object = subject(turn, collection);
      const { name, labels, description } = turn.body;
      const others = Object.values(turn.state[collection]).filter(other => other !== object);
      must(
        others.every(other => other.name !== name),
        'unique-name',
      );
      const renewed = labels === undefined ? object.labels : labelsIn(turn.body);
      if (typeof name === 'string') object.name = name;
      if (description !== undefined) object['description'] = description;
      object.labels = renewed;
      return { status: 200, body: one(turn, object), id: object.id };
    },
    /** Deletes at once, if the checks let it. */
    remove: (check: (turn: Turn, object: Kept) => void = () => {}) => {
      return (turn: Turn): Answer => {
        const object = subject(turn, collection);
        must(!object.protection.delete, 'protected');
        mustBeFree(turn, collection, object.id);
        check(turn, object);
        delete turn.state[collection][object.id];
        return { status: 204, body: undefined, id: object.id };
      };
    },
    protect(turn: Turn): Answer {
      const object = subject(turn, collection);
      const { delete: del, rebuild } = turn.body as { readonly delete?: boolean; readonly rebuild?: boolean };
      // Of a server both have to be the same.
      must(collection !== 'servers' || del === rebuild, 'bad-input');
      return act(turn, collection, { object, command: 'change_protection', patch: { protection: { ...turn.body } } });
    },
  };
}

interface Act {
  readonly object: Kept;
  readonly command: string;
  readonly patch?: Fields;
  readonly also?: readonly (readonly [Collection, number])[];
  readonly ms?: number;
}

/** Starts the action of an object that changes its fields in the end. */
export function start(turn: Turn, collection: Collection, { object, command, patch, also = [], ms }: Act): KeptAction {
  mustBeFree(turn, collection, object.id);
  return begin(turn, {
    command,
    on: [[collection, object.id], ...also],
    effects: patch === undefined ? [] : [{ collection, id: object.id, patch }],
    ...(ms === undefined ? {} : { ms }),
  });
}

/** The same as the whole answer. */
export function act(turn: Turn, collection: Collection, what: Act): Answer {
  const action = start(turn, collection, what);
  return { status: 201, body: { action: shownAction(action) }, id: what.object.id };
}
