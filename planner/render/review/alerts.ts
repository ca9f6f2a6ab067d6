import type { Finding } from '../../../schemas/plan.ts';
import type { ReviewView, WorkspaceView } from '../../../schemas/review.ts';
import { cutText } from '../../show.ts';
import { code, prose } from '../escape.ts';
import { sentence } from '../pieces.ts';
import { type FileUrl, placesIn } from './places.ts';
import { type StoredProblem, partOf, placeOf } from './problems.ts';
import { irreversible } from './run.ts';
import { type Loss, LOSSES_SHOWN, LOST_NAMES_SHOWN, type Totals } from './totals.ts';
import { alert, counted, items, namesText } from './words.ts';

const MOST = 5;
const SAID = 300;

/** What somebody must know before he agrees to anything, each in a box of its own: errors and losses, a changed plan, a hold. */
export function warnings(view: ReviewView, totals: Totals, fileUrl: FileUrl | undefined): string[] {
  const { stage, held, workspaces } = view;
  const isPending = stage === 'planned' || stage === 'conflict' || stage === 'queued' || stage === 'waiting';
  const wrong = workspaces.flatMap(one => errorsOf(one, fileUrl));
  const grave: string[] = [];
  if (wrong.length > 0 && (isPending || stage === 'failed'))
    grave.push('**To be mended first**', '', ...items(wrong, MOST));
  if (isPending && totals.losses.length > 0)
    grave.push(
      ...(grave.length > 0 ? [''] : []),
      '**Lost for good, also after a rollback**',
      '',
      ...lossItems(totals.losses),
    );
  const changed = stage === 'waiting' ? changesOf(workspaces) : [];
  return [
    ...(changed.length > 0
      ? [alert('WARNING', ['**What differs from the reviewed plan**', '', ...items(changed, MOST)])]
      : []),
    ...(grave.length > 0 ? [alert('CAUTION', grave)] : []),
    ...orphanedBox(view),
    ...(held === null ? [] : [alert('WARNING', [sentence(prose(cutText(held, SAID)))])]),
  ];
}

/** A merge cannot delete what has no plan: that is said before it, and still after it. */
function orphanedBox({ orphaned = [], stage }: ReviewView): string[] {
  if (orphaned.length === 0 || stage === 'closed') return [];
  const left = orphaned.map(
    ({ workspace, folder, objects }) =>
      `${code(workspace)} (${code(folder === '' ? '.' : folder)}): ${counted(objects, 'object')}`,
  );
  const isMerged = stage !== 'planned' && stage !== 'conflict';
  const fix = isMerged
    ? 'To have them deleted, put the files back with another pull request, then run `provisioning destroy` in that folder.'
    : 'To have them deleted, run `provisioning destroy` in that folder before this is merged, or first merge a pull request that takes out the resources and leaves `workspace.yaml`.';
  return [
    alert('CAUTION', [
      `**Nothing is deleted by that: ${isMerged ? 'this stayed behind' : 'this would stay behind'}**`,
      '',
      ...items(left, MOST),
      '',
      `The files go; the objects stay and cost what they cost, but nobody looks after them any more. ${fix}`,
    ]),
  ];
}

function errorsOf({ plan, fault, workspace }: WorkspaceView, fileUrl: FileUrl | undefined): string[] {
  const place = placesIn(fileUrl);
  const say = (one: Pick<Finding, 'what' | 'at'>, fix: string) => {
    const at = place(one.at);
    const remedy = fix === '' ? '' : ` Fix: ${sentence(prose(cutText(fix, SAID)))}`;
    return `${prose(cutText(one.what, SAID))}${at === '' ? ` (${code(workspace)})` : ` (${at})`}.${remedy}`;
  };
  const problem = (one: StoredProblem) => say({ what: one.what, at: placeOf(one) }, partOf(one, 'fix'));
  if (plan === null) return (fault?.problems ?? []).map(problem);
  return plan.findings.filter(({ level }) => level === 'error').map(one => say(one, one.fix ?? ''));
}

function lossItems(losses: readonly Loss[]): string[] {
  return items(
    losses.map(({ what, addresses }) => `${prose(cutText(what, SAID))}: ${namesText(addresses, LOST_NAMES_SHOWN)}`),
    LOSSES_SHOWN,
  );
}

function changesOf(workspaces: readonly WorkspaceView[]): string[] {
  return workspaces.flatMap(({ differences, workspace }) => {
    const of = workspaces.length === 1 ? '' : `${code(workspace)}: `;
    return differences.map(text => `${of}${prose(cutText(text, SAID))}`);
  });
}

/** After a failure: which step and why, what was taken back, and what cannot be. */
export function failures({ stage, workspaces }: ReviewView): string {
  if (stage !== 'failed' && stage !== 'applying') return '';
  const runs = workspaces.flatMap(({ run, plan, workspace }) => (run === null ? [] : [{ run, plan, workspace }]));
  const bad = runs.flatMap(({ run }) =>
    run.steps
      .filter(({ status }) => status === 'failed')
      .map(({ key, text }) => `✗ ${code(key)}: ${sentence(prose(cutText(text, SAID)))}`),
  );
  if (bad.length === 0) return '';
  const undone = runs.flatMap(({ run }) => run.undone.map(key => code(key)));
  const skipped = runs.reduce((sum, { run }) => sum + run.steps.filter(one => one.status === 'skipped').length, 0);
  const lost = runs.flatMap(({ run, plan }) => irreversible(plan, run));
  const lines = ['**What failed**', '', ...items(bad, MOST)];
  if (undone.length > 0)
    lines.push('', `**Taken back by** ${counted(undone.length, 'step')}`, '', ...items(undone, MOST));
  if (lost.length > 0) lines.push('', '**Cannot be taken back**', '', ...items(lost, MOST));
  const end = [
    ...(stage === 'failed' && undone.length === 0 ? ['Nothing was taken back: what is done stays.'] : []),
    ...(skipped > 0 ? [`${counted(skipped, 'step')} not begun.`] : []),
  ];
  if (end.length > 0) lines.push('', end.join(' '));
  return alert('CAUTION', lines);
}
