import type { RunOutcome } from './checkpoint.ts';
import type { Json } from './json.ts';
import type { Plan } from './plan.ts';

/** Where a change stands. `pending`: the cloud works on it. `retrying`: it waits for its next attempt. */
export type ChangeState = 'started' | 'pending' | 'retrying' | 'done' | 'failed' | 'skipped';

/** What a run tells while it goes on: plain JSON, the same for a terminal, a comment and a page. */
export type ProgressEvent =
  | {
      readonly event: 'run-begun';
      readonly run: string;
      readonly workspace: string;
      readonly purpose: Plan['purpose'];
      /** Changes of the plan, and how many of them a former process had already done. */
      readonly changes: number;
      readonly already: number;
    }
  | {
      readonly event: 'change';
      readonly key: string;
      readonly state: ChangeState;
      /** Changes that are done, failed or skipped, out of `total`. */
      readonly settled: number;
      readonly total: number;
      readonly elapsedMs: number;
      /** Of this change alone, once it is done or failed. */
      readonly durationMs?: number;
      /** Milliseconds until the next attempt. */
      readonly retryMs?: number;
      readonly why?: string;
    }
  | {
      readonly event: 'run-ended';
      readonly run: string;
      readonly outcome: RunOutcome;
      readonly done: number;
      readonly failed: number;
      readonly skipped: number;
      readonly elapsedMs: number;
    }
  /** Text for people, from an operation that tells a story. */
  | { readonly event: 'say'; readonly text: string }
  /** A pass over a workspace ended (`PassReport`). */
  | { readonly event: 'pass'; readonly report: { readonly [key: string]: Json } };
