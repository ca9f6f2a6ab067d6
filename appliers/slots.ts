import type { Heap } from './heap.ts';
import { openHeap } from './heap.ts';
import type { Rest } from './rest.ts';
import type { Clock } from '../schemas/world.ts';

/** Permission to have one call in flight. Waiting for an answer that comes later, or for a retry, needs none. */
export interface Slots {
  /** Resolves with true when there is room for a call to this provider, the most urgent first; with false when the run stops before. */
  take(provider: string, priority: number): Promise<boolean>;
  free(provider: string): void;
  /** Nothing starts at this provider for a while. */
  pause(provider: string, ms: number): void;
  /** Turns all away who wait, and everybody who comes. */
  close(): void;
}

interface Waiter {
  readonly go: (isFree: boolean) => void;
  readonly priority: number;
}

interface Lane {
  readonly waiting: Heap<Waiter>;
  busy: number;
  pausedUntil: number;
}

export function openSlots(
  limits: { readonly parallel: number; readonly perProvider: number },
  clock: Pick<Clock, 'monotonic'>,
  rest: Rest,
): Slots {
  const lanes = new Map<string, Lane>();
  let busy = 0;
  let closed = false;
  const lane = (provider: string): Lane => {
    const known = lanes.get(provider) ?? { waiting: openHeap<Waiter>(), busy: 0, pausedUntil: 0 };
    lanes.set(provider, known);
    return known;
  };
  const start = (): void => {
    while (busy < limits.parallel) {
      const next = mostUrgent(lanes, limits.perProvider, clock.monotonic());
      if (next === undefined) return;
      busy += 1;
      next.busy += 1;
      next.waiting.pop()?.go(true);
    }
  };
  return {
    take: (provider, priority) =>
      new Promise(go => {
        if (closed) return go(false);
        lane(provider).waiting.push({ go, priority }, priority);
        start();
      }),
    free(provider) {
      busy -= 1;
      lane(provider).busy -= 1;
      start();
    },
    pause(provider, ms) {
      const paused = lane(provider);
      paused.pausedUntil = Math.max(paused.pausedUntil, clock.monotonic() + ms);
      void rest.pause(ms).then(start);
    },
    close() {
      closed = true;
      for (const { waiting } of lanes.values()) {
        for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) one.go(false);
      }
    },
  };
}

/** The lane whose first waiter is the most urgent of those that may start. */
function mostUrgent(lanes: ReadonlyMap<string, Lane>, perProvider: number, now: number): Lane | undefined {
  let best: Lane | undefined;
  let most = 0;
  for (const lane of lanes.values()) {
    const first = lane.waiting.peek();
    if (first === undefined || lane.busy >= perProvider || lane.pausedUntil > now) continue;
    if (best !== undefined && first.priority <= most) continue;
    best = lane;
    most = first.priority;
  }
  return best;
}
