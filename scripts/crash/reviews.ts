import { join } from 'node:path';
import { FAILPOINTS, type Failpoint, REVIEW_FAILPOINTS } from '../../schemas/failpoint.ts';
import { ending, fired, MOST_PASSES, reportOf } from './flow.ts';
import type { Ended } from './program.ts';
import { each, hashed, type Proof } from './proof.ts';
import {
  type Account,
  ACCOUNTS,
  flaws,
  openReviewSite,
  type ReviewSite,
  type StartMore,
  stageOf,
  STORIES,
  type Story,
} from './review-site.ts';
import { homeOf } from './site.ts';
import { openTally, type Tally, violate } from './tally.ts';

/** One place to kill the program at. */
interface Case {
  readonly story: Story;
  readonly account: Account;
  readonly point: Failpoint;
  readonly nth: number;
}

const POINTS: readonly Failpoint[] = [...REVIEW_FAILPOINTS, ...FAILPOINTS];
const isReviewPoint = (point: Failpoint): boolean => (REVIEW_FAILPOINTS as readonly Failpoint[]).includes(point);

/** How often a point is counted in one process. */
const COUNTED = 6;
/** Cases of the size for CI beside every first review point. */
const QUICK_CASES = 3;

/**
 * Kills the program while it looks after a pull request at a fake of GitHub with real Git below it, and starts it again.
 * In the end there is one comment with the last word, every check is concluded, and the cloud holds what was merged,
 * each thing once. First each story is told in peace: that is the control, and it tells which points it passes.
 */
export async function reviews(proof: Proof): Promise<Tally> {
  const tally = openTally('reviews');
  const stories = STORIES.filter(story => proof.only.shape === null || proof.only.shape === story);
  const cases: Case[] = [];
  await each(stories, proof.workers, async story => {
    const account = ACCOUNTS[hashed(story) % ACCOUNTS.length] ?? 'app';
    for (const [point, times] of await probed(proof, tally, { story, account })) {
      const counts = proof.only.nth === null ? [1, ...(times > 1 ? [times] : [])] : [proof.only.nth];
      for (const nth of counts) cases.push({ story, account: accountOf(story, point, nth), point, nth });
    }
  });
  unreached(proof, tally, cases);
  const wanted = cases.filter(({ point }) => proof.only.point === null || proof.only.point === point);
  const chosen = (proof.quick ? share(wanted) : wanted).filter(
    (_, index) => index % proof.share.of === proof.share.number - 1,
  );
  proof.say(`reviews: ${chosen.length} of ${wanted.length} cases in ${stories.join(', ')}`);
  await each(chosen, proof.workers, one => crash(proof, tally, one));
  return tally;
}

/** Both kinds of account get their share of the points, always the same one. */
function accountOf(story: Story, point: Failpoint, nth: number): Account {
  return ACCOUNTS[hashed(`${story} ${point} ${nth}`) % ACCOUNTS.length] ?? 'app';
}

/** Every review point once, each in another story that passes it, and a few of the engine's; always the same ones. */
function share(cases: readonly Case[]): readonly Case[] {
  const sorted = [...cases].sort((a, b) => hashed(JSON.stringify(a)) - hashed(JSON.stringify(b)));
  const used = new Map<Story, number>();
  const chosen = REVIEW_FAILPOINTS.flatMap(point => {
    const able = sorted.filter(one => one.point === point);
    const [next] = able.sort((a, b) => (used.get(a.story) ?? 0) - (used.get(b.story) ?? 0));
    if (next === undefined) return [];
    used.set(next.story, (used.get(next.story) ?? 0) + 1);
    return [next];
  });
  return [...chosen, ...sorted.filter(({ point }) => !isReviewPoint(point)).slice(0, QUICK_CASES)];
}

/** A review point that no story passes proves nothing, so it fails the run. */
function unreached(proof: Proof, tally: Tally, cases: readonly Case[]): void {
  if (proof.only.shape !== null) return;
  for (const point of REVIEW_FAILPOINTS) {
    if (cases.some(one => one.point === point)) continue;
    violate(tally, {
      case: point,
      what: 'no story passes this point',
      again: 'npx tsx scripts/crash/main.ts --reviews',
    });
  }
}

/** How a process ended, in a few words. */
function briefly(ended: Ended): string {
  return ending(ended)
    .replace(/^(.{0,16}\| )\{.*?"stage":"(\w+)".*$/s, '$1$2')
    .slice(0, 200);
}

/** Brings the site to the moment before the crash. */
async function prepare(site: ReviewSite): Promise<void> {
  if (site.story === 'planned') return;
  const planned = await site.start(['review', '--json']).ended;
  if (planned.code !== 0) throw new Error(`the pull request cannot be planned: ${briefly(planned)}`);
  await site.repository.review(site.pull, { by: 'ben', verdict: 'approve' });
  await site.repository.merge(site.pull, { by: 'ann', method: hashed(site.root) % 2 === 0 ? 'squash' : 'merge' });
  if (site.story === 'failed') site.cloud.core.arm({ fault: 'quota', match: { kind: 'server' }, times: null });
}

const ONCE = ['reconcile', '--once', '--wait', '20', '--json'];
const WATCH = ['reconcile', '--watch', '--interval', '1', '--wait', '20'];

/** The step that is to be crashed. A program that watches is stopped when nothing happens to it. */
async function attempt(site: ReviewSite, more: StartMore): Promise<Ended> {
  if (site.story === 'planned') return site.start(['review', '--json'], more).ended;
  return site.story === 'watched' ? watched(site, more) : site.start(ONCE, more).ended;
}

/** How long a watching program may take until it has said the last word, in milliseconds, and how often that is looked at. */
const WATCH_MS = 60_000;
const LOOK_MS = 200;

async function watched(site: ReviewSite, more: StartMore): Promise<Ended> {
  const running = site.start(WATCH, more);
  const over = new AbortController();
  void running.ended.finally(() => over.abort());
  const until = performance.now() + WATCH_MS;
  while (!over.signal.aborted && performance.now() < until && (await flaws(site)).length > 0)
    await new Promise(resolve => setTimeout(resolve, LOOK_MS));
  running.signal('SIGTERM');
  return running.ended;
}

/** Starts the program again, as a supervisor would, until it says that there is nothing more to do. */
async function recover(site: ReviewSite, more: StartMore): Promise<readonly string[]> {
  const story: string[] = [];
  if (site.story === 'watched') story.push(briefly(await watched(site, more)));
  for (let passes = 1; passes <= MOST_PASSES; passes += 1) {
    const before = [site.forge.ledger.length, site.cloud.core.ledger().length] as const;
    const ended = await (site.story === 'planned' ? attempt(site, more) : site.start(ONCE, more).ended);
    story.push(briefly(ended));
    const said = site.forge.ledger.slice(before[0]).filter(isWrite);
    const done = site.cloud.core
      .ledger()
      .slice(before[1])
      .filter(({ effect }) => effect !== 'none');
    const isQuiet = said.length + done.length === 0 && !ended.hung && ended.signal === null;
    if (isQuiet && isSettled(site, ended)) return story;
  }
  throw new Error(`it never came to rest: ${story.join(' -> ')}`);
}

/** Asking for a token of an installation changes nothing. */
function isWrite({ method, path }: { readonly method: string; readonly path: string }): boolean {
  return method !== 'GET' && !path.includes('/access_tokens');
}

function isSettled(site: ReviewSite, ended: Ended): boolean {
  if (site.story === 'planned') return ended.code === 0 && stageOf(site) === 'planned';
  const status = reportOf(ended)?.status;
  return site.story === 'failed' ? stageOf(site) === 'failed' : status === 'in-sync';
}

function armed(log: string, traps: string): { readonly [name: string]: string } {
  return { PROVISIONING_TEST: '1', PROVISIONING_FAILPOINT: traps, PROVISIONING_FAILPOINT_LOG: log };
}

/** The control: the story without any kill, and which points it passes how often. */
async function probed(
  proof: Proof,
  tally: Tally,
  { story, account }: Pick<Case, 'story' | 'account'>,
): Promise<ReadonlyMap<Failpoint, number>> {
  const passed = new Map<Failpoint, number>();
  const [label, again] = [
    `control of ${story} by ${account}`,
    `npx tsx scripts/crash/main.ts --reviews --shape ${story}`,
  ];
  const site = await openReviewSite(story, account, proof.keep);
  try {
    await prepare(site);
    const log = join(site.root, 'passed.log');
    const counts = Array.from({ length: COUNTED }, (_, index) => index + 1);
    const traps = POINTS.flatMap(point => counts.map(nth => `${point}:${nth}:delay=0`)).join(',');
    const ended = await attempt(site, { env: armed(log, traps) });
    for (const line of fired(log)) {
      const [point, nth] = line.split(':') as [Failpoint, string];
      passed.set(point, Math.max(passed.get(point) ?? 0, Number(nth)));
    }
    const passes = await recover(site, {});
    const found = await flaws(site);
    proof.say(`${label}: ${passed.size} points, ${briefly(ended)}, then ${passes.length} passes`);
    for (const what of found) violate(tally, { case: label, what: `without any crash: ${what}`, again });
  } catch (error) {
    violate(tally, { case: label, what: String(error), again });
  } finally {
    await site.close();
  }
  return passed;
}

async function crash(proof: Proof, tally: Tally, one: Case): Promise<void> {
  const { story, account, point, nth } = one;
  const label = `${story} by ${account} ${point}:${nth}`;
  const again = `npx tsx scripts/crash/main.ts --reviews --shape ${story} --point ${point} --nth ${nth}`;
  const site = await openReviewSite(story, account, proof.keep);
  try {
    await prepare(site);
    const log = join(site.root, 'killed.log');
    const together = hashed(label) % 2 === 0;
    const ended = await attempt(site, { env: armed(log, `${point}:${nth}:kill`), together });
    // How often a point is passed depends on the time of day: then an earlier time is taken.
    if (ended.signal !== 'SIGKILL' && nth > 1) return await crash(proof, tally, { ...one, nth: Math.floor(nth / 2) });
    tally.cases += 1;
    if (ended.signal !== 'SIGKILL' || !fired(log).includes(`${point}:${nth}:kill`)) {
      violate(tally, { case: label, what: `the kill did not happen: ${briefly(ended)}`, again });
      return;
    }
    tally.fired += 1;
    const began = performance.now();
    // Now and then another machine goes on, which has nothing of what the dead one kept on its disk.
    const elsewhere = hashed(label) % 5 === 0 ? { home: homeOf(site.root, 'elsewhere') } : {};
    const passes = await recover(site, elsewhere);
    tally.recoveriesMs.push(performance.now() - began);
    tally.passes.set(passes.length, (tally.passes.get(passes.length) ?? 0) + 1);
    const found = await flaws(site);
    tally.duplicates += found.filter(what => what.startsWith('made twice')).length;
    tally.wrong += found.length;
    for (const what of found) violate(tally, { case: label, what: `${what}; ${passes.join(' -> ')}`, again });
    proof.say(`reviews ${label}: ${found.length === 0 ? 'ok' : `✗ ${found.join('; ')}`}, ${passes.length} passes`);
  } catch (error) {
    tally.unconverged += 1;
    violate(tally, { case: label, what: String(error), again });
  } finally {
    await site.close();
  }
}
