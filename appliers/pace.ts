import { priorities } from '../planner/order.ts';
import type { Change } from '../schemas/plan.ts';

/** How urgent each change is: how long the longest way from its start to the end of the run will take. */
export interface Pace {
  of(change: Change): number;
  /** Takes in how long a change took, so that later ones are ordered by what this cloud is like today. */
  learn(change: Change, durationMs: number): void;
}

/** How long in milliseconds a change of each kind takes, roughly, as long as nothing better is known. */
const TYPICAL_MS: { readonly [kind: string]: number } = { server: 20_000, 'load-balancer': 30_000, volume: 5_000 };
const TASK_MS = 30_000;
const OTHER_MS = 1_000;

/** No change counts as shorter, so that what needs another one is never as urgent as that one. */
const LEAST_MS = 1;

/** After so many lessons the urgencies are worked out anew, and then each time their number has doubled. */
const FIRST_LESSON = 16;

export function openPace(changes: readonly Change[]): Pace {
  const known = new Map<string, { sumMs: number; count: number }>();
  const durationMs = (change: Change): number => {
    const lesson = known.get(sortOf(change));
    return Math.max(LEAST_MS, lesson === undefined ? typicalMs(change) : lesson.sumMs / lesson.count);
  };
  let urgency = priorities(changes, durationMs);
  let lessons = 0;
  let nextLesson = FIRST_LESSON;
  return {
    of: change => urgency.get(change.key) ?? 0,
    learn(change, ms) {
      const lesson = known.get(sortOf(change)) ?? { sumMs: 0, count: 0 };
      known.set(sortOf(change), { sumMs: lesson.sumMs + ms, count: lesson.count + 1 });
      lessons += 1;
      if (lessons < nextLesson) return;
      nextLesson *= 2;
      urgency = priorities(changes, durationMs);
    },
  };
}

/** Changes that take about equally long. */
function sortOf({ action, kind, provider }: Change): string {
  return `${provider} ${action} ${kind}`;
}

function typicalMs({ kind }: Change): number {
  return TYPICAL_MS[kind] ?? (kind.startsWith('taskserv.') ? TASK_MS : OTHER_MS);
}
