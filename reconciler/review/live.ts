import { asFault } from '../../schemas/fault.ts';
import type { Sha } from '../../schemas/name.ts';
import type { ProgressEvent } from '../../schemas/progress.ts';
import type { RunView, StepView } from '../../schemas/review.ts';
import { reviewedAs } from './agreement.ts';
import type { ReviewContext } from './context.ts';
import { writeComment } from './show.ts';
import { viewOf } from './view.ts';

/** A run that ends sooner writes nothing in between: its report comes at once. */
const FIRST_MS = 4_000;
/** Shortest time in milliseconds between two writings, so that a long apply stays far below the limits of the host. */
const EVERY_MS = 10_000;

/** Progress of an apply in the comment of the pull request it is for. */
export interface Live {
  progress(event: ProgressEvent): void;
  /** Resolves when nothing is being written any more. */
  end(): Promise<void>;
}

/** Shows the progress of what is applied for one commit. What goes wrong with that never disturbs the apply. */
export function openLive(ctx: ReviewContext, commit: Sha): Live {
  const { clock } = ctx.ports.world;
  const steps = new Map<string, StepView>();
  let dueAt = Number.POSITIVE_INFINITY;
  let writing: Promise<void> | null = null;

  const write = async (): Promise<void> => {
    const found = await reviewedAs(ctx, commit);
    if (found === null) return;
    const { number } = found.pull;
    const stored = await ctx.store.read(number);
    if (stored === null || stored.record.isClosed) return;
    const remarks = await ctx.forge.remarks(number);
    const run: RunView = {
      outcome: 'running',
      steps: [...steps.values()],
      checkpoints: 0,
      durationMs: null,
      undone: [],
    };
    const outcome = { status: 'applying', run, now: null, behind: [] } as const;
    const scene = { pull: found.pull, remarks, record: stored.record, version: stored.version };
    const view = await viewOf(
      ctx,
      scene,
      stored.record.plans.map(() => outcome),
    );
    await writeComment(ctx, view, scene);
  };
  return {
    progress(event) {
      const now = clock.monotonic();
      if (event.event === 'run-begun') dueAt = now + FIRST_MS;
      if (event.event !== 'change') return;
      steps.set(event.key, { key: event.key, status: statusOf(event.state), text: event.why ?? '' });
      if (now < dueAt || writing !== null) return;
      dueAt = now + EVERY_MS;
      writing = write()
        .catch((error: unknown) =>
          ctx.ports.log.write('warning', 'progress could not be shown', { what: asFault(error).code }),
        )
        .finally(() => {
          writing = null;
        });
    },
    async end() {
      await writing;
    },
  };
}

function statusOf(state: Extract<ProgressEvent, { event: 'change' }>['state']): StepView['status'] {
  return state === 'done' || state === 'failed' || state === 'skipped' ? state : 'running';
}
