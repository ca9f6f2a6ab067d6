import { afterEach, beforeEach, expect, test } from 'vitest';
import { openMirror } from '../../../platform/git/mirror.ts';
import { nativeGit } from '../../../platform/git/native.ts';
import { reviewStore } from '../../../platform/git/review-store.ts';
import type { ReviewRecord, ReviewStore } from '../../../schemas/review.ts';
import type { World } from '../../../schemas/world.ts';
import { makeRepository, type Repository } from './repository.ts';

const world: World = {
  clock: { now: () => Date.now(), monotonic: () => performance.now(), sleep: () => Promise.resolve() },
  randomHex: count => '0'.repeat(count * 2),
  reach: () => Promise.resolve(),
};

let repository: Repository;
beforeEach(() => {
  repository = makeRepository();
  repository.commit({ 'readme.md': 'hello' });
});
afterEach(() => repository.close());

/** The store of one process, with a mirror of its own. */
async function storeOf(name: string): Promise<ReviewStore> {
  const git = nativeGit();
  const home = `${repository.directory}/${name}`;
  const { root, url } = await openMirror({ url: repository.remote, home, world, git });
  return reviewStore(git, { root, url });
}

function recordOf(pull: number, closedAt: number | null): ReviewRecord {
  const sha = 'a'.repeat(40);
  return {
    format: 1,
    pull,
    head: sha,
    base: sha,
    merged: null,
    plans: [],
    comment: null,
    shownAt: null,
    fullFor: null,
    applyFor: null,
    excludes: [],
    allowDeletes: null,
    answers: [],
    readUpTo: null,
    isAfterMerge: false,
    mergeCommit: null,
    isClosed: closedAt !== null,
    ...(closedAt === null ? {} : { closedAt }),
  };
}

const refs = (): readonly string[] =>
  repository
    .git(['ls-remote', repository.remote, 'refs/provisioning/reviews/*'])
    .split('\n')
    .map(line => line.split('/').at(-1) ?? '')
    .sort();

test('tells what is open and what was closed before a time, also to a process that has none of it', async () => {
  const one = await storeOf('one');
  for (const [pull, closedAt] of [
    [1, 1_000],
    [2, 3_000],
    [3, null],
  ] as const)
    await one.write(recordOf(pull, closedAt), null);
  // An issue is closed from its first day, and never forgotten.
  await one.write({ ...recordOf(4, null), isClosed: true }, null);
  repository.git(['push', '--quiet', 'origin', 'main:refs/provisioning/reviews/5']);
  for (const store of [one, await storeOf('two')]) {
    expect(await store.open()).toEqual([3, 5]);
    expect((await store.closedBefore(2_000)).map(({ pull }) => pull)).toEqual([1]);
    expect((await store.closedBefore(9_000)).map(({ pull }) => pull)).toEqual([1, 2]);
  }
});

test('forgets only what still is what was read: a second process that wrote meanwhile keeps its record', async () => {
  const [one, two] = await Promise.all([storeOf('one'), storeOf('two')]);
  for (const pull of [1, 2, 3]) await one.write(recordOf(pull, 1_000), null);
  const old = await one.closedBefore(2_000);
  const again = await two.read(2);
  await two.write({ ...recordOf(2, null), readUpTo: '7' }, again?.version ?? null);
  await two.forget((await two.closedBefore(2_000)).filter(({ pull }) => pull === 3));
  expect(refs()).toEqual(['1', '2']);
  expect(await one.forget(old)).toBe(1);
  expect(refs()).toEqual(['2']);
  expect((await one.read(2))?.record).toMatchObject({ isClosed: false, readUpTo: '7' });
  expect(await one.forget(old)).toBe(0);
  // Who read it before it was forgotten does not write it back.
  await expect(two.write(recordOf(1, null), old[0]?.version ?? null)).rejects.toMatchObject({ code: 'locked' });
  await one.write(recordOf(1, null), null);
  expect(refs()).toEqual(['1', '2']);
});

test('a host that keeps every ref is believed', async () => {
  const one = await storeOf('one');
  await one.write(recordOf(1, 1_000), null);
  repository.git(['-C', repository.remote, 'config', 'receive.hideRefs', 'refs/provisioning']);
  expect(await one.forget(await one.closedBefore(2_000))).toBe(0);
  expect(refs()).toEqual(['1']);
});
