import {
  COLLECTIONS,
  type Answer,
  type Collection,
  type Effect,
  type KeptAction,
  type State,
  type Turn,
} from './model.ts';
import { page } from './pages.ts';
import { must, refuse } from './rules.ts';

/** How actions and paths call the objects of a collection. */
export const MEMBERS: { readonly [collection in Collection]: string } = {
  servers: 'server',
  networks: 'network',
  volumes: 'volume',
  firewalls: 'firewall',
  ssh_keys: 'ssh_key',
  load_balancers: 'load_balancer',
  floating_ips: 'floating_ip',
  placement_groups: 'placement_group',
};

/** Collections whose objects take one action at a time. */
const LOCKING: readonly Collection[] = ['servers', 'networks', 'volumes', 'load_balancers', 'floating_ips'];

interface Begin {
  readonly command: string;
  readonly on: readonly (readonly [Collection, number])[];
  readonly effects?: readonly Effect[];
  /** Milliseconds that it takes in place of the usual time. */
  readonly ms?: number;
}

/** Starts an action, which ends at its time with its effects; one that takes no time has ended already. */
export function begin(turn: Turn, { command, on, effects = [], ms }: Begin): KeptAction {
  const { state, now, settings, bend } = turn;
  state.serial += 1;
  const action: KeptAction = {
    id: state.serial,
    command,
    started: now,
    endsAt: bend === 'stuck' ? null : now + (ms ?? settings.actionMs),
    resources: on.map(([collection, id]) => ({ id, type: MEMBERS[collection] })),
    error: bend === 'fails' ? { code: 'action_failed', message: 'Action failed' } : null,
    effects,
    isSettled: false,
  };
  state.actions[action.id] = action;
  settle(state, now);
  return action;
}

/** Ends what is over by now, in the order in which it ended. */
export function settle(state: State, now: number): void {
  const due = Object.values(state.actions)
    .filter(action => !action.isSettled && action.endsAt !== null && action.endsAt <= now)
    .sort((a, b) => (a.endsAt ?? 0) - (b.endsAt ?? 0) || a.id - b.id);
  for (const action of due) {
    action.isSettled = true;
    if (action.error !== null) continue;
    for (const effect of action.effects) apply(state, effect);
  }
}

export function apply(state: State, effect: Effect): void {
  const objects = state[effect.collection];
  const object = objects[effect.id];
  if (object === undefined) return;
  if ('gone' in effect) delete objects[effect.id];
  else Object.assign(object, effect.patch);
}

export function isLocked(state: State, collection: Collection, id: number): boolean {
  if (!LOCKING.includes(collection)) return false;
  const type = MEMBERS[collection];
  return Object.values(state.actions).some(
    action => !action.isSettled && action.resources[0]?.type === type && action.resources[0].id === id,
  );
}

export function mustBeFree(turn: Turn, collection: Collection, id: number): void {
  must(!isLocked(turn.state, collection, id), collection === 'networks' ? 'network-busy' : 'locked');
}

export function shownAction(action: KeptAction): object {
  const isOver = action.isSettled;
  return {
    id: action.id,
    command: action.command,
    status: isOver ? (action.error === null ? 'success' : 'error') : 'running',
    progress: isOver ? 100 : 0,
    started: time(action.started),
    finished: isOver && action.endsAt !== null ? time(action.endsAt) : null,
    resources: action.resources,
    error: isOver ? action.error : null,
  };
}

export function time(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, '+00:00');
}

const MOST_IDS = 25;

export function listActions(turn: Turn): Answer {
  const ids = turn.query.getAll('id');
  must(ids.length > 0 && ids.length <= MOST_IDS, 'action-ids');
  const found = ids.flatMap(id => turn.state.actions[id] ?? []);
  return page(turn, 'actions', filtered(turn, found).map(shownAction));
}

export function getAction(turn: Turn): Answer {
  const found = turn.state.actions[turn.args.at(-1) ?? ''];
  if (found === undefined) throw refuse('not-found');
  return { status: 200, body: { action: shownAction(found) } };
}

/** The actions of one object, the oldest first unless asked otherwise. */
export function actionsOf(collection: Collection): (turn: Turn) => Answer {
  return turn => {
    const [id] = turn.args;
    const found = Object.values(turn.state.actions).filter(action =>
      action.resources.some(one => one.type === MEMBERS[collection] && String(one.id) === id),
    );
    must(turn.state[collection][id ?? ''] !== undefined || found.length > 0, 'not-found');
    const sorted = found.toSorted((a, b) => a.id - b.id);
    if (turn.query.getAll('sort').includes('id:desc')) sorted.reverse();
    return page(turn, 'actions', filtered(turn, sorted).map(shownAction));
  };
}

function filtered({ query }: Turn, actions: readonly KeptAction[]): readonly KeptAction[] {
  const statuses = query.getAll('status');
  if (statuses.length === 0) return actions;
  return actions.filter(action => statuses.includes((shownAction(action) as { status: string }).status));
}

export function emptyState(): State {
  const collections = Object.fromEntries(COLLECTIONS.map(collection => [collection, {}]));
  return { serial: 1_000, actions: {}, ...collections } as unknown as State;
}
