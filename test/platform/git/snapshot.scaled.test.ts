import { chmodSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openLocal } from '../../../platform/git/local.ts';
import type { GitSource } from '../../../platform/git/port.ts';
import { Fault, type Problem } from '../../../schemas/fault.ts';
import { LIMITS } from '../../../schemas/limits.ts';
import { isFull } from '../../scaled.ts';
import { makeRepository, type RawEntry, type Repository } from './repository.ts';

let repository: Repository;
let source: GitSource;
let blob: string;
beforeAll(async () => {
  repository = makeRepository();
  repository.commit({ 'README.md': 'x' });
  source = await openLocal({ dir: repository.clone });
  blob = repository.blob('name: shop\n');
});
afterAll(() => repository.close());

async function problemsOf(work: Promise<unknown>): Promise<readonly Problem[]> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Fault) return error.problems;
  throw new Error('a Fault was expected', { cause: error });
}

function tree(entries: readonly RawEntry[]): string {
  return repository.git(['rev-parse', `${repository.commitRaw(entries)}^{tree}`]);
}

describe('a snapshot', () => {
  test('holds the files of a workspace by their path from the folder, and nothing else', async () => {
    const files = {
      'ws/workspace.yaml': 'name: shop\n',
      'ws/infra/a.yaml': 'a\n',
      'ws/infra/deep/b.toml': 'b\n',
      'ws/clusters/c.yaml': 'c\n',
      'ws/taskservs/own/service.yaml': 'd\n',
      'ws/config/defaults.toml': '# é\n',
      'ws/notes/key': 'never read',
      'ws/infra.yaml': 'never read',
      'outside.yaml': 'never read',
    };
    const commit = repository.commit(files);
    const snapshot = await source.snapshot(commit, 'ws');
    const texts = Object.fromEntries(
      [...snapshot.files].map(([path, bytes]) => [path, Buffer.from(bytes).toString('utf8')]),
    );
    expect(texts).toEqual({
      'workspace.yaml': 'name: shop\n',
      'infra/a.yaml': 'a\n',
      'infra/deep/b.toml': 'b\n',
      'clusters/c.yaml': 'c\n',
      'taskservs/own/service.yaml': 'd\n',
      'config/defaults.toml': '# é\n',
    });
    expect(snapshot.tree).toBe(repository.git(['rev-parse', `${commit}:ws`]));
    expect((await source.worktree('ws')).files).toEqual(snapshot.files);
    expect(await source.workspaces(commit)).toEqual(['ws']);
  });

  test('of the top of a repository works as well', async () => {
    const commit = repository.commitRaw([{ mode: '100644', name: 'workspace.toml', oid: blob }]);
    expect([...(await source.snapshot(commit, '')).files.keys()]).toEqual(['workspace.toml']);
    expect(await source.workspaces(commit)).toEqual(['']);
  });

  test.each(['nowhere', 'README.md'])('of %s, which is no folder, is refused', async folder => {
    const commit = await source.resolve('HEAD');
    expect((await problemsOf(source.snapshot(commit, folder)))[0]?.id).toBe('GIT-FOLDER');
  });

  test.each(['../x', '/etc', 'a//b', './a', 'a/..', 'a\nb'])('of %j, which leads out, is refused', async folder => {
    expect((await problemsOf(source.snapshot(await source.resolve('HEAD'), folder)))[0]?.id).toBe('GIT-PREFIX');
  });

  const EXECUTABLE = 'is an executable file (mode 100755); a workspace may contain regular files only';
  const hostile: readonly (readonly [string, () => readonly RawEntry[], string, string])[] = [
    [
      'a symbolic link',
      () => [{ mode: '120000', name: 'x.yaml', oid: blob }],
      'GIT-MODE',
      'is a symbolic link (mode 120000)',
    ],
    [
      'a submodule',
      () => [{ mode: '160000', name: 'x', oid: '1'.repeat(40) }],
      'GIT-MODE',
      'is a submodule (mode 160000)',
    ],
    ['an executable file', () => [{ mode: '100755', name: 'x.yaml', oid: blob }], 'GIT-MODE', EXECUTABLE],
    ['an odd mode', () => [{ mode: '100666', name: 'x.yaml', oid: blob }], 'GIT-MODE', '100666'],
    ['a name .git', () => [{ mode: '100644', name: '.git', oid: blob }], 'GIT-NAME', 'name'],
    ['a name .GIT', () => [{ mode: '100644', name: '.GIT', oid: blob }], 'GIT-NAME', 'name'],
    ['a name git~1', () => [{ mode: '100644', name: 'git~1', oid: blob }], 'GIT-NAME', 'name'],
    ['a name with a joiner', () => [{ mode: '100644', name: '.g\u200cit', oid: blob }], 'GIT-NAME', 'name'],
    ['a name ..', () => [{ mode: '100644', name: '..', oid: blob }], 'GIT-NAME', 'name'],
    ['a name .', () => [{ mode: '100644', name: '.', oid: blob }], 'GIT-NAME', 'name'],
    ['an empty name', () => [{ mode: '100644', name: '', oid: blob }], 'GIT-NAME', 'name'],
    ['a name with a slash', () => [{ mode: '100644', name: 'a/b.yaml', oid: blob }], 'GIT-NAME', 'name'],
    ['an absolute name', () => [{ mode: '100644', name: '/etc', oid: blob }], 'GIT-NAME', 'name'],
    ['a name with a backslash', () => [{ mode: '100644', name: 'a\\b.yaml', oid: blob }], 'GIT-NAME', 'name'],
    ['a name with a line end', () => [{ mode: '100644', name: 'a\nb.yaml', oid: blob }], 'GIT-NAME', 'name'],
    [
      'a name that is not UTF-8',
      () => [{ mode: '100644', name: Buffer.from([0xff, 0x2e]), oid: blob }],
      'GIT-NAME',
      'name',
    ],
    [
      'one name twice',
      () => [
        { mode: '100644', name: 's.yaml', oid: blob },
        { mode: '100644', name: 's.yaml', oid: repository.blob('b') },
      ],
      'GIT-DUPLICATE',
      'twice',
    ],
    [
      'entries out of order',
      () => [
        { mode: '100644', name: 'b.yaml', oid: blob },
        { mode: '100644', name: 'a.yaml', oid: blob },
      ],
      'GIT-ORDER',
      'order',
    ],
  ];

  test.each(hostile)('with %s in a folder that is read is refused', async (_what, entries, id, words) => {
    const infra = tree(entries());
    const commit = repository.commitRaw([
      { mode: '40000', name: 'infra', oid: infra },
      { mode: '100644', name: 'workspace.yaml', oid: blob },
    ]);
    const problems = await problemsOf(source.snapshot(commit, ''));
    expect(problems.map(problem => problem.id)).toContain(id);
    expect(problems[0]?.what).toContain(words);
    expect(problems[0]?.what).toMatch(/\(object [0-9a-f]{40}\)/);
    expect(problems[0]?.at?.file).toMatch(/^infra\//);
  });

  test.each(['infra', 'config', 'workspace.yaml'])('whose %s is a symbolic link is refused', async name => {
    const commit = repository.commitRaw([{ mode: '120000', name, oid: repository.blob('/etc/passwd') }]);
    expect((await problemsOf(source.snapshot(commit, '')))[0]?.what).toContain('symbolic link');
  });

  test('with a workspace file twice at its top is refused', async () => {
    const entry = { mode: '100644', name: 'workspace.yaml', oid: blob };
    expect(
      (await problemsOf(source.snapshot(repository.commitRaw([entry, { ...entry, oid: repository.blob('c') }]), '')))[0]
        ?.id,
    ).toBe('GIT-DUPLICATE');
  });

  test('with a Git LFS pointer is refused', async () => {
    const pointer = repository.blob(
      `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 5\n`,
    );
    const commit = repository.commitRaw([{ mode: '100644', name: 'workspace.yaml', oid: pointer }]);
    expect((await problemsOf(source.snapshot(commit, '')))[0]).toMatchObject({
      id: 'GIT-LFS',
      at: { file: 'workspace.yaml' },
    });
  });

  test('with a missing object names it', async () => {
    const missing = 'a'.repeat(40);
    const commit = repository.commitRaw([{ mode: '100644', name: 'workspace.yaml', oid: missing }]);
    const [problem] = await problemsOf(source.snapshot(commit, ''));
    expect(problem).toMatchObject({ id: 'GIT-OBJECT' });
    expect(problem?.what).toContain(missing);
    expect(problem?.fix).toContain('fsck');
  });

  if (isFull())
    test('beyond a limit is refused before it is read, and says which', async () => {
      const big = repository.blob('x'.repeat(LIMITS.fileBytes + 1));
      const one = repository.commitRaw([{ mode: '100644', name: 'workspace.yaml', oid: big }]);
      expect((await problemsOf(source.snapshot(one, '')))[0]).toMatchObject({
        id: 'WS-FILE-SIZE',
        at: { file: 'workspace.yaml' },
      });
      const name = (index: number): string => `f${String(index).padStart(5, '0')}.yaml`;
      const many = tree(
        Array.from({ length: LIMITS.files + 1 }, (_, index) => ({ mode: '100644', name: name(index), oid: blob })),
      );
      const crowded = repository.commitRaw([{ mode: '40000', name: 'infra', oid: many }]);
      expect((await problemsOf(source.snapshot(crowded, '')))[0]?.id).toBe('WS-FILES');
      let nested = tree([{ mode: '100644', name: 'a.yaml', oid: blob }]);
      for (let depth = 0; depth < LIMITS.depth; depth += 1) nested = tree([{ mode: '40000', name: 'd', oid: nested }]);
      const deep = repository.commitRaw([{ mode: '40000', name: 'infra', oid: nested }]);
      expect((await problemsOf(source.snapshot(deep, '')))[0]?.id).toBe('WS-DEPTH');
      const half = repository.blob('y'.repeat(LIMITS.fileBytes));
      const heavy = tree(Array.from({ length: 33 }, (_, index) => ({ mode: '100644', name: name(index), oid: half })));
      expect(
        (await problemsOf(source.snapshot(repository.commitRaw([{ mode: '40000', name: 'infra', oid: heavy }]), '')))[0]
          ?.id,
      ).toBe('WS-TREE-SIZE');
    });
});

describe('the working tree', () => {
  test('is read under the same rules', async () => {
    const own = makeRepository();
    try {
      own.commit({ 'workspace.yaml': 'name: shop\n', 'infra/a.yaml': 'a\n' });
      const local = await openLocal({ dir: join(own.clone, 'infra') });
      expect(local.root).toBe(own.clone);
      symlinkSync('/etc/passwd', join(own.clone, 'infra/link.yaml'));
      expect((await problemsOf(local.worktree('')))[0]?.what).toBe(
        '"infra/link.yaml" is a symbolic link (mode 120000); a workspace may contain regular files only',
      );
      rmSync(join(own.clone, 'infra/link.yaml'));
      chmodSync(join(own.clone, 'infra/a.yaml'), 0o755);
      expect((await problemsOf(local.worktree('')))[0]?.what).toContain('executable');
      chmodSync(join(own.clone, 'infra/a.yaml'), 0o644);
      writeFileSync(join(own.clone, 'infra/big.yaml'), 'x'.repeat(LIMITS.fileBytes + 1));
      expect((await problemsOf(local.worktree('')))[0]?.id).toBe('WS-FILE-SIZE');
    } finally {
      own.close();
    }
  });
});
