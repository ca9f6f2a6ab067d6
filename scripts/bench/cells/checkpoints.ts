import { appendFileSync, cpSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, answerOf, expect, folder } from '../bench.ts';
import { startCloud } from '../cloud.ts';
import { run } from '../measure.ts';
import { AUTHOR, type OurWorkspace, git, ours, writeOurs } from '../ours.ts';
import { median, quantile } from '../pairs.ts';
import { graph } from '../shapes.ts';

const LOOP = 40;

interface Applied {
  readonly checkpoints: number;
  readonly run: { readonly durationMs: number };
}

/** Checkpoint commits: how many in a second, how large, and how soon others can see them. */
export async function checkpoints(bench: Bench, size: number): Promise<void> {
  bench.say(`checkpoint cells: ${size}`);
  const place = folder(bench, 'checkpoints');
  const name = 'checkpoints';
  const nodes = graph('independent', size);
  const workspace = await writeOurs({
    program: bench.program,
    folder: join(place, 'ours'),
    name,
    nodes,
    cloudUrl: bench.cloud.url,
    parallel: 10,
  });
  const before = objectBytes(workspace);
  const answer = answerOf<Applied>(await ours(workspace, 'apply', ['--auto-approve', '--json']));
  const commits = await commitsOf(workspace);
  // Intents share commits, so there are more commits than changes, and one for each outcome.
  expect(commits >= size, true, `at least ${size} commits on the state branch, found ${commits}`);
  const rate = commits / (answer.run.durationMs / 1_000);
  bench.found.set('C1h', { value: rate, steady: true, note: `${commits} commits, P=10, instant cloud` });
  const kb = (bytes: number): number => bytes / 1_024 / commits;
  bench.found.set('C4', {
    value: kb(objectBytes(workspace) - before),
    steady: true,
    note: `with the plan of ${size} changes`,
  });

  const copy = join(place, 'repacked');
  cpSync(workspace.folder, copy, { recursive: true });
  await git(copy, 'repack', '-a', '-d', '-q');
  await git(copy, 'prune-packed', '-q');
  bench.found.set('C4m', { value: kb(objectBytes({ ...workspace, folder: copy }) - before), steady: true });

  const loop = await loopRate(place, workspace);
  bench.found.set('C3', { value: rate / loop, steady: true, note: `the loop makes ${loop.toFixed(1)}/s` });
  await visibility(bench, { size: 300, parallel: 10, stepMs: 50, id: 'C2' });
  await visibility(bench, { size: 20, parallel: 1, stepMs: 150, id: 'C2i' });
}

function stateRef(workspace: OurWorkspace): string {
  return `refs/heads/provisioning/state/${workspace.name}`;
}

async function commitsOf(workspace: OurWorkspace): Promise<number> {
  return Number((await git(workspace.folder, 'rev-list', '--count', stateRef(workspace))).stdout.trim());
}

/** Apparent size of everything below `.git/objects`. */
function objectBytes(workspace: { readonly folder: string }): number {
  const sum = (folder: string): number =>
    readdirSync(folder, { withFileTypes: true }).reduce((bytes, entry) => {
      const path = join(folder, entry.name);
      return bytes + (entry.isDirectory() ? sum(path) : statSync(path).size);
    }, 0);
  return sum(join(workspace.folder, '.git', 'objects'));
}

/** What a program would reach that commits with two git processes each time, in a work tree of the same state. */
async function loopRate(place: string, workspace: OurWorkspace): Promise<number> {
  const tree = join(place, 'loop');
  const branch = stateRef(workspace).slice('refs/heads/'.length);
  await run(['git', 'clone', '--quiet', '--branch', branch, workspace.folder, tree]);
  const files = (await git(tree, 'ls-files')).stdout.trim().split('\n');
  const start = performance.now();
  for (let at = 0; at < LOOP; at += 1) {
    const file = files[(at * 7_919) % files.length] ?? '';
    appendFileSync(join(tree, file), '\n');
    await git(tree, 'add', '--', file);
    await git(tree, ...AUTHOR, 'commit', '--quiet', '-m', `step ${at}`);
  }
  return LOOP / ((performance.now() - start) / 1_000);
}

interface Watch {
  readonly size: number;
  readonly parallel: number;
  readonly stepMs: number;
  readonly id: 'C2' | 'C2i';
}

/** Time from an outcome, as its checkpoint dates it, until the branch in the repository holds its commit. */
async function visibility(bench: Bench, { size, parallel, stepMs, id }: Watch): Promise<void> {
  const name = `visible-${parallel}`;
  const cloud = await startCloud({ latency: { writes: stepMs } });
  try {
    const nodes = graph('independent', size);
    const workspace = await writeOurs({
      program: bench.program,
      folder: join(folder(bench, name), 'ours'),
      name,
      nodes,
      cloudUrl: cloud.url,
      parallel,
    });
    const seen = new Map<string, number>();
    const ref = join(workspace.folder, '.git', stateRef(workspace));
    const timer = setInterval(() => {
      const head = headAt(ref);
      if (head !== null && !seen.has(head)) seen.set(head, Date.now());
    }, 2);
    answerOf<Applied>(await ours(workspace, 'apply', ['--auto-approve', '--json']));
    clearInterval(timer);
    const lags = await lagsOf(workspace, seen);
    const all = id === 'C2' ? quantile(lags, 0.99) : median(lags);
    const note = `${lags.length} outcomes, median ${median(lags).toFixed(0)} ms, largest ${Math.max(...lags).toFixed(0)} ms`;
    bench.found.set(id, { value: all, steady: true, note });
    if (id === 'C2i') {
      const pushMs = await pushTime(workspace);
      bench.found.set('C2p', { value: all / pushMs, steady: true, note: `\`git push\` takes ${pushMs.toFixed(0)} ms` });
    }
  } finally {
    await cloud.close();
  }
}

/** Median time in milliseconds of `git push` for one commit, beside the same repository. */
async function pushTime(workspace: OurWorkspace): Promise<number> {
  const clone = `${workspace.folder}-clone`;
  await run(['git', 'clone', '--quiet', workspace.folder, clone]);
  const times: number[] = [];
  for (let at = 0; at < 15; at += 1) {
    appendFileSync(join(clone, 'workspace.yaml'), '\n');
    await git(clone, ...AUTHOR, 'commit', '--quiet', '--all', '-m', `step ${at}`);
    times.push((await git(clone, 'push', '--quiet', 'origin', 'HEAD:refs/heads/pushed')).wallS * 1_000);
  }
  return median(times);
}

function headAt(ref: string): string | null {
  try {
    const text = readFileSync(ref, 'utf8').trim();
    return text.length === 40 ? text : null;
  } catch {
    return null;
  }
}

async function lagsOf(workspace: OurWorkspace, seen: ReadonlyMap<string, number>): Promise<number[]> {
  const { entries } = answerOf<{ entries: readonly { commit: string; at: string; step: string }[] }>(
    await ours(workspace, 'history', ['--json', '--limit', '10000']),
  );
  const lags: number[] = [];
  let visibleAt: number | undefined;
  // Newest first: a commit became visible with the first head that was seen at it or after it.
  for (const entry of entries) {
    visibleAt = seen.get(entry.commit) ?? visibleAt;
    if (entry.step === 'done' && visibleAt !== undefined) lags.push(Math.max(0, visibleAt - Date.parse(entry.at)));
  }
  return lags;
}
