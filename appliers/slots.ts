import type { Clock } from '../schemas/world.ts';
import { openHeap } from './heap.ts';

/** Permission to have one call in flight. Waiting for an answer that comes later, or for a retry, needs none. */
export interface Slots {
  /** Resolves when there is room for a call to this provider; the most urgent first. */
  take(provider: string, priority: number): Promise<void>;
  free(provider: string): void;
  /** Nothing starts at this provider for a while. */
  pause(provider: string, ms: number): void;
}

export function openSlots(limits: { readonly parallel: number; readonly perProvider: number }, clock: Clock): Slots {
  const lanes = new Map<
    string,
    { waiting: ReturnType<typeof openHeap<{ go: () => void; priority: number }>>; busy: number; pausedUntil: number }
  >();
  let busy = 0;
  const lane = (provider: string) => {
    const known = lanes.get(provider) ?? {
      waiting: openHeap<{ go: () => void; priority: number }>(),
      busy: 0,
      pausedUntil: 0,
    };
    lanes.set(provider, known);
    return known;
  };
  const mostUrgent = () => {
    const now = clock.monotonic();
    let best: ReturnType<typeof lane> | undefined;
    for (const candidate of lanes.values()) {
      const first = candidate.waiting.peek();
      if (first === undefined || candidate.busy >= limits.perProvider || candidate.pausedUntil > now) continue;
      if (best === undefined || first.priority > (best.waiting.peek()?.priority ?? 0)) best = candidate;
    }
    return best;
  };
  const start = (): void => {
    while (busy < limits.parallel) {
      const next = mostUrgent();
      if (next === undefined) return;
      busy += 1;
      next.busy += 1;
      next.waiting.pop()?.go();
    }
  };
  return {
    take: (provider, priority) =>
      new Promise(go => {
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
      void clock.sleep(ms).then(start);
    },
  };
}
