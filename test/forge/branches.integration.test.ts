import { expect, it } from 'vitest';
import { AT, client, site, statusOf } from './site.ts';

it('shows references, branches, commits and files of the repository that Git has', async () => {
  const { forge, repository } = await site();
  const github = client(forge, forge.token('writer'));
  const sha = (await repository.tip('main')) ?? '';
  await github.git.createRef({ ...AT, ref: 'refs/heads/a/b', sha });
  expect(await statusOf(github.git.createRef({ ...AT, ref: 'refs/heads/a/b', sha }))).toBe(422);
  expect(await repository.tip('a/b')).toBe(sha);
  expect((await github.git.getRef({ ...AT, ref: 'heads/a/b' })).data.object.sha).toBe(sha);
  const { data: refs } = await github.git.listMatchingRefs({ ...AT, ref: 'heads/' });
  expect(refs.map(({ ref }) => ref)).toEqual(['refs/heads/a/b', 'refs/heads/main']);
  const { data: branch } = await github.repos.getBranch({ ...AT, branch: 'a/b' });
  expect(branch).toMatchObject({ name: 'a/b', protected: false, commit: { sha, parents: [] } });
  const { data: commit } = await github.repos.getCommit({ ...AT, ref: 'heads/main' });
  expect(commit).toMatchObject({
    sha,
    commit: { message: 'Begin', author: { name: 'acme' } },
    author: { login: 'acme' },
  });
  const { data: file } = await github.repos.getContent({ ...AT, path: 'README.md' });
  expect(file).toMatchObject({ encoding: 'base64', content: Buffer.from('hello\n').toString('base64') });
  await github.git.deleteRef({ ...AT, ref: 'heads/a/b' });
  expect(await repository.tip('a/b')).toBeNull();
  for (const ref of ['nothing', '1'.repeat(40)])
    expect(await statusOf(github.repos.getCommit({ ...AT, ref }))).toBe(422);
});

it('lets a pull request go elsewhere, close and come back', async () => {
  const { forge, repository } = await site();
  const start = (await repository.tip('main')) ?? '';
  const kept = await repository.push({ by: 'acme', branch: 'next', files: { next: 'x' } });
  const head = await repository.push({ by: 'writer', branch: 'change', files: { a: 'a' }, from: 'next' });
  const github = client(forge, forge.token('writer'));
  const pull = { ...AT, pull_number: await repository.openPull({ by: 'writer', branch: 'change' }) };
  expect((await github.pulls.get(pull)).data).toMatchObject({ commits: 2, base: { ref: 'main', sha: start } });
  const { data } = await github.pulls.update({ ...pull, base: 'next', title: 'Elsewhere' });
  expect(data).toMatchObject({ commits: 1, title: 'Elsewhere', base: { ref: 'next', sha: kept }, head: { sha: head } });
  expect((await github.pulls.update({ ...pull, state: 'closed' })).data.state).toBe('closed');
  expect((await github.pulls.list(AT)).data).toEqual([]);
  expect((await github.pulls.update({ ...pull, state: 'open' })).data.state).toBe('open');
  const again = github.pulls.create({ ...AT, head: 'change', base: 'next', title: 'Twice' });
  expect(await statusOf(again)).toBe(422);
  await repository.move({ by: 'writer', branch: 'change', to: null });
  expect(await statusOf(github.pulls.update({ ...pull, state: 'open' }))).toBe(422);
});

it('throws a group out of the merge queue with those that stand on it', async () => {
  const { repository } = await site();
  for (const name of ['one', 'two']) {
    await repository.push({ by: 'writer', branch: name, files: { [name]: name }, from: 'main' });
    await repository.openPull({ by: 'writer', branch: name });
    await repository.enqueue(name === 'one' ? 1 : 2, { by: 'writer' });
  }
  await repository.dequeue(1);
  expect(repository.state.queue).toEqual([]);
  expect([...repository.state.branches.keys()]).toEqual(['main', 'one', 'two']);
  const { before } = await repository.enqueue(2, { by: 'writer' });
  expect(before).toBe(await repository.tip('main'));
  await repository.land(2);
  expect(repository.pull(1).state).toBe('open');
});
