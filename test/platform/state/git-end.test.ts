import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nativeGit } from '../../../platform/git/native.ts';
import type { CommitLog } from '../../../platform/state/commit-log.ts';
import { gitLog } from '../../../platform/state/git-log.ts';
import { chainRefs } from '../../../platform/state/refs.ts';
import { realWorld } from './fixture.ts';

let directory: string;
let remote: string;
let commits: string[];
let log: CommitLog;
const refs = chainRefs('shop');

const git = (at: string, ...args: string[]): string =>
  execFileSync('git', ['-C', at, ...args], { encoding: 'utf8' }).trim();

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'end-'));
  remote = join(directory, 'remote.git');
  execFileSync('git', ['init', '--quiet', '--bare', remote]);
  commits = [];
  for (const number of ['1', '2', '3']) {
    const blob = execFileSync('git', ['-C', remote, 'hash-object', '-w', '--stdin'], {
      input: number,
      encoding: 'utf8',
    });
    const tree = execFileSync('git', ['-C', remote, 'mktree'], {
      input: `100644 blob ${blob.trim()}\tnumber\n`,
      encoding: 'utf8',
    });
    const parent = commits.at(-1);
    const by = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost'];
    const under = parent === undefined ? [] : ['-p', parent];
    commits.push(git(remote, ...by, 'commit-tree', tree.trim(), ...under, '-m', `step ${number}`));
  }
  git(remote, 'update-ref', refs.state, commits[2] ?? '');
  log = gitLog({ git: nativeGit(), world: realWorld(), remote, refs, directory: privateOne() });
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const privateOne = (): string => join(directory, 'private.git');
const shallow = (): boolean => existsSync(join(privateOne(), 'shallow'));

test('the end of a chain is read without the rest of it', async () => {
  const { commit, parent, files } = await log.end(commits[2] ?? '');
  expect(commit).toMatchObject({ oid: commits[2], parent: commits[1], message: 'step 3\n' });
  expect(parent).toMatchObject({ oid: commits[1], message: 'step 2\n' });
  expect(files).toEqual(new Map([['number', '3']]));
  expect(git(privateOne(), 'for-each-ref')).toBe('');
  expect(shallow()).toBe(false);
  await log.bring(commits[2] ?? '');
  expect(shallow(), 'what is brought is whole').toBe(false);
  expect((await log.root(commits[2] ?? '')).oid).toBe(commits[0]);
});

test('a branch that went on in the meantime still shows its commit with the one before', async () => {
  const { commit, parent, files } = await log.end(commits[1] ?? '');
  expect(commit.parent).toBe(commits[0]);
  expect(parent?.message).toBe('step 1\n');
  expect(files).toEqual(new Map([['number', '2']]));
});

test('a chain that is here is read here', async () => {
  await log.bring(commits[2] ?? '');
  rmSync(remote, { recursive: true });
  expect((await log.end(commits[2] ?? '')).parent?.oid).toBe(commits[1]);
});

test('a root has no parent', async () => {
  git(remote, 'update-ref', refs.state, commits[0] ?? '');
  expect(await log.end(commits[0] ?? '')).toMatchObject({ commit: { parent: null }, parent: null });
});
