import { discover } from '../../../reconciler/discover.ts';
import { advance } from '../../../reconciler/review/advance.ts';
import { trySync } from '../../../reconciler/review/sync.ts';
import { type Random, randomOf } from '../../simulation/random.ts';
import { serversText } from './play.ts';
import { type ReviewWorld, reviewWorld } from './world.ts';

/** How hints from the host reach us. */
export interface Delivery {
  /** Share of hints that never come. */
  readonly loss: number;
  readonly doubled: number;
  /** Longest delay, in things that happen meanwhile. */
  readonly delay: number;
}

type Hint = { readonly pull: number } | { readonly branch: 'main' };

/** What the world is when everything is settled: the same whatever happened to the hints. */
export interface Settled {
  readonly servers: readonly string[];
  /** Most comments of ours on one pull request. */
  readonly comments: number;
  readonly running: number;
  readonly open: number;
  /** What the branch says and the cloud does not have, and the other way round: everybody agreed to everything. */
  readonly missing: readonly string[];
}

/**
 * One schedule: people push, approve and merge in an order that the seed gives; the host sends hints that are lost,
 * doubled, late and out of order. At the end everybody finishes what he began, and only polling goes on.
 */
export async function runSchedule(seed: number, delivery: Delivery): Promise<Settled> {
  const random = randomOf(seed);
  const chance = randomOf(seed ^ 0x2f6e2b1);
  const world = reviewWorld();
  const { forge } = world;
  for (const login of ['ann', 'ben']) forge.access_.set(login, 'write');
  forge.push('root', 'main', { 'shop/workspace.yaml': 'name: shop\nproviders:\n  demo: {}\n' });
  const waiting: { readonly hint: Hint; left: number }[] = [];
  const send = (hint: Hint): void => {
    if (chance.chance(delivery.loss)) return;
    const copies = chance.chance(delivery.doubled) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1)
      waiting.push({ hint, left: delivery.delay === 0 ? 0 : chance.between(0, delivery.delay) });
  };
  const pulls: number[] = [];
  for (let step = 0; step < 10; step += 1) {
    happen(world, random, pulls, send);
    const due = waiting.filter(one => (one.left -= 1) < 0);
    for (const one of due) waiting.splice(waiting.indexOf(one), 1);
    await deliver(
      world,
      due.map(one => one.hint),
      chance,
    );
  }
  await finish(world);
  await deliver(
    world,
    waiting.map(one => one.hint),
    chance,
  );
  await world.round();
  return {
    servers: world.servers(),
    comments: Math.max(0, ...pulls.map(pull => forge.remarksOf(pull).filter(remark => remark.isOwn).length)),
    running: forge.marks.filter(mark => mark.state === 'running').length,
    open: (await forge.openPulls()).length,
    missing: missing(world),
  };
}

function missing({ git, servers }: ReviewWorld): readonly string[] {
  const text = [...git.files(git.refs.get('refs/heads/main') ?? '').values()].join('\n');
  const wanted = [...text.matchAll(/^ {2}([\w-]+): \{ size: (\w+),/gm)].map(([, name, size]) => `shop-${name}:${size}`);
  return [...servers().filter(one => !wanted.includes(one)), ...wanted.filter(one => !servers().includes(one))];
}

function happen(world: ReviewWorld, random: Random, pulls: number[], send: (hint: Hint) => void): void {
  const { forge } = world;
  const pull = pulls.length === 0 ? undefined : random.pick(pulls);
  const what = random.between(0, 9);
  if (pull === undefined || (what < 2 && pulls.length < 3)) {
    const branch = `change-${pulls.length}`;
    forge.push('ann', branch, filesOf(random, pulls.length));
    const opened = forge.open('ann', branch);
    pulls.push(opened);
    send({ pull: opened });
  } else if (what < 5) {
    const index = pulls.indexOf(pull);
    if (!isOpen(world, pull)) return;
    forge.push('ann', `change-${index}`, filesOf(random, index));
    send({ pull });
  } else if (what < 7) {
    if (isOpen(world, pull)) forge.judge('ben', pull, 'approved');
    send({ pull });
  } else if (what < 9) {
    if (!isOpen(world, pull)) return;
    forge.merge('ann', pull, random.pick(['merge', 'squash', 'rebase'] as const));
    send({ pull });
    send({ branch: 'main' });
  } else {
    forge.push('ben', 'main', { 'readme.md': `text ${random.between(0, 1e6)}` });
    send({ branch: 'main' });
  }
}

function filesOf(random: Random, index: number): { readonly [path: string]: string } {
  const names = Array.from({ length: random.between(1, 2) }, (_, at) => [
    `s-${index}-${at}`,
    random.pick(['small', 'medium']),
  ]);
  return { [`shop/infra/change-${index}.yaml`]: serversText(Object.fromEntries(names) as { [name: string]: string }) };
}

function isOpen({ forge }: ReviewWorld, pull: number): boolean {
  return forge.isOpen(pull);
}

/** What came in is worked on in any order. */
async function deliver(world: ReviewWorld, hints: readonly Hint[], chance: Random): Promise<void> {
  const mixed = hints.map(hint => ({ hint, order: chance.between(0, 1e9) })).sort((a, b) => a.order - b.order);
  const ctx = world.context();
  for (const { hint } of mixed) {
    if ('pull' in hint) await trySync(ctx, hint.pull);
    else {
      const commit = (await ctx.source.head('main')) ?? '';
      const options = { actor: 'test', signals: ctx.signals, progress: () => {}, waitMs: 300_000, shown: () => {} };
      for (const target of await discover(ctx.source, { commit, stateRemote: 'memory', follow: true }, ctx.selection))
        await advance(ctx, target, options);
    }
  }
}

/** Everybody looks at what is shown, and says what is still missing, until nothing is. */
async function finish(world: ReviewWorld): Promise<void> {
  const { forge } = world;
  for (let turn = 0; turn < 12; turn += 1) {
    const { reviews } = await world.round();
    const open = await forge.openPulls();
    const owed = reviews.filter(view => view.stage === 'waiting');
    if (open.length === 0 && owed.length === 0) return;
    for (const view of owed) {
      if (view.next.command === null) forge.judge('ben', view.pull, 'approved');
      else forge.say('ben', view.pull, view.next.command);
    }
    const [first] = open;
    if (owed.length > 0 || first === undefined) continue;
    forge.judge('ben', first.number, 'approved');
    forge.merge('ann', first.number);
  }
}
