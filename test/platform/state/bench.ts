import { afterEach, beforeEach } from 'vitest';
import type { Recorded, Step } from '../../../schemas/checkpoint.ts';
import { Fault } from '../../../schemas/fault.ts';
import type { StateWriter, WorkspaceState } from '../../../schemas/state.ts';
import { holder } from './fixture.ts';
import type { Harness } from './harness.ts';

export async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Fault) return error;
  throw new Error('a Fault was expected', { cause: error });
}

/** Recorded state without the order of its maps. */
export function facts(recorded: Recorded) {
  const { objects, intents, run, approvals, hold, tree, epoch, sequence, lineage } = recorded;
  const sorted = <V>(map: ReadonlyMap<string, V>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1));
  return { objects: sorted(objects), intents: sorted(intents), run, approvals, hold, tree, epoch, sequence, lineage };
}

/** A fresh remote with machines for each test, and the two things that most tests do with it. */
export interface Bench {
  readonly world: Harness;
  open(machine?: string): WorkspaceState;
  take(machine?: string, id?: string, waitMs?: number): Promise<StateWriter>;
  /** Takes, appends, releases; the recorded state read afterwards. */
  write(steps: readonly Step[], machine?: string): Promise<Recorded>;
}

export function useBench(make: () => Harness): Bench {
  let world: Harness | null = null;
  const harness = (): Harness => {
    if (world === null) throw new Error('used outside a test');
    return world;
  };
  beforeEach(() => {
    world = make();
  });
  afterEach(() => harness().close());
  const bench: Bench = {
    get world() {
      return harness();
    },
    open: machine => harness().open(machine),
    take: (machine = 'one', id = machine, waitMs = 0) => harness().open(machine).take(holder(id), { waitMs }),
    async write(steps, machine = 'one') {
      const writer = await bench.take(machine);
      if (steps.length > 0) await writer.append(steps);
      await writer.close({ release: true });
      return harness().open(machine).read();
    },
  };
  return bench;
}
