import { z } from 'zod';
import { openReview } from '../reconciler/review/open.ts';
import { reviewPulls } from '../reconciler/review/round.ts';
import { shownAs } from '../reconciler/review/shown.ts';
import { Fault } from '../schemas/fault.ts';
import { Sha, WorkspaceKey } from '../schemas/name.ts';
import { Risk } from '../schemas/plan.ts';
import type { ReviewView } from '../schemas/review.ts';
import { defineOperation } from './operation.ts';
import { repositoryOf } from './target.ts';

const Reviewed = z.strictObject({
  pull: z.int(),
  head: Sha,
  stage: z.enum(['planned', 'conflict', 'queued', 'applying', 'applied', 'failed', 'waiting', 'closed']),
  risk: Risk,
  workspaces: z.array(
    z.strictObject({ workspace: WorkspaceKey, digest: z.string().nullable(), changes: z.int(), errors: z.int() }),
  ),
  approvals: z.int(),
  approvalsNeeded: z.int(),
  /** What somebody does next; empty when nothing. */
  next: z.string(),
  /** Address of the one comment; null when there is none, because nothing is changed. */
  commentUrl: z.string().nullable(),
  /** What the comment says. */
  markdown: z.string(),
});

export const reviewRun = defineOperation({
  name: 'review.run',
  aliases: ['review'],
  summary: 'Plan pull requests and show each plan in its one comment. Applies nothing.',
  description:
    'Looks after all pull requests that are open or still owe a report, or after those that --pull names: plans them as they would be merged, writes the comment and the check, and answers commands.',
  example: 'provisioning review --repository https://github.com/acme/infrastructure.git --pull 7',
  permission: 'review:write',
  safe: false,
  input: z.strictObject({
    repository: z
      .string()
      .optional()
      .describe('Remote of the repository. Default: origin of the clone in --directory.'),
    directory: z.string().default('.').describe('A clone of the repository.').meta({ short: 'C' }),
    branch: z.string().default('main').describe('Branch that pull requests go to.'),
    pull: z.array(z.string()).default([]).describe('Number of a pull request. May be given more than once.'),
  }),
  output: z.strictObject({ repository: z.string(), reviews: z.array(Reviewed) }),
  async run(ports, input, call) {
    const source = await repositoryOf(ports, input);
    const selection = { workspaces: [], env: null };
    const review = await openReview(ports, { source, branch: input.branch, selection, signals: call.signals });
    if (review === null) {
      throw new Fault('usage', {
        id: 'RV-NO-FORGE',
        what: 'no credential for the Git host of this repository was found',
        fix: 'set GITHUB_TOKEN, or GITHUB_APP_ID with GITHUB_APP_PRIVATE_KEY; GITHUB_API_URL for a host of your own',
      });
    }
    const views = await reviewPulls(review, input.pull.length === 0 ? null : input.pull.map(numberOf));
    const reviews = views.map(async view => ({ ...reviewed(view), ...(await shownAs(review, view)) }));
    return { repository: source.url, reviews: await Promise.all(reviews) };
  },
  text: ({ reviews }) => (reviews.length === 0 ? 'Nothing to review.\n' : reviews.map(line).join('')),
  exitCode: ({ reviews }) => (reviews.some(({ workspaces }) => workspaces.some(({ errors }) => errors > 0)) ? 4 : 0),
});

function numberOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Fault('usage', {
    id: 'CLI-PULL',
    what: `${JSON.stringify(text.slice(0, 40))} is not the number of a pull request`,
  });
}

function reviewed(view: ReviewView): Omit<z.input<typeof Reviewed>, 'commentUrl' | 'markdown'> {
  const { pull, head, stage, risk, approval, next } = view;
  return {
    pull,
    head,
    stage,
    risk,
    workspaces: view.workspaces.map(({ workspace, plan }) => ({
      workspace,
      digest: plan?.digest ?? null,
      changes: plan?.changes.length ?? 0,
      errors: plan === null ? 1 : plan.findings.filter(finding => finding.level === 'error').length,
    })),
    approvals: approval.given.length,
    approvalsNeeded: approval.needed,
    next: [next.text, next.command].filter(Boolean).join(': '),
  };
}

function line(one: z.output<typeof Reviewed>): string {
  const changes = one.workspaces.reduce((sum, { changes: count }) => sum + count, 0);
  const names = one.workspaces.map(({ workspace }) => workspace).join(', ');
  const what = one.workspaces.length === 0 ? 'no workspace is changed' : `${changes} changes in ${names}`;
  return `#${one.pull}  ${one.stage}  ${what}${one.next === '' ? '' : `  next: ${one.next}`}\n`;
}
