import { renderIssue } from '../../planner/render/issue.ts';
import { asFault } from '../../schemas/fault.ts';
import type { Issue, Remark } from '../../schemas/forge.ts';
import type { CommandAnswer, ReviewRecord } from '../../schemas/review.ts';
import type { PassReport } from '../report.ts';
import type { Target } from '../target.ts';
import { look, PLAIN_OPTIONS, planView, type View } from '../view.ts';
import { adoptByPull } from './adopt.ts';
import { type Command, commandOf, commandText, DRIFT_COMMANDS_TEXT } from './command.ts';
import type { ReviewContext } from './context.ts';
import { samePlans } from './plans.ts';

/** Most answers that are kept. */
const KEPT = 20;

/** First line of the standing issue of a workspace. */
function markerOf(workspace: string): string {
  return `<!-- provisioning:drift ${workspace} -->`;
}

/**
 * The standing issue about the drift of one workspace: opened when real objects are not as they were left and nobody
 * agreed to put that right, closed when they are again. A comment on it decides: `fix` approves the plan that repairs,
 * `adopt` opens a pull request that writes what is there into the files, `snooze` closes the issue until a day.
 */
export async function syncDrift(ctx: ReviewContext, target: Target, report: PassReport): Promise<void> {
  const { workspace } = report;
  if (workspace === null || report.fault !== null) return;
  const known = await ctx.forge.issue(markerOf(workspace));
  const view = report.drift.length > 0 && report.status === 'waiting' ? await driftOnly(ctx, target) : null;
  if (view === null) {
    const isOver = report.status === 'in-sync' || report.status === 'applied' || report.status === 'resumed';
    if (known?.state === 'open' && isOver) await ctx.forge.putIssue({ ...known, state: 'closed' });
    return;
  }
  await answered(ctx, { known, report, view, workspace });
}

/** What is pending is nothing but drift: by the record alone there is nothing to do. Null otherwise. */
async function driftOnly(ctx: ReviewContext, target: Target): Promise<View | null> {
  const view = await look(ctx.ports, target, ctx.signals.abort);
  const { plan } = await planView(ctx.ports, { ...view, observations: {} }, PLAIN_OPTIONS, ctx.signals.abort);
  return plan.changes.length === 0 ? view : null;
}

interface Found {
  readonly known: Issue | null;
  readonly report: PassReport;
  readonly view: View;
  readonly workspace: string;
}

async function answered(ctx: ReviewContext, found: Found): Promise<void> {
  const { known, report } = found;
  const stored = known === null ? null : await ctx.store.read(known.number);
  const former = stored?.record ?? null;
  const issue = await write(ctx, found, former);
  const plans = [
    {
      workspace: found.workspace,
      folder: report.folder,
      env: null,
      plan: report.plan,
      fault: null,
      isFull: true,
      isCut: false,
      differences: [],
    },
  ];
  const isSame = former !== null && samePlans(plans, former.plans);
  let record: ReviewRecord = {
    ...(former ?? freshIssueRecord(issue.number, report.commit ?? '')),
    plans,
    shownAt: isSame ? former.shownAt : issue.updatedAt,
  };
  const last = record.readUpTo === null ? 0 : Number(record.readUpTo);
  for (const remark of await ctx.forge.remarks(issue.number)) {
    if (remark.isOwn || Number(remark.id) <= last) continue;
    record = await answer(ctx, { ...found, record, remark });
  }
  await write(ctx, { ...found, known: issue }, record);
  await ctx.store.write(record, stored?.version ?? null);
}

/** Says what is drifted, once for each thing there is to say. */
async function write(ctx: ReviewContext, found: Found, record: ReviewRecord | null): Promise<Issue> {
  const { known, report, workspace } = found;
  const until = snoozedUntil(ctx, record);
  const { title, body } = renderIssue({
    workspace,
    entries: report.drift,
    snoozedUntil: until,
    answers: record?.answers ?? [],
  });
  const state = until === null ? 'open' : 'closed';
  if (known !== null && known.body.trimEnd() === body.trimEnd() && known.state === state) return known;
  return ctx.forge.putIssue({ number: known?.number ?? null, title, body, state });
}

function snoozedUntil(ctx: ReviewContext, record: ReviewRecord | null): string | null {
  const snooze = record?.answers.find(({ command, outcome }) => command.startsWith('snooze ') && outcome === 'done');
  const day = snooze?.command.slice('snooze '.length) ?? null;
  return day !== null && Date.parse(`${day}T00:00:00Z`) > ctx.ports.world.clock.now() ? day : null;
}

async function answer(
  ctx: ReviewContext,
  asked: Found & { readonly record: ReviewRecord; readonly remark: Remark },
): Promise<ReviewRecord> {
  const { record, remark } = asked;
  const read = { ...record, readUpTo: remark.id };
  const command = commandOf(remark);
  if (command === null) return read;
  await ctx.forge.react(record.pull, remark.id, 'seen');
  const [outcome, text] = await obey(ctx, { ...asked, command });
  await ctx.forge.react(record.pull, remark.id, outcome);
  const said: CommandAnswer = { remark: remark.id, by: remark.by, command: commandText(command), outcome, text };
  return { ...read, answers: [said, ...record.answers].slice(0, KEPT) };
}

type Said = readonly [CommandAnswer['outcome'], string];

async function obey(
  ctx: ReviewContext,
  asked: Found & { readonly record: ReviewRecord; readonly remark: Remark; readonly command: Command },
): Promise<Said> {
  const { command, remark, record } = asked;
  const access = await ctx.forge.access(remark.by);
  if (access !== 'write' && access !== 'admin') return ['refused', 'This needs write access to the repository.'];
  if (remark.editedAt !== remark.at) return ['refused', 'The comment was edited. Write a new one.'];
  if (record.shownAt === null || remark.at < record.shownAt)
    return ['refused', 'The drift changed since. Look at it, then ask again.'];
  try {
    if (command.verb === 'fix') return await fix(ctx, asked);
    if (command.verb === 'adopt') return await adoptByPull(ctx, asked.view, asked.report.drift);
    if (command.verb === 'snooze') return ['done', `Closed until ${command.until}, if it is still there then.`];
  } catch (error) {
    const fault = asFault(error);
    if (fault.code === 'bug') throw error;
    return ['refused', `It failed: ${fault.problems[0]?.what ?? fault.code}.`];
  }
  return ['refused', `Commands here: ${DRIFT_COMMANDS_TEXT}.`];
}

/** Records the approval of the plan that repairs; the next pass applies exactly that. */
async function fix(
  ctx: ReviewContext,
  { report, view, remark, record }: Found & { readonly remark: Remark; readonly record: ReviewRecord },
): Promise<Said> {
  const { plan } = report;
  if (plan === null) return ['refused', 'There is no plan.'];
  const writer = await view.store.take(ctx.ports.holder, { waitMs: 60_000, signal: ctx.signals.stop });
  try {
    const by = `${remark.by} on #${record.pull}`;
    const approval = { digest: plan.digest, commit: plan.commit, by, at: ctx.ports.world.clock.now() };
    await writer.pushed(await writer.append([{ step: 'approve', approval, plan }]));
  } finally {
    await writer.close({ release: true });
  }
  return ['done', 'Approved: it is put right with the next pass.'];
}

function freshIssueRecord(number: number, commit: string): ReviewRecord {
  return {
    format: 1,
    pull: number,
    head: commit,
    base: commit,
    merged: null,
    plans: [],
    comment: null,
    shownAt: null,
    fullFor: null,
    excludes: [],
    applyFor: null,
    allowDeletes: null,
    answers: [],
    readUpTo: null,
    isAfterMerge: false,
    mergeCommit: null,
    // An issue is looked at with its workspace, never as a pull request.
    isClosed: true,
  };
}
