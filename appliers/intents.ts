import type { Intent, Recorded } from '../schemas/checkpoint.ts';
import { Fault } from '../schemas/fault.ts';
import type { Change } from '../schemas/plan.ts';
import type { StateWriter } from '../schemas/state.ts';
import { newId, type World } from '../schemas/world.ts';
import { subject } from './objects.ts';

/** How many changes are declared in the first commit; each window is twice as wide as the one before, up to the widest. */
const FIRST_WINDOW = 256;
const WIDEST_WINDOW = 4_096;

/** Permissions to call, declared ahead of readiness so that no call waits for a push that could have been made before. */
export interface Intents {
  /** The pushed intent of a change. */
  of(change: Change): Promise<Intent>;
  /** Writes down that the time in which an object may stay invisible counts from now. */
  startGrace(intent: Intent): Promise<Intent>;
  /** Takes that back, because a new call is about to be sent: whoever comes after must not count from the old time. */
  endGrace(intent: Intent): Promise<Intent>;
}

/** `changes`: in the order in which they will probably start. */
export function openIntents(options: {
  readonly changes: readonly Change[];
  readonly run: string;
  readonly writer: StateWriter;
  readonly world: World;
}): Intents {
  const { writer, world, run } = options;
  const pushed = new Map<string, Promise<Intent>>();
  const undeclared = options.changes.filter(change => change.action !== 'forget' && change.goesWith === undefined);
  const place = new Map(undeclared.map((change, index) => [change.key, index]));
  let next = 0;
  let width = FIRST_WINDOW;

  const declare = (changes: readonly Change[]): void => {
    const fresh: Intent[] = [];
    const all = changes.map(change => {
      const open = writer.recorded.intents.get(change.key);
      const isOpen = open !== undefined && open.run === run;
      if (isOpen && open.epoch === writer.epoch) return open;
      const { epoch } = writer;
      const intent = isOpen ? { ...open, epoch } : newIntent(writer.recorded, { change, run, epoch, world });
      fresh.push(intent);
      return intent;
    });
    const done = fresh.length === 0 ? Promise.resolve() : appendPushed(writer, fresh);
    for (const intent of all) {
      const one = done.then(() => intent);
      one.catch(() => {});
      pushed.set(intent.key, one);
    }
  };
  const rewrite = async (intent: Intent): Promise<Intent> => {
    await appendPushed(writer, [intent]);
    pushed.set(intent.key, Promise.resolve(intent));
    return intent;
  };
  return {
    of(change) {
      // The next window goes out when half of the present one is used.
      while (next < undeclared.length && (place.get(change.key) ?? 0) >= next - width / 4) {
        declare(undeclared.slice(next, next + width).filter(one => !pushed.has(one.key)));
        next += width;
        width = Math.min(WIDEST_WINDOW, width * 2);
      }
      if (!pushed.has(change.key)) declare([change]);
      return pushed.get(change.key) as Promise<Intent>;
    },
    startGrace: intent => rewrite({ ...intent, epoch: writer.epoch, graceFrom: world.clock.now() }),
    endGrace: intent => rewrite(sameIntent(intent, writer.epoch)),
  };
}

/** The intent under this epoch, without what was found out about its former call. */
function sameIntent({ key, action, address, kind, provider, id, opId, run }: Intent, epoch: number): Intent {
  return { key, action, address, kind, provider, ...(id === undefined ? {} : { id }), opId, run, epoch };
}

async function appendPushed(writer: StateWriter, intents: readonly Intent[]): Promise<void> {
  await insist(writer, await writer.append([{ step: 'intend', intents }]));
}

/** Waits until the remote has everything up to the sequence. A remote that does not answer is waited for as long as the lease lasts. */
export async function insist(writer: StateWriter, sequence: number): Promise<void> {
  for (;;) {
    try {
      return await writer.pushed(sequence);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'unavailable' || !writer.alive()) throw error;
    }
  }
}

function newIntent(
  recorded: Recorded,
  given: { readonly change: Change; readonly run: string; readonly epoch: number; readonly world: World },
): Intent {
  const { change, run, epoch, world } = given;
  return {
    key: change.key,
    action: change.action,
    address: change.address,
    kind: change.kind,
    provider: change.provider,
    ...(change.id === undefined ? {} : { id: change.id }),
    opId: subject(recorded, change)?.opId ?? newId(world),
    run,
    epoch,
  };
}
