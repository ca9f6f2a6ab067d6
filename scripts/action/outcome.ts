import type { Mode } from './inputs.ts';

/** What a later step can use, and what a person reads on the page of the run. */
export interface Outcome {
  /** In one word: the stage of the review, the worst status of a pass, `in-sync`, `drifted`, `unavailable`, or `failed`. */
  readonly verdict: string;
  readonly changes: number;
  /** Digests of the plans, separated by spaces. */
  readonly digest: string;
  readonly commentUrl: string;
  readonly summary: string;
  readonly exitCode: number;
}

interface Review {
  readonly pull: number;
  readonly stage: string;
  readonly workspaces: readonly {
    readonly workspace: string;
    readonly digest: string | null;
    readonly changes: number;
    readonly errors: number;
  }[];
  readonly next: string;
  readonly commentUrl?: string | null;
  /** The text of the comment. */
  readonly markdown?: string;
}

interface Pass {
  readonly workspace: string | null;
  readonly folder: string;
  readonly status: string;
  readonly digest: string | null;
  readonly run: { readonly done: readonly string[]; readonly failed: readonly { readonly key: string }[] } | null;
  readonly next: string;
}

interface Drift {
  readonly workspace: string;
  readonly objects: number;
  readonly drift: readonly { readonly status: string; readonly text: string }[];
}

interface Problem {
  readonly id: string;
  readonly what: string;
  readonly fix?: string;
  readonly at?: { readonly file: string; readonly line: number; readonly column: number };
}

/** Exit code of `drift` when something drifted; for the action that is an answer, no failure. */
const PENDING = 10;
const UNAVAILABLE = 7;
/** From good to bad: the verdict over several workspaces is the last one that occurs. */
const STATUSES = [
  'in-sync',
  'applied',
  'resumed',
  'waiting',
  'held',
  'locked',
  'stopped',
  'refused',
  'unavailable',
  'invalid',
  'rolled-back',
  'failed',
];

/** Reads what the program printed. Anything else than its one JSON document is a failure. */
export function outcomeOf(mode: Mode, ended: { readonly exitCode: number; readonly stdout: string }): Outcome {
  const { exitCode } = ended;
  const document = parsed(ended.stdout);
  if (document === undefined)
    return failed(exitCode, '### Failed\n\nThe program ended without an answer. The log of this step says why.\n');
  if ('fault' in document)
    return failed(exitCode, faultText((document['fault'] as { problems?: Problem[] }).problems ?? []));
  if (mode === 'plan') return planned((document['reviews'] ?? []) as readonly Review[], exitCode);
  if (mode === 'apply') return applied((document['passes'] ?? []) as readonly Pass[], exitCode);
  return drifted(document as unknown as Drift, exitCode);
}

function parsed(stdout: string): { readonly [key: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(stdout);
    return typeof value === 'object' && value !== null ? (value as { [key: string]: unknown }) : undefined;
  } catch {
    return undefined;
  }
}

function failed(exitCode: number, summary: string): Outcome {
  return {
    verdict: 'failed',
    changes: 0,
    digest: '',
    commentUrl: '',
    summary,
    exitCode: exitCode === 0 ? 1 : exitCode,
  };
}

function planned(reviews: readonly Review[], exitCode: number): Outcome {
  const workspaces = reviews.flatMap(review => review.workspaces);
  return {
    verdict: reviews[0]?.stage ?? 'none',
    changes: workspaces.reduce((sum, { changes }) => sum + changes, 0),
    digest: digests(workspaces),
    commentUrl: reviews[0]?.commentUrl ?? '',
    summary: reviews.length === 0 ? '### Plan\n\nNo workspace is changed.\n' : reviews.map(reviewText).join('\n'),
    exitCode,
  };
}

function reviewText({ pull, stage, workspaces, next, markdown }: Review): string {
  if (markdown !== undefined) return `${markdown}\n`;
  const rows = workspaces.map(
    ({ workspace, changes, errors, digest }) =>
      `| ${shown(workspace)} | ${changes} | ${errors} | ${digest === null ? '' : shown(digest.slice(0, 12))} |`,
  );
  const table =
    rows.length === 0
      ? 'No workspace is changed.'
      : ['| Workspace | Changes | Errors | Plan |', '|---|---|---|---|', ...rows].join('\n');
  return `### Plan for #${pull}: ${shown(stage)}\n\n${table}\n${next === '' ? '' : `\nNext: ${shown(next)}\n`}`;
}

function applied(passes: readonly Pass[], exitCode: number): Outcome {
  const worst = Math.max(
    -1,
    ...passes.map(({ status }) => (STATUSES.includes(status) ? STATUSES.indexOf(status) : STATUSES.length - 1)),
  );
  const rows = passes.map(
    ({ workspace, folder, status, run, next }) =>
      `| ${shown(workspace ?? folder)} | ${shown(status)} | ${run?.done.length ?? 0} | ${run?.failed.length ?? 0} | ${shown(next)} |`,
  );
  return {
    verdict: STATUSES[worst] ?? 'none',
    changes: passes.reduce((sum, { run }) => sum + (run?.done.length ?? 0), 0),
    digest: digests(passes),
    commentUrl: '',
    summary: `### Apply\n\n| Workspace | Status | Done | Failed | Next |\n|---|---|---|---|---|\n${rows.join('\n')}\n`,
    exitCode,
  };
}

function drifted({ workspace, objects, drift }: Drift, exitCode: number): Outcome {
  const isBlind = drift.some(({ status }) => status === 'unavailable');
  const items = drift.map(({ text }) => `- ${shown(text)}`);
  const head = `### Drift of ${shown(workspace)}\n\n`;
  return {
    verdict: isBlind ? 'unavailable' : drift.length > 0 ? 'drifted' : 'in-sync',
    changes: drift.filter(({ status }) => status !== 'unavailable').length,
    digest: '',
    commentUrl: '',
    summary: head + (items.length === 0 ? `No drift in ${objects} objects.\n` : `${items.join('\n')}\n`),
    exitCode: isBlind ? UNAVAILABLE : exitCode === PENDING ? 0 : exitCode,
  };
}

function digests(of: readonly { readonly digest: string | null }[]): string {
  return of.flatMap(({ digest }) => digest ?? []).join(' ');
}

function faultText(problems: readonly Problem[]): string {
  const items = problems.map(({ id, what, fix, at }) => {
    const place = at === undefined ? '' : ` ${shown(`${at.file}:${at.line}:${at.column}`)}`;
    return `- ${shown(id)}${place} ${shown(what)}${fix === undefined ? '' : ` Fix: ${shown(fix)}`}`;
  });
  return `### Failed\n\n${items.join('\n')}\n`;
}

/** Text that a cloud or a file may have put there, as nothing but text. */
function shown(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_[\]|#@!~]/g, sign => `&#${sign.charCodeAt(0)};`);
}

/** Outputs as lines of the file that GitHub names for them. Each value is one line. */
export function outputLines({ verdict, changes, digest, commentUrl }: Outcome): string {
  const values = { verdict, changes: String(changes), digest, 'comment-url': commentUrl };
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value.replaceAll(/[\r\n]+/g, ' ')}\n`)
    .join('');
}
