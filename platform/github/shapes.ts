import { z } from 'zod';
import type { Access, Check, Issue, Pull, PullReview, Push, Remark } from '../../schemas/forge.ts';
import { Sha } from '../../schemas/name.ts';

/** The fields of the host's answers that this program uses. What is not listed here is not read. */
export const Login = z.string().min(1).max(200);

/** An account that was deleted is null, and shown as the account `ghost`. */
const By = z
  .object({ login: Login })
  .nullable()
  .transform(user => user?.login ?? 'ghost');

/** Milliseconds since 1970. */
const Time = z.iso.datetime({ offset: true }).transform(text => Date.parse(text));

const Place = z.object({ sha: Sha, ref: z.string(), repo: z.object({ full_name: z.string() }).nullable() });

/** A pull request, alone or in a list. */
export const PullShape = z
  .object({
    number: z.int(),
    title: z.string(),
    html_url: z.string(),
    user: By,
    state: z.enum(['open', 'closed']),
    draft: z.boolean().default(false),
    merged_at: Time.nullable(),
    merge_commit_sha: Sha.nullish(),
    labels: z.array(z.object({ name: z.string() })),
    updated_at: Time,
    head: Place,
    base: Place.omit({ sha: true }),
  })
  .transform(
    (told): Pull => ({
      number: told.number,
      title: told.title,
      url: told.html_url,
      author: told.user,
      state: told.merged_at === null ? told.state : 'merged',
      isDraft: told.draft,
      head: {
        sha: told.head.sha,
        ref: `refs/pull/${told.number}/head`,
        branch: told.head.ref,
        // A fork that was deleted is null.
        isFork: told.head.repo === null || told.head.repo.full_name !== told.base.repo?.full_name,
      },
      base: { branch: told.base.ref },
      // Of an open one it is a merge that the host made for trying.
      mergeCommit: told.merged_at === null ? null : (told.merge_commit_sha ?? null),
      labels: told.labels.map(({ name }) => name),
      updatedAt: told.updated_at,
    }),
  );

const VERDICTS: { readonly [state: string]: PullReview['verdict'] } = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes-requested',
  DISMISSED: 'dismissed',
  COMMENTED: 'commented',
};

/** Equal to no head commit: for a review of a commit that is gone. */
const NO_COMMIT = '0'.repeat(40);

/** A review; null for one that is not handed in yet. */
export const ReviewShape = z
  .object({ user: By, state: z.string(), commit_id: Sha.nullish(), submitted_at: Time.optional() })
  .transform((told): PullReview | null => {
    const verdict = VERDICTS[told.state];
    if (verdict === undefined || told.submitted_at === undefined) return null;
    return { by: told.user, verdict, sha: told.commit_id ?? NO_COMMIT, at: told.submitted_at };
  });

/** An event of an issue. Only those of labels have one. */
export const EventShape = z.object({
  event: z.string(),
  actor: By,
  created_at: Time,
  label: z.object({ name: z.string() }).nullish(),
});

/** A change of a branch; null when the host does not say who made it, and when it is the end of the branch. */
export const ActivityShape = z
  .object({ activity_type: z.string(), actor: z.object({ login: Login }).nullable(), after: Sha, timestamp: Time })
  .transform((told): Push | null =>
    told.actor === null || told.activity_type === 'branch_deletion'
      ? null
      : { by: told.actor.login, sha: told.after, at: told.timestamp },
  );

const ACCESS: { readonly [permission: string]: Access } = {
  admin: 'admin',
  maintain: 'write',
  write: 'write',
  triage: 'read',
  read: 'read',
};

/** What an account may do. A word that is not known is no permission. */
export const AccessShape = z
  .object({ permission: z.string() })
  .transform((told): Access => ACCESS[told.permission] ?? 'none');

/** A comment; whose it is is not known yet. */
export const RemarkShape = z
  .object({ id: z.int(), user: By, body: z.string().nullish(), created_at: Time, updated_at: Time })
  .transform(
    (told): Omit<Remark, 'isOwn'> => ({
      id: String(told.id),
      by: told.user,
      body: told.body ?? '',
      at: told.created_at,
      editedAt: told.updated_at,
    }),
  );

/** A reaction to a comment. */
export const ReactionShape = z.object({ id: z.int(), user: By, content: z.string() });

/** An issue, or a pull request in the list of issues. */
export const IssueShape = z
  .object({
    number: z.int(),
    html_url: z.string(),
    title: z.string(),
    body: z.string().nullish(),
    state: z.enum(['open', 'closed']),
    user: By,
    pull_request: z.unknown().optional(),
    updated_at: Time,
  })
  .transform((told): Issue & { readonly by: string; readonly isPull: boolean } => ({
    number: told.number,
    url: told.html_url,
    title: told.title,
    body: told.body ?? '',
    state: told.state,
    by: told.user,
    isPull: told.pull_request != null,
    updatedAt: told.updated_at,
  }));

const CONCLUSIONS: { readonly [conclusion: string]: Check['state'] } = {
  success: 'success',
  neutral: 'neutral',
  skipped: 'neutral',
  cancelled: 'cancelled',
  stale: 'cancelled',
};

/** A check run. Every conclusion that is not known is a failure. */
export const RunShape = z
  .object({
    id: z.int(),
    name: z.string(),
    status: z.string(),
    conclusion: z.string().nullish(),
    external_id: z.string().nullish(),
    app: z.object({ slug: z.string().nullish() }).nullish(),
    output: z.object({ annotations_count: z.int().default(0), title: z.string().nullish() }).nullish(),
  })
  .transform(told => ({
    id: told.id,
    name: told.name,
    app: told.app?.slug ?? null,
    state: told.status === 'completed' ? (CONCLUSIONS[told.conclusion ?? ''] ?? 'failure') : ('running' as const),
    annotations: told.output?.annotations_count ?? 0,
    title: told.output?.title ?? '',
    digest: told.external_id || null,
  }));

/** An annotation of a check run. */
export const AnnotationShape = z.object({
  path: z.string(),
  start_line: z.int(),
  annotation_level: z.string().nullable(),
  title: z.string().nullable(),
  message: z.string().nullable(),
});

const STATUSES = { pending: 'running', success: 'success', failure: 'failure', error: 'cancelled' } as const;

/** A commit status. */
export const StatusShape = z
  .object({
    context: z.string(),
    state: z.enum(['pending', 'success', 'failure', 'error']),
    description: z.string().nullish(),
    target_url: z.string().nullish(),
    creator: By,
  })
  .transform(told => ({
    context: told.context,
    state: STATUSES[told.state],
    description: told.description ?? '',
    url: told.target_url ?? '',
    by: told.creator,
  }));
