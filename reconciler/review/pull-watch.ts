import type { Pull } from '../../schemas/forge.ts';
import type { ReviewView } from '../../schemas/review.ts';
import { targetKey } from '../relations.ts';
import type { PassReport } from '../report.ts';
import type { ReviewContext } from './context.ts';
import { forgetOld } from './forgotten.ts';
import { markQueue } from './merge-queue.ts';
import { pullsConcerned } from './pending.ts';
import { trySync } from './sync.ts';

/** Time between two looks for what can be forgotten. */
const FORGET_EVERY_MS = 86_400_000;

/** Name of a pull request in the queue. No workspace folder begins with `#`. */
export function pullKey(number: number): string {
  return `#${number}`;
}

/** The pull request of a key in the queue; null for a workspace. */
export function pullNumber(key: string): number | null {
  return key.startsWith('#') ? Number(key.slice(1)) : null;
}

/** Which pull requests have to be looked at, found by asking the host: with webhooks or without, the same ones. */
export interface PullWatch {
  /** Keys of those that changed since the last call, appeared, vanished, or still owe a report; all when the branch moved. */
  changed(branchMoved: boolean): Promise<readonly string[]>;
  /** Keys of those that may have to say something about a pass: all when it changed something. */
  concerned(report: PassReport): Promise<readonly string[]>;
  /** Looks after one. Returns keys of the workspaces that can go on because of it: everything is agreed to since the last look. */
  look(number: number): Promise<readonly string[] | 'failed'>;
}

/** Watches nothing where there is no review. */
export function openPullWatch(review: ReviewContext | null): PullWatch {
  let marks = new Map<number, string>();
  let owed: readonly number[] = [];
  let forgotten = Number.NEGATIVE_INFINITY;
  const stages = new Map<number, ReviewView['stage']>();
  return {
    async changed(branchMoved) {
      if (review === null) return [];
      await markQueue(review);
      const now = review.ports.world.clock.monotonic();
      if (now - forgotten >= FORGET_EVERY_MS) {
        forgotten = now;
        await forgetOld(review);
      }
      const open = await review.forge.openPulls();
      owed = (await review.store.open()).filter(number => !open.some(pull => pull.number === number));
      const next = new Map(open.map(pull => [pull.number, markOf(pull)]));
      const vanished = [...marks.keys()].filter(number => !next.has(number));
      const moved = [...next].filter(([number, mark]) => branchMoved || marks.get(number) !== mark);
      marks = next;
      return [...new Set([...moved.map(([number]) => number), ...vanished, ...owed])].map(pullKey);
    },
    async concerned(report) {
      if (review === null) return [];
      const known = report.run === null ? [] : [...marks.keys(), ...owed];
      return [...new Set([...known, ...(await pullsConcerned(review, report))])].map(pullKey);
    },
    async look(number) {
      if (review === null) return [];
      const view = await trySync(review, number);
      if (view === 'failed') return view;
      if (view === null) return [];
      const before = stages.get(number);
      stages.set(number, view.stage);
      // Only the change counts: a pass that ends in waiting looks at the pull request again, and must not begin anew for it.
      if (view.stage !== 'queued' || before === 'queued') return [];
      return view.workspaces.map(({ folder, env }) => targetKey({ prefix: folder, env }));
    },
  };
}

function markOf(pull: Pull): string {
  return `${pull.head.sha} ${pull.updatedAt}`;
}
