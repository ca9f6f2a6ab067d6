import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PassReport } from '../../reconciler/report.ts';
import { type Ended, type Start, run } from './program.ts';
import { commitPhase, FOLDER, type Site } from './site.ts';

/** What a step may be started with besides its command line. */
export type Under = Pick<Start, 'env' | 'together' | 'program'>;

/** Passes that a recovery may take. */
export const MOST_PASSES = 5;

export function reconcile(site: Site, under: Under = {}): Promise<Ended> {
  const args = ['reconcile', '--once', '--repository', site.remote, '--wait', '20', '--json'];
  return run({ ...under, args, home: site.home, env: { ...site.environment, ...under.env } });
}

export function command(site: Site, words: readonly string[], under: Under = {}): Promise<Ended> {
  const args = [...words, '-C', join(site.clone, FOLDER), ...(site.words ?? []), '--json'];
  return run({ ...under, args, home: site.home, env: { ...site.environment, ...under.env } });
}

/** The report of the only workspace; null when the program did not get that far. */
export function reportOf(ended: Ended): PassReport | null {
  try {
    const document = JSON.parse(ended.stdout) as { readonly passes?: readonly PassReport[] };
    return document.passes?.[0] ?? null;
  } catch {
    return null;
  }
}

/** One line about how a process ended, for people. */
export function ending(ended: Ended): string {
  const report = reportOf(ended);
  const how = ended.hung ? 'hung' : (ended.signal ?? `exit ${ended.code}`);
  const faults = [
    ...(report?.fault?.problems ?? []),
    ...(report?.run?.failed.flatMap(one => one.fault.problems) ?? []),
  ];
  const what = faults.map(problem => `${String(problem.id)} ${String(problem.what)}`);
  const raw = report === null && ended.code !== 0 ? `${ended.stdout.slice(0, 400)} ${ended.stderr.slice(-400)}` : '';
  return [how, report?.status, ...what.slice(0, 3), report?.next, raw].filter(Boolean).join(' | ').trim();
}

/** Brings the site to the moment before the crash: all clean work is done, the last commit is pushed, the faults are armed. */
export async function prepare(site: Site): Promise<void> {
  const { phases, flow } = site.shape;
  const clean = flow === 'compact' || flow === 'destroy' ? phases.length : phases.length - 1;
  for (const [index, phase] of phases.entries()) {
    await commitPhase(site, phase, `Phase ${index + 1}`);
    if (index >= clean) continue;
    const ended = await reconcile(site);
    if (ended.code !== 0)
      throw new Error(`phase ${index + 1} of ${site.shape.name} cannot be applied: ${ending(ended)}`);
  }
  for (const cloud of site.clouds) for (const fault of site.shape.faults) cloud.core.arm(fault);
}

/** Runs the step that is to be crashed, with what goes before it. The last process is the one that was hit, if any was. */
export async function attempt(site: Site, under: Under): Promise<Ended> {
  switch (site.shape.flow) {
    case 'reconcile':
      return reconcile(site, under);
    case 'compact':
      return command(site, ['state', 'compact'], under);
    case 'destroy':
      return command(site, ['destroy', '--auto-approve'], under);
    case 'approve': {
      const approved = await approve(site, under);
      return approved.signal === null && approved.code === 0 ? reconcile(site, under) : approved;
    }
  }
}

/** Plans and approves what was planned, as a person does. */
async function approve(site: Site, under: Under): Promise<Ended> {
  const planned = await command(site, ['plan'], under);
  if (planned.code !== 0) return planned;
  const { plan } = JSON.parse(planned.stdout) as { readonly plan: { readonly digest: string } };
  return command(site, ['approve', plan.digest], under);
}

export interface Recovery {
  readonly converged: boolean;
  /** Times somebody would have had to do more than start the program again. */
  readonly manual: number;
  readonly passes: number;
  readonly tookMs: number;
  /** Every process of the recovery in one line each. */
  readonly story: readonly string[];
}

/** Starts the program again, as a supervisor would, until it says that there is nothing more to do. */
export async function recover(site: Site, options: { readonly wasApproved: boolean }): Promise<Recovery> {
  const story: string[] = [];
  let tookMs = 0;
  let manual = 0;
  const step = async (running: Promise<Ended>): Promise<Ended> => {
    const ended = await running;
    tookMs += ended.tookMs;
    story.push(`${(ended.tookMs / 1_000).toFixed(1)} s ${ending(ended)}`);
    return ended;
  };
  for (let passes = 1; passes <= MOST_PASSES; passes += 1) {
    const state = await pass(site, step);
    if (state === 'done') return { converged: true, manual, passes, tookMs, story };
    if (state === 'asks') {
      // An approval that was never acknowledged is simply given again; anything else that asks for a person is a failure.
      if (site.shape.flow === 'approve' && !options.wasApproved && manual === 0) await step(approve(site, {}));
      else manual += 1;
      if (manual > 0) break;
    }
  }
  return { converged: false, manual, passes: MOST_PASSES, tookMs, story };
}

async function pass(site: Site, step: (running: Promise<Ended>) => Promise<Ended>): Promise<'done' | 'again' | 'asks'> {
  const { flow, ends } = site.shape;
  if (flow === 'destroy') {
    const ended = await step(command(site, ['destroy', '--auto-approve']));
    const isIdle = ended.code === 0 && (JSON.parse(ended.stdout) as { run: unknown }).run === null;
    return isIdle ? 'done' : ended.code === 4 ? 'asks' : 'again';
  }
  if (flow === 'compact') {
    const ended = await step(command(site, ['state', 'compact']));
    if (ended.code !== 0) return ended.code === 4 ? 'asks' : 'again';
  }
  const ended = await step(reconcile(site));
  const report = reportOf(ended);
  if (report === null) return 'again';
  if (report.status === ends && report.run === null) return 'done';
  return report.status === 'waiting' || report.status === 'refused' || report.status === 'held' ? 'asks' : 'again';
}

/** What the failpoints of a process wrote before they fired: `create.accepted:1:kill`. */
export function fired(file: string): readonly string[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line.startsWith('fired '))
    .map(line => line.slice('fired '.length));
}
