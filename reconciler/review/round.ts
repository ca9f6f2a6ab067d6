import type { ReviewView } from '../../schemas/review.ts';
import { discover } from '../discover.ts';
import type { PassOptions } from '../pass.ts';
import { passAll } from '../relations.ts';
import type { PassReport } from '../report.ts';
import type { Target } from '../target.ts';
import { attend } from './attend.ts';
import { applyBefore } from './before-merge.ts';
import type { ReviewContext } from './context.ts';
import { forgetOld } from './forgotten.ts';
import { markQueue } from './merge-queue.ts';
import { pullsConcerned } from './pending.ts';
import { trySync } from './sync.ts';

/** What one look at a repository showed and did. */
export interface Round {
  readonly reviews: readonly ReviewView[];
  readonly passes: readonly PassReport[];
}

/** Looks after these pull requests, or after all that are open or still owe a report. Changes nothing real. */
export async function reviewPulls(ctx: ReviewContext, only: readonly number[] | null): Promise<readonly ReviewView[]> {
  const numbers = only ?? (await pullsOfInterest(ctx));
  const views: ReviewView[] = [];
  for (const number of numbers) {
    if (ctx.signals.stop.aborted) break;
    const view = await trySync(ctx, number);
    if (view !== null && view !== 'failed') views.push(view);
  }
  return views;
}

/** Open pull requests, and those whose last report is not out. Sorted. */
export async function pullsOfInterest(ctx: ReviewContext): Promise<readonly number[]> {
  const [open, owed] = await Promise.all([ctx.forge.openPulls(), ctx.store.open()]);
  return [...new Set([...open.map(pull => pull.number), ...owed])].sort((a, b) => a - b);
}

/**
 * One round over a whole repository: pull requests are planned and shown, the branch is applied as far as it is agreed
 * to, and then every pull request says what became of it. Merged ones are told first that they are in line.
 */
export async function round(ctx: ReviewContext, options: PassOptions): Promise<Round> {
  const views = new Map((await reviewPulls(ctx, null)).map(view => [view.pull, view]));
  await ctx.source.fetch();
  const commit = await ctx.source.head(ctx.branch);
  if (commit === null) return { reviews: [], passes: [] };
  await markQueue(ctx);
  const passes: PassReport[] = [...(await applyBefore(ctx, await pullsOfInterest(ctx), options))];
  const at = { commit, stateRemote: ctx.stateRemote, follow: true };
  const work = (target: Target) => attend(ctx, target, options);
  const targets = await discover(ctx.source, at, ctx.selection);
  passes.push(...(await passAll(ctx.ports, targets, { stop: options.signals.stop, work })));
  const concerned = await Promise.all(passes.map(report => pullsConcerned(ctx, report)));
  const numbers = new Set([...(await pullsOfInterest(ctx)), ...concerned.flat()]);
  for (const view of await reviewPulls(ctx, [...numbers])) views.set(view.pull, view);
  await forgetOld(ctx);
  return { reviews: [...views.values()], passes };
}
