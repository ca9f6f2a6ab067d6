import { blindSpots } from '../../blind.ts';
import type { ReviewView } from '../../../schemas/review.ts';
import { grouped } from '../summary.ts';
import { stepCounts, type Totals } from './totals.ts';
import { changesText, counted, durationText } from './words.ts';

/** What a pull request comes to, as its first line. `text` may hold names of others. */
export interface StageVerdict {
  readonly sign: '✓' | '⚠' | '✗' | '…' | '▶' | '–';
  readonly text: string;
}

/** The verdict for the stage that a pull request is in: what is the matter, before anything else. */
export function stageVerdict(view: ReviewView, totals: Totals): StageVerdict {
  switch (view.stage) {
    case 'conflict':
      return { sign: '✗', text: `Cannot be merged: it conflicts with ${view.base.branch}` };
    case 'planned':
      return planned(view, totals);
    case 'queued':
      return { sign: '…', text: `Merged, not applied yet: ${changesText(totals.counts)}` };
    case 'applying':
      return applying(view);
    case 'applied':
      return view.workspaces.length === 0 ? unplanned(view, 'stayed behind') : applied(view);
    case 'failed':
      return failed(view, totals);
    case 'waiting':
      return view.workspaces.some(({ differences }) => differences.length > 0)
        ? { sign: '⚠', text: `Merged, but not applied: the plan is not the reviewed one any more` }
        : { sign: '⚠', text: `Merged, but not applied: an approval is missing` };
    case 'closed':
      return view.workspaces.some(({ run }) => run !== null)
        ? { sign: '–', text: 'Closed without a merge, after something was applied' }
        : { sign: '–', text: 'Closed without a merge: nothing was applied' };
  }
}

function planned(view: ReviewView, totals: Totals): StageVerdict {
  const { approval, workspaces } = view;
  const reasons = [
    ...(totals.errors > 0 ? [counted(totals.errors, 'error')] : []),
    ...(totals.broken > 0 ? [`${counted(totals.broken, 'workspace')} without a plan`] : []),
  ];
  if (reasons.length > 0) return { sign: '✗', text: `Cannot be applied: ${reasons.join(', ')}` };
  if (workspaces.length === 0) return unplanned(view, 'would stay behind');
  const counts = changesText(totals.counts);
  if (totals.steps === 0) {
    return workspaces.every(isSure)
      ? { sign: '✓', text: `Nothing to change: ${grouped(totals.counts.unchanged)} unchanged` }
      : { sign: '…', text: 'Nothing to change in what could be seen' };
  }
  if (view.held !== null) return { sign: '⚠', text: `On hold: ${counts}` };
  if (approval.given.length < approval.needed && approval.means !== 'merge')
    return { sign: '⚠', text: `Waits for approval: ${counts}` };
  // A rejected word may be an objection, and then enough approvals are not enough.
  return approval.rejected.length > 0
    ? { sign: '⚠', text: `Planned: ${counts}` }
    : { sign: '✓', text: `Ready to merge: ${counts}` };
}

/** No workspace is planned: either none is concerned, or it goes out of the files and nothing becomes of it. */
function unplanned({ orphaned = [] }: ReviewView, what: string): StageVerdict {
  if (orphaned.length === 0) return { sign: '✓', text: 'No workspace is changed' };
  const objects = orphaned.reduce((sum, one) => sum + one.objects, 0);
  return { sign: '⚠', text: `Nothing is deleted: ${counted(objects, 'object')} of ${namesOf(orphaned)} ${what}` };
}

function namesOf(orphaned: NonNullable<ReviewView['orphaned']>): string {
  const [first, ...more] = orphaned;
  return more.length === 0 ? (first?.workspace ?? '') : counted(orphaned.length, 'workspace');
}

function isSure({ plan, isFull }: ReviewView['workspaces'][number]): boolean {
  return isFull && blindSpots(plan?.findings ?? []).length === 0;
}

function applying({ workspaces }: ReviewView): StageVerdict {
  const { done, failed } = stepCounts(workspaces);
  const trouble = failed > 0 ? `, ${failed} failed` : '';
  return { sign: '▶', text: `Applying: ${done} of ${counted(stepsOf(workspaces), 'step')} done${trouble}` };
}

function applied({ workspaces }: ReviewView): StageVerdict {
  const steps = stepsOf(workspaces);
  if (steps === 0) return { sign: '✓', text: 'Applied: nothing had to be changed' };
  const tookMs = workspaces.reduce((sum, { run }) => sum + (run?.durationMs ?? 0), 0);
  const { done } = stepCounts(workspaces);
  const time = tookMs > 0 ? ` in ${durationText(tookMs)}` : '';
  return { sign: '✓', text: `Applied: ${done === steps ? '' : `${done} of `}${counted(steps, 'step')}${time}` };
}

function failed({ workspaces }: ReviewView, totals: Totals): StageVerdict {
  const runs = workspaces.flatMap(({ run }) => (run === null ? [] : [run]));
  if (runs.length === 0 && totals.broken > 0)
    return { sign: '✗', text: `Not applied: ${counted(totals.broken, 'workspace')} cannot be planned` };
  const { done, failed: bad } = stepCounts(workspaces);
  const what = `${counted(bad, 'step')} failed`;
  if (runs.some(({ outcome }) => outcome === 'rolled-back'))
    return { sign: '✗', text: `Failed and taken back: ${what}` };
  return { sign: '✗', text: `Failed: ${what}, ${done} of ${stepsOf(workspaces)} done` };
}

function stepsOf(workspaces: ReviewView['workspaces']): number {
  return workspaces.reduce((sum, { run }) => sum + (run?.steps.length ?? 0), 0);
}
