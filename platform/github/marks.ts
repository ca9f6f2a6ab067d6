import { z } from 'zod';
import type { Annotation, Check, Forge, KnownCheck } from '../../schemas/forge.ts';
import { type Host, statusOf } from './host.ts';
import { AnnotationShape, RunShape, StatusShape } from './shapes.ts';

/** The host takes so many annotations in one request. */
const ANNOTATIONS = 50;
/** Longest description of a commit status. */
const DESCRIPTION = 140;

/** Every name of ours begins so. In a workflow the account is shared with all other workflows, whose marks are not ours to change. */
const OURS = 'provisioning/';

type Marks = Pick<Forge, 'check' | 'checks'>;
type AllMarks = Marks & Pick<Forge, 'holdsText'>;

const Runs = z.object({ check_runs: z.array(RunShape) }).transform(told => told.check_runs);
const Written = z.object({ id: z.int() });

/** Marks on commits: check runs where the account is an App, which alone may write them, and commit statuses elsewhere. */
export function marksAt(host: Host): AllMarks {
  const isApp = async (): Promise<boolean> => (await host.account()).endsWith('[bot]');
  const kind = async (): Promise<Marks> => ((await isApp()) ? runsAt(host) : statusesAt(host));
  return {
    check: async check => (await kind()).check(check),
    checks: async sha => (await kind()).checks(sha),
    holdsText: isApp,
  };
}

function runsAt(host: Host): Marks {
  const own = async (sha: string, name?: string) => {
    const slug = (await host.account()).replace(/\[bot\]$/, '');
    const route = 'GET /repos/{owner}/{repo}/commits/{sha}/check-runs';
    const params = { sha, ...(name === undefined ? {} : { check_name: name }) };
    const told = await known(host.list({ route, about: `checks of ${sha}`, params }, Runs));
    // Of two with one name the newer counts.
    const runs = told.filter(run => run.app === slug && run.name.startsWith(OURS)).sort((a, b) => a.id - b.id);
    return [...new Map(runs.map(run => [run.name, run])).values()];
  };
  return {
    check: check =>
      host.write(true, async () => {
        const run = (await own(check.sha, check.name)).find(({ name }) => name === check.name);
        await putRun(host, check, run);
      }),
    checks: async sha =>
      (await own(sha)).map(({ name, state, title, digest }): KnownCheck => ({ name, sha, state, title, digest })),
  };
}

/** Updates the run, or makes a new one that takes its place: annotations can be added to a run, but never taken away. */
async function putRun(
  host: Host,
  check: Check,
  run: { readonly id: number; readonly annotations: number } | undefined,
): Promise<void> {
  const wanted = check.annotations.map(annotation);
  const present = run === undefined || run.annotations === 0 ? [] : await annotationsOf(host, run.id);
  const missing = without(wanted, present);
  const isKept = run !== undefined && missing.length + present.length === wanted.length;
  const left = isKept ? missing : wanted;
  const first = { ...runFields(check), output: output(check, left.slice(0, ANNOTATIONS)) };
  const id = isKept ? run.id : await createRun(host, check, first);
  if (isKept) await updateRun(host, id, first);
  for (let from = ANNOTATIONS; from < left.length; from += ANNOTATIONS)
    await updateRun(host, id, { output: output(check, left.slice(from, from + ANNOTATIONS)) });
}

function runFields(check: Check) {
  const state =
    check.state === 'running' ? { status: 'in_progress' } : { status: 'completed', conclusion: check.state };
  // A run that is written by somebody who knows no digest must not keep an older one.
  return { ...state, external_id: check.digest ?? '', ...(check.url === null ? {} : { details_url: check.url }) };
}

function output(check: Check, annotations: readonly unknown[]) {
  const { title, text } = check;
  // The host takes no empty summary.
  const summary = check.summary === '' ? title : check.summary;
  return { title, summary, ...(text === '' ? {} : { text }), ...(annotations.length === 0 ? {} : { annotations }) };
}

function annotation({ file, line, level, title, text }: Annotation) {
  return { path: file, start_line: line, end_line: line, annotation_level: level, title, message: text };
}

async function createRun(host: Host, { name, sha }: Check, fields: object): Promise<number> {
  const route = 'POST /repos/{owner}/{repo}/check-runs';
  const params = { name, head_sha: sha, ...fields };
  return (await host.send({ route, about: `check ${name}`, params }, Written)).id;
}

async function updateRun(host: Host, run: number, fields: object): Promise<void> {
  const route = 'PATCH /repos/{owner}/{repo}/check-runs/{run}';
  await host.send({ route, about: `check run ${run}`, params: { run, ...fields } }, Written);
}

type Noted = z.output<typeof AnnotationShape>;

async function annotationsOf(host: Host, run: number): Promise<readonly Noted[]> {
  const route = 'GET /repos/{owner}/{repo}/check-runs/{run}/annotations';
  return host.list({ route, about: `annotations of check run ${run}`, params: { run } }, z.array(AnnotationShape));
}

/** The wanted ones that are not there yet. Each one that is there counts once. */
function without<T extends Noted>(wanted: readonly T[], present: readonly Noted[]): readonly T[] {
  const key = (one: Noted): string =>
    JSON.stringify([one.path, one.start_line, one.annotation_level, one.title, one.message]);
  const there = new Map<string, number>();
  for (const one of present) there.set(key(one), (there.get(key(one)) ?? 0) + 1);
  return wanted.filter(one => {
    const count = there.get(key(one)) ?? 0;
    there.set(key(one), count - 1);
    return count <= 0;
  });
}

const STATUSES = {
  running: 'pending',
  success: 'success',
  neutral: 'success',
  failure: 'failure',
  cancelled: 'error',
} as const satisfies { readonly [state in Check['state']]: string };

function statusesAt(host: Host): Marks {
  const newest = async (sha: string) => {
    const route = 'GET /repos/{owner}/{repo}/commits/{sha}/statuses';
    const told = await known(host.list({ route, about: `statuses of ${sha}`, params: { sha } }, z.array(StatusShape)));
    const account = await host.account();
    // Newest first: the last one put into the map is the newest of its name. One that somebody else wrote over ours counts.
    const marks = new Map([...told].reverse().map(status => [status.context, status]));
    return [...marks.values()].filter(({ by, context }) => by === account && context.startsWith(OURS));
  };
  return {
    check: check =>
      host.write(true, async () => {
        const { name, sha } = check;
        const state = STATUSES[check.state];
        const description = shortened(check.title);
        const there = (await newest(sha)).find(({ context }) => context === name);
        // The host keeps every status for ever and takes a limited number, so an equal one is not sent again.
        if (there !== undefined && STATUSES[there.state] === state && there.description === description)
          if (there.url === (check.url ?? '')) return;
        const params = {
          sha,
          state,
          description,
          context: name,
          ...(check.url === null ? {} : { target_url: check.url }),
        };
        const route = 'POST /repos/{owner}/{repo}/statuses/{sha}';
        await host.send({ route, about: `status ${name}`, params }, z.object({ context: z.literal(name) }));
      }),
    checks: async sha =>
      (await newest(sha)).map(
        ({ context, state, description }): KnownCheck => ({
          name: context,
          sha,
          state,
          title: description,
          digest: null,
        }),
      ),
  };
}

/** A commit that the host does not have has no marks. */
async function known<T>(list: Promise<readonly T[]>): Promise<readonly T[]> {
  try {
    return await list;
  } catch (error) {
    if (statusOf(error) === 422) return [];
    throw error;
  }
}

function shortened(text: string): string {
  if (text.length <= DESCRIPTION) return text;
  // Never half of a character that is written as two.
  return `${text.slice(0, DESCRIPTION - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
