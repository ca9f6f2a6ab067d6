import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openLocal } from '../../../platform/git/local.ts';
import { nativeGit } from '../../../platform/git/native.ts';
import { openMirror } from '../../../platform/git/mirror.ts';
import { Fault } from '../../../schemas/fault.ts';
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
});
afterEach(() => repository.close());

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Fault) return error;
  throw new Error('a Fault was expected', { cause: error });
}

const mirror = (url = repository.remote) =>
  openMirror({ url, home: join(repository.directory, 'home'), world, git: nativeGit() });

describe('a mirror', () => {
  test.each(['path', 'file URL'])('of a %s follows its branches', async kind => {
    const first = repository.commit({ 'workspace.yaml': 'name: shop\n' });
    const source = await mirror(kind === 'path' ? repository.remote : `file://${repository.remote}`);
    expect(await source.head('main')).toBe(first);
    expect(await source.head('nothing')).toBeNull();
    await source.fetch();
    expect(await source.branches()).toEqual(new Map([['main', first]]));
    expect([...(await source.snapshot(first, '')).files.keys()]).toEqual(['workspace.yaml']);
    const second = repository.commit({ 'workspace.yaml': 'name: other\n' });
    expect(await source.head('main')).toBe(second);
    await source.fetch();
    expect(await source.resolve('main')).toBe(second);
    expect(await source.resolve('HEAD')).toBe(second);
    expect(await source.resolve(first)).toBe(first);
    expect(await source.isAncestor({ older: first, newer: second })).toBe(true);
    expect(await source.isAncestor({ older: second, newer: first })).toBe(false);
    expect(await source.isAncestor({ older: 'f'.repeat(40), newer: first })).toBe(false);
    expect(await source.remoteUrl()).toBe(source.url);
    expect(await source.dirty()).toEqual([]);
  });

  test('shows a rewritten branch as it is, so that the caller can see it does not descend', async () => {
    const first = repository.commit({ 'workspace.yaml': 'name: shop\n' });
    const source = await mirror();
    await source.fetch();
    repository.git(['checkout', '--quiet', '--orphan', 'again']);
    repository.git(['commit', '--quiet', '--message', 'another beginning']);
    repository.git(['push', '--quiet', '--force', 'origin', 'again:main']);
    await source.fetch();
    const head = await source.resolve('main');
    expect(head).toBe(repository.git(['rev-parse', 'again']));
    expect(await source.isAncestor({ older: first, newer: head })).toBe(false);
    expect(await source.resolve(first)).toBe(first);
  });

  test('leaves state branches alone', async () => {
    const commit = repository.commit({ 'workspace.yaml': 'name: shop\n' });
    repository.git(['push', '--quiet', 'origin', `${commit}:refs/heads/provisioning/state/shop`]);
    const source = await mirror();
    await source.fetch();
    expect([...(await source.branches()).keys()]).toEqual(['main']);
    expect((await faultOf(source.resolve('provisioning/state/shop'))).problems[0]?.id).toBe('GIT-REVISION');
  });

  test('refuses hostile objects on arrival', async () => {
    const blob = repository.blob('x');
    const commit = repository.commitRaw([
      { mode: '100644', name: '.git', oid: blob },
      { mode: '100644', name: 'workspace.yaml', oid: blob },
    ]);
    repository.git(['push', '--quiet', 'origin', `${commit}:refs/heads/main`]);
    const fault = await faultOf((await mirror()).fetch());
    expect(fault.code).toBe('integrity');
    expect(fault.problems[0]?.what).toMatch(/[0-9a-f]{40}/);
  });

  test('removes an old lock that a killed git left, and names a young one', async () => {
    repository.commit({ 'workspace.yaml': 'name: shop\n' });
    const source = await mirror();
    await source.fetch();
    const lock = join(source.root, 'refs', 'heads', 'main.lock');
    writeFileSync(lock, '');
    const fault = await faultOf(source.fetch());
    expect(fault.code).toBe('locked');
    expect(fault.data['file']).toBe('refs/heads/main.lock');
    const longAgo = new Date(Date.now() - 600_000);
    utimesSync(lock, longAgo, longAgo);
    const head = repository.commit({ 'workspace.yaml': 'name: again\n' });
    await source.fetch();
    expect(await source.resolve('main')).toBe(head);
  });

  test('of what is no repository says so, without the words of git', async () => {
    const fault = await faultOf((await mirror(join(repository.directory, 'nothing-here'))).fetch());
    expect(fault).toMatchObject({ code: 'unavailable', problems: [{ id: 'GIT-NOT-FOUND' }] });
    expect(JSON.stringify(fault.problems)).not.toContain('fatal');
  });

  test('runs no hook, not even one in its own folder', async () => {
    const marker = join(repository.directory, 'ran');
    repository.commit({ 'workspace.yaml': 'name: shop\n' });
    const source = await mirror();
    for (const name of ['reference-transaction', 'post-checkout', 'pre-auto-gc']) {
      mkdirSync(join(source.root, 'hooks'), { recursive: true });
      writeFileSync(join(source.root, 'hooks', name), `#!/bin/sh\ntouch ${marker}\n`, { mode: 0o755 });
    }
    await source.fetch();
    expect(existsSync(marker)).toBe(false);
  });
});

describe('a clone on this machine', () => {
  test('knows its top, origin, branches and what is not committed', async () => {
    const commit = repository.commit({ 'ws/workspace.yaml': 'name: shop\n', 'other.txt': 'x' });
    const source = await openLocal({ dir: join(repository.clone, 'ws') });
    expect(source).toMatchObject({ url: repository.clone, root: repository.clone });
    expect(await source.remoteUrl()).toBe(repository.remote);
    expect(await source.branches()).toEqual(new Map([['main', commit]]));
    expect(await source.dirty()).toEqual([]);
    repository.write({ 'ws/workspace.yaml': 'name: new\n', 'ws/infra/ü a.yaml': 'x', 'other.txt': 'y' });
    expect(await source.dirty('ws')).toEqual(['ws/infra/ü a.yaml', 'ws/workspace.yaml']);
    expect(await source.dirty()).toEqual(['other.txt', 'ws/infra/ü a.yaml', 'ws/workspace.yaml']);
  });

  test('in a linked working tree, and a bare one, can be read', async () => {
    const commit = repository.commit({ 'workspace.yaml': 'name: shop\n' });
    const linked = join(repository.directory, 'linked');
    repository.git(['worktree', 'add', '--quiet', '--detach', linked]);
    const source = await openLocal({ dir: linked });
    expect(source.root).toBe(linked);
    expect([...(await source.snapshot(commit, '')).files.keys()]).toEqual(['workspace.yaml']);
    const bare = await openLocal({ dir: repository.remote });
    expect(bare.root).toBe(repository.remote);
    expect([...(await bare.snapshot(await bare.resolve('main'), '')).files.keys()]).toEqual(['workspace.yaml']);
  });

  test('starts no program that its configuration names', async () => {
    const marker = join(repository.directory, 'ran');
    repository.commit({ 'workspace.yaml': 'name: shop\n' });
    repository.git(['config', 'core.fsmonitor', `touch ${marker};false`]);
    const source = await openLocal({ dir: repository.clone });
    expect(await source.dirty()).toEqual([]);
    expect(existsSync(marker)).toBe(false);
    repository.git(['status']);
    expect(existsSync(marker), 'plain git would have started it').toBe(true);
  });

  test('that is no repository is named', async () => {
    const fault = await faultOf(openLocal({ dir: repository.directory }));
    expect(fault).toMatchObject({ code: 'usage', problems: [{ id: 'GIT-NO-REPOSITORY' }] });
  });

  test('of a folder that is not there, or of a file, is refused by name', async () => {
    const missing = join(repository.directory, 'shpo');
    const file = join(repository.directory, 'file');
    writeFileSync(file, '');
    for (const [dir, what] of [
      [missing, `there is no folder ${missing}`],
      [file, `${file} is not a folder`],
    ] as const) {
      const fault = await faultOf(openLocal({ dir }));
      expect(fault).toMatchObject({ code: 'usage', problems: [{ id: 'GIT-NO-FOLDER', what }] });
    }
  });

  test('with a password in its origin does not show it', async () => {
    repository.git(['remote', 'set-url', 'origin', 'https://user:hunter2hunter2@git.example.com/x.git']);
    const fault = await faultOf((await openLocal({ dir: repository.clone })).remoteUrl());
    expect(fault.code).toBe('usage');
    expect(JSON.stringify(fault)).not.toContain('hunter2');
  });
});

describe('a revision', () => {
  test('that is both a branch and a tag is refused; full refs, short ids and tags are taken', async () => {
    const commit = repository.commit({ 'workspace.yaml': 'name: shop\n' });
    repository.git(['tag', 'v1']);
    repository.git(['tag', '--annotate', '--message', 'x', 'v2']);
    repository.git(['branch', 'both']);
    repository.git(['tag', 'both']);
    const source = await openLocal({ dir: repository.clone });
    for (const good of ['HEAD', 'main', 'v1', 'v2', 'refs/heads/both', 'refs/tags/both', commit.slice(0, 10), commit]) {
      expect(await source.resolve(good)).toBe(commit);
    }
    const fault = await faultOf(source.resolve('both'));
    expect(fault.problems[0]).toMatchObject({ id: 'GIT-AMBIGUOUS', fix: 'say refs/heads/both or refs/tags/both' });
    for (const bad of [
      'nothing',
      'f'.repeat(40),
      '--all',
      '-n1',
      'HEAD@{1}',
      'main:workspace.yaml',
      '$(x)',
      'HEAD;x',
      ':/x',
    ]) {
      expect((await faultOf(source.resolve(bad))).code).toBe('usage');
    }
  });
});
