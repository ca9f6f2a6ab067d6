import type { Pull } from '../../schemas/forge.ts';
import type { PassReport } from '../report.ts';
import type { ReviewContext } from './context.ts';
import { markQueue } from './merge-queue.ts';
import { pullsConcerned } from './pending.ts';
import { trySync } from './sync.ts';

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
  look(number: number): Promise<void>;
}

/** Watches nothing where there is no review. */
export function openPullWatch(review: ReviewContext | null): PullWatch {
  let marks = new Map<number, string>();
  let owed: readonly number[] = [];
  return {
    async changed(branchMoved) {
      if (review === null) return [];
      await markQueue(review);
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
      if (review === null) return;
      // What failed is looked at again with the next poll.
      if ((await trySync(review, number)) === 'failed') marks.delete(number);
    },
  };
}

function markOf(pull: Pull): string {
  return `${pull.head.sha} ${pull.updatedAt}`;
}
