import type { Access, LabelEvent, Pull, PullReview, Push, Remark } from '../../schemas/forge.ts';
import type { Sha } from '../../schemas/name.ts';
import type { Risk } from '../../schemas/plan.ts';
import type { PullApproval, PullRules } from '../../schemas/review.ts';
import { commandOf } from './command.ts';

/** Everything that people said about a pull request, as the host tells it now. */
export interface Words {
  readonly reviews: readonly PullReview[];
  readonly labels: readonly LabelEvent[];
  readonly remarks: readonly Remark[];
  /** The last push to the branch; null when the host does not tell. */
  readonly push: Push | null;
  /** What everybody who spoke may do, by login. */
  readonly access: ReadonlyMap<string, Access>;
}

/** What is judged: the rules of the base branch, and plans as they were shown. */
export interface Question {
  readonly rules: PullRules;
  readonly pull: Pull;
  /** Head commit that the plans are for. */
  readonly head: Sha;
  readonly risk: Risk;
  /** The host's time at which these plans were shown; null when they never were. */
  readonly shownAt: number | null;
  /** The comment could not hold the whole plan. */
  readonly isCut: boolean;
  /** The plans were shown after the merge, because they are not the reviewed ones: only `/provisioning apply` agrees to them. */
  readonly isAfterMerge: boolean;
}

export interface Verdict {
  readonly isEnough: boolean;
  readonly needed: number;
  readonly given: readonly PullApproval[];
  /** Why a word does not count, or what forbids to go on: sentences without a full stop. */
  readonly rejected: readonly string[];
}

const GRAVE: readonly Risk[] = ['destroy', 'data-loss'];

/**
 * Whether a pull request is approved. Pure: the same words give the same verdict, so that the answer on the comment and
 * the decision to apply cannot differ. An approval is somebody else's word about exactly this commit and these plans.
 */
export function judge(question: Question, words: Words): Verdict {
  const { rules, pull, head, risk } = question;
  const needed = GRAVE.includes(risk) ? Math.max(rules.approvals, rules.destroyApprovals) : rules.approvals;
  if (pull.head.sha !== head) {
    const what = `the head is ${pull.head.sha.slice(0, 12)}, but ${head.slice(0, 12)} was planned`;
    return { isEnough: false, needed, given: [], rejected: [what] };
  }
  const rejected: string[] = [];
  const given = new Map<string, PullApproval>();
  for (const word of candidates(question, words)) {
    const why = word.flaw ?? flawOf(question, words, word);
    if (why === null) given.set(word.by, { by: word.by, means: word.means, sha: word.sha, at: word.at });
    else rejected.push(`${word.by}: ${why}`);
  }
  const against = objections(question, words);
  rejected.push(...against);
  const isEnough = against.length === 0 && (given.size >= needed || (rules.approve === 'merge' && given.size > 0));
  return { isEnough, needed: rules.approve === 'merge' ? 1 : needed, given: [...given.values()], rejected };
}

interface Candidate extends PullApproval {
  /** Why it cannot count, whoever said it; null when that is still to be seen. */
  readonly flaw: string | null;
}

function candidates(question: Question, words: Words): readonly Candidate[] {
  const { rules, pull, head, isCut, isAfterMerge } = question;
  const cut = isCut ? 'the comment could not hold the whole plan, so it cannot be approved by it' : null;
  const by = (verb: string): readonly Candidate[] =>
    spoken(words.remarks, verb).map(remark => ({
      by: remark.by,
      means: 'comment',
      sha: head,
      at: remark.at,
      flaw: remark.editedAt === remark.at ? cut : 'the comment was edited',
    }));
  if (isAfterMerge) return by('apply');
  switch (rules.approve) {
    case 'review':
      return words.reviews
        .filter(review => review.verdict === 'approved')
        .map(({ by, sha, at }) => ({ by, means: 'review', sha, at, flaw: null }));
    case 'comment':
      return by('approve');
    case 'label': {
      const last = words.labels.filter(event => event.label === rules.label).at(-1);
      if (last === undefined || !pull.labels.includes(rules.label)) return [];
      return [{ by: last.by, means: 'label', sha: head, at: last.at, flaw: cut }];
    }
    case 'merge':
      // Whoever may merge to the base branch is the host's decision. The merge is about the commit that was merged.
      return pull.state === 'merged'
        ? [{ by: pull.author, means: 'merge', sha: pull.head.sha, at: Number.MAX_SAFE_INTEGER, flaw: null }]
        : [];
  }
}

/** Comments of people whose command is this one, oldest first. */
export function spoken(remarks: readonly Remark[], verb: string): readonly Remark[] {
  return remarks.filter(remark => !remark.isOwn && commandOf(remark)?.verb === verb);
}

function flawOf({ rules, pull, head, shownAt }: Question, words: Words, word: PullApproval): string | null {
  if (word.means === 'merge') return null;
  if (word.sha !== head) return `approved ${word.sha.slice(0, 12)}, not the head ${head.slice(0, 12)}`;
  if (word.by === pull.author && rules.approve !== 'merge') return 'opened the pull request and cannot approve it';
  if (words.push !== null && words.push.by === word.by) return 'pushed last and cannot approve that';
  if (shownAt === null || word.at < shownAt) return 'approved before the plan of now was shown';
  if (rules.approvers.length > 0 && !rules.approvers.includes(word.by)) return 'is not one of the approvers';
  const access = words.access.get(word.by) ?? 'none';
  return access === 'write' || access === 'admin' ? null : 'has no write access';
}

function objections({ rules, pull }: Question, words: Words): readonly string[] {
  if (rules.approve === 'merge') return [];
  return words.reviews
    .filter(({ verdict, by }) => verdict === 'changes-requested' && by !== pull.author)
    .filter(({ by }) => ['write', 'admin'].includes(words.access.get(by) ?? 'none'))
    .map(({ by }) => `${by} asked for changes`);
}
