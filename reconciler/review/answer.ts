import { asFault } from '../../schemas/fault.ts';
import type { Remark } from '../../schemas/forge.ts';
import { nearest } from '../../schemas/nearest.ts';
import type { CommandAnswer, ReviewRecord } from '../../schemas/review.ts';
import { holdWorkspace } from '../hold.ts';
import { type Command, commandOf, COMMANDS_TEXT, commandText } from './command.ts';
import type { ReviewContext, Scene } from './context.ts';
import { governingOf } from './plans.ts';
import { undo } from './undo.ts';

interface Taken {
  readonly outcome: CommandAnswer['outcome'];
  readonly text: string;
  readonly record?: Partial<ReviewRecord>;
}

/** Most answers that are kept. */
const KEPT = 20;

/**
 * Answers the commands that were given since the last look, oldest first. `before` is the record as it was shown: a
 * command is about what its author could see.
 */
export async function answerCommands(ctx: ReviewContext, scene: Scene, before: ReviewRecord): Promise<Scene> {
  let record = scene.record;
  for (const remark of unread(scene)) {
    const command = commandOf(remark);
    record = { ...record, readUpTo: remark.id };
    if (command === null) continue;
    await ctx.forge.react(scene.pull.number, remark.id, 'seen');
    const taken = await take(ctx, { ...scene, record }, { remark, command, before });
    await ctx.forge.react(scene.pull.number, remark.id, taken.outcome);
    const { outcome, text } = taken;
    const answer: CommandAnswer = { remark: remark.id, by: remark.by, command: commandText(command), outcome, text };
    record = { ...record, ...taken.record, answers: [answer, ...record.answers].slice(0, KEPT) };
  }
  return { ...scene, record };
}

function unread({ remarks, record }: Scene): readonly Remark[] {
  const last = record.readUpTo === null ? 0 : Number(record.readUpTo);
  return remarks.filter(remark => !remark.isOwn && Number(remark.id) > last);
}

interface Asked {
  readonly remark: Remark;
  readonly command: Command;
  readonly before: ReviewRecord;
}

async function take(ctx: ReviewContext, scene: Scene, asked: Asked): Promise<Taken> {
  const { remark, command } = asked;
  if (command.verb === 'help') return done(`Commands: ${COMMANDS_TEXT}.`);
  if (command.verb === 'unknown') return refused(`This is no command. Commands: ${COMMANDS_TEXT}.`);
  const access = await ctx.forge.access(remark.by);
  if (access !== 'write' && access !== 'admin') return refused('This needs write access to the repository.');
  if (remark.editedAt !== remark.at) return refused('The comment was edited. Write a new one.');
  try {
    return await obey(ctx, scene, { ...asked, command });
  } catch (error) {
    const fault = asFault(error);
    if (fault.code === 'bug') throw error;
    return refused(`It failed: ${fault.problems[0]?.what ?? fault.code}.`);
  }
}

async function obey(ctx: ReviewContext, scene: Scene, asked: Asked): Promise<Taken> {
  const { command, remark } = asked;
  switch (command.verb) {
    case 'plan':
      return planAgain(scene, asked);
    case 'approve':
      return approve(ctx, scene);
    case 'apply':
      return apply(ctx, scene, asked);
    case 'hold':
    case 'resume':
      return hold(ctx, scene, { by: remark.by, held: command.verb === 'hold' });
    case 'exclude':
      return exclude(scene, command.address);
    case 'allow-deletes':
      return scene.pull.state === 'open'
        ? done(`Deleting exactly ${command.count} objects is acknowledged.`, { allowDeletes: command.count })
        : refused('The pull request is not open.');
    case 'rollback':
      return scene.pull.state === 'merged'
        ? done(await undo(ctx, scene.record, remark.by))
        : refused('Nothing of this pull request was applied yet.');
    default:
      return refused(`This is no command. Commands: ${COMMANDS_TEXT}.`);
  }
}

/** For commits of strangers a full plan needs somebody's word about exactly the commit that the comment showed. */
function planAgain({ pull }: Scene, { remark, before }: Asked): Taken {
  if (pull.state !== 'open') return refused('The pull request is not open.');
  const isSeen = before.head === pull.head.sha && before.shownAt !== null && remark.at >= before.shownAt;
  if (!isSeen && pull.head.isFork)
    return refused('The commits changed since. Look at the plan of now, then ask again.');
  return isSeen ? done('Planned with all accounts.', { fullFor: pull.head.sha }) : done('Planned again.');
}

async function approve(ctx: ReviewContext, scene: Scene): Promise<Taken> {
  const rules = await governingOf(ctx, scene.record);
  if (rules.some(one => one.approve !== 'comment'))
    return refused(`Here approvals are given by ${rules.map(one => one.approve).join(', ')}.`);
  return done('Noted. Whether it counts is told under "Approvals".');
}

/** After the merge the word itself is the agreement, and it is weighed where the plan is applied. Before, it has to be allowed. */
async function apply(ctx: ReviewContext, { pull, record }: Scene, { before }: Asked): Promise<Taken> {
  if (pull.state === 'merged') {
    return record.isAfterMerge
      ? done('Noted. The plan shown above is applied if this word counts.')
      : refused('What was reviewed is applied without being asked.');
  }
  const rules = await governingOf(ctx, record);
  if (rules.length === 0 || rules.some(one => one.apply !== 'before-merge'))
    return refused('It is applied when the pull request is merged.');
  const isSeen = before.head === pull.head.sha && before.shownAt !== null;
  if (!isSeen || before.merged !== pull.head.sha)
    return refused('The branch has to contain the newest base branch, and its plan has to be shown. Then ask again.');
  return done('It is applied as soon as it is approved.', { applyFor: pull.head.sha });
}

async function hold(
  ctx: ReviewContext,
  { pull, record }: Scene,
  { by, held }: { readonly by: string; readonly held: boolean },
): Promise<Taken> {
  const why = `asked for on #${pull.number}`;
  if (record.plans.length === 0) return refused('This pull request plans no workspace.');
  for (const { workspace } of record.plans)
    await holdWorkspace(
      ctx.ports,
      { stateRemote: ctx.stateRemote, workspace },
      { by, why, held, stop: ctx.signals.stop },
    );
  const names = record.plans.map(({ workspace }) => workspace).join(', ');
  return done(held ? `${names}: nothing new is started until \`/provisioning resume\`.` : `${names}: goes on.`);
}

function exclude({ pull, record }: Scene, address: string): Taken {
  if (pull.state !== 'open') return refused('The pull request is not open.');
  if (record.excludes.includes(address)) return done(`${address} is left out already.`);
  if (record.shownAt === null) return refused('No plan was shown yet. Look at it, then ask again.');
  const known = new Set(record.plans.flatMap(({ plan }) => plan?.changes.map(change => change.address) ?? []));
  if (!known.has(address)) {
    const guess = nearest(address, [...known]);
    return refused(`No change here has the address ${address}.${guess === undefined ? '' : ` Did you mean ${guess}?`}`);
  }
  return done(`${address} is left out, and what needs it.`, {
    excludes: [...new Set([...record.excludes, address])].sort(),
  });
}

function done(text: string, record?: Partial<ReviewRecord>): Taken {
  return { outcome: 'done', text, ...(record === undefined ? {} : { record }) };
}

function refused(text: string): Taken {
  return { outcome: 'refused', text };
}
