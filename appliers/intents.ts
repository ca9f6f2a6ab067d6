import type { Intent, Recorded } from '../schemas/checkpoint.ts';
import type { Change } from '../schemas/plan.ts';
import type { StateWriter } from '../schemas/state.ts';
import { newId, type World } from '../schemas/world.ts';
import { subject } from './objects.ts';

/** How many changes are declared in one commit. */
const WINDOW = 256;

/** Permissions to call, declared ahead of readiness so that no call waits for a push that could have been made before. */
export interface Intents {
  /** The pushed intent of a change. */
  of(change: Change): Promise<Intent>;
  /** Gives the change a new operation id, after a look-up proved that the former one left nothing. */
  renew(intent: Intent): Promise<Intent>;
  /** Writes down that the grace period of this intent began now. */
  startGrace(intent: Intent): Promise<Intent>;
}

export function openIntents(options: {
  readonly changes: readonly Change[];
  readonly run: string;
  readonly writer: StateWriter;
  readonly world: World;
}): Intents {
  const { writer, world, run } = options;
  const pushed = new Map<string, Promise<Intent>>();
  const undeclared = options.changes.filter(change => change.action !== 'forget');
  let next = 0;

  const declare = (changes: readonly Change[]): void => {
    const known = writer.recorded;
    const fresh: Intent[] = [];
    const all = changes.map(change => {
      const open = known.intents.get(change.key);
      if (open !== undefined && open.run === run && open.epoch === writer.epoch) return open;
      const intent =
        open !== undefined && open.run === run
          ? { ...open, epoch: writer.epoch }
          : newIntent(known, { change, run, epoch: writer.epoch, world });
      fresh.push(intent);
      return intent;
    });
    const done = fresh.length === 0 ? Promise.resolve() : append(writer, fresh);
    for (const intent of all)
      pushed.set(
        intent.key,
        done.then(() => intent),
      );
    done.catch(() => {});
  };
  const extend = (): void => {
    const batch = undeclared.slice(next, next + WINDOW).filter(change => !pushed.has(change.key));
    next += WINDOW;
    if (batch.length > 0) declare(batch);
  };
  const rewrite = async (intent: Intent): Promise<Intent> => {
    await append(writer, [intent]);
    pushed.set(intent.key, Promise.resolve(intent));
    return intent;
  };
  const place = new Map(undeclared.map((change, index) => [change.key, index]));
  return {
    of(change) {
      // The next window goes out when half of the present one is used.
      while (next < undeclared.length && (place.get(change.key) ?? 0) + WINDOW / 2 >= next) extend();
      if (!pushed.has(change.key)) declare([change]);
      return pushed.get(change.key) as Promise<Intent>;
    },
    renew: intent => rewrite(bare({ ...intent, opId: newId(world), epoch: writer.epoch })),
    startGrace: intent => rewrite({ ...intent, epoch: writer.epoch, graceFrom: world.clock.now() }),
  };
}

async function append(writer: StateWriter, intents: readonly Intent[]): Promise<void> {
  await writer.pushed(await writer.append([{ step: 'intend', intents }]));
}

function bare({ graceFrom: _, token: __, ...intent }: Intent): Intent {
  return intent;
}

function newIntent(
  recorded: Recorded,
  {
    change,
    run,
    epoch,
    world,
  }: { readonly change: Change; readonly run: string; readonly epoch: number; readonly world: World },
): Intent {
  const object = subject(recorded, change);
  return {
    key: change.key,
    action: change.action,
    address: change.address,
    kind: change.kind,
    provider: change.provider,
    ...(change.id === undefined ? {} : { id: change.id }),
    opId: object?.opId ?? newId(world),
    run,
    epoch,
  };
}
