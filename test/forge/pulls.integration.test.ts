import { describe, expect, it } from 'vitest';
import { AT, client, site, statusOf } from './site.ts';

describe('merging', () => {
  it.each(['merge', 'squash', 'rebase'] as const)('%s makes real commits', async method => {
    const { forge, repository } = await site();
    const start = await repository.tip('main');
    await repository.push({ by: 'writer', branch: 'change', files: { 'a.txt': 'a\n' }, message: 'First' });
    const head = await repository.push({
      by: 'writer',
      branch: 'change',
      files: { 'b.txt': 'b\n' },
      message: 'Second',
    });
    const other = await repository.push({ by: 'acme', branch: 'main', files: { 'c.txt': 'c\n' } });
    const github = client(forge, forge.token('writer'));
    const { data: opened } = await github.pulls.create({ ...AT, head: 'change', base: 'main', title: 'Both' });
    expect(opened).toMatchObject({ number: 1, mergeable: true, commits: 2, changed_files: 2, state: 'open' });
    const merged = await github.pulls.merge({ ...AT, pull_number: 1, merge_method: method, sha: head });
    const sha = await repository.tip('main');
    expect(merged.data).toMatchObject({ merged: true, sha });
    const log = await repository.log('main');
    const subjects = log.map(({ subject }) => subject);
    const [tip] = log;
    if (method === 'merge') {
      expect(tip).toMatchObject({ subject: 'Merge pull request #1 from acme/change', parents: [other, head] });
    } else if (method === 'squash') {
      expect(subjects).toEqual(['Both (#1)', 'Change c.txt', 'Begin']);
      expect(tip?.parents).toEqual([other]);
    } else {
      expect(subjects).toEqual(['Second', 'First', 'Change c.txt', 'Begin']);
      expect(tip?.author).toBe('writer');
    }
    for (const file of ['a', 'b', 'c']) expect(await repository.file('main', `${file}.txt`)).toBe(`${file}\n`);
    const { data: pull } = await github.pulls.get({ ...AT, pull_number: 1 });
    expect(pull).toMatchObject({
      merged: true,
      merged_by: { login: 'writer' },
      merge_commit_sha: sha,
      state: 'closed',
    });
    const numbers = async (commit: string | null) =>
      (await github.repos.listPullRequestsAssociatedWithCommit({ ...AT, commit_sha: commit ?? '' })).data.map(
        ({ number }) => number,
      );
    expect(await numbers(sha)).toEqual([1]);
    expect(await numbers(head)).toEqual([1]);
    expect(await numbers(start)).toEqual([]);
    expect(repository.activity('main')[0]).toMatchObject({ kind: 'pr_merge', by: 'writer', after: sha });
  });

  it('refuses what GitHub refuses', async () => {
    const { forge, repository } = await site({ asked: { methods: ['merge'] } });
    const github = client(forge, forge.token('writer'));
    const head = await repository.push({ by: 'writer', branch: 'change', files: { 'servers.yaml': 'one: 10\n' } });
    await repository.openPull({ by: 'writer', branch: 'change' });
    const merge = (more: object = {}) => statusOf(github.pulls.merge({ ...AT, pull_number: 1, ...more }));
    expect(await merge({ sha: '1'.repeat(40) })).toBe(409);
    expect(await merge({ merge_method: 'squash' })).toBe(405);
    await repository.setDraft(1, { by: 'writer', isDraft: true });
    expect(await merge()).toBe(405);
    await repository.setDraft(1, { by: 'writer', isDraft: false });
    await repository.push({ by: 'acme', branch: 'main', files: { other: 'x' } });
    repository.protect('main', { strict: true });
    expect(await merge()).toBe(405);
    repository.protect('main', { approvals: 1, checks: ['plan'], lastPushApproval: true });
    expect(await merge()).toBe(405);
    await repository.review(1, { by: 'reader', verdict: 'approve' });
    await repository.status({ by: 'writer', sha: head, context: 'plan', state: 'success' });
    expect(await merge()).toBe(405);
    await repository.review(1, { by: 'reviewer', verdict: 'approve' });
    expect((await github.pulls.get({ ...AT, pull_number: 1 })).data.mergeable_state).toBe('clean');
    await repository.push({ by: 'acme', branch: 'main', files: { 'servers.yaml': 'one: 11\n' } });
    const { data } = await github.pulls.get({ ...AT, pull_number: 1 });
    expect(data).toMatchObject({ mergeable: false, mergeable_state: 'dirty' });
    expect(await repository.tip('refs/pull/1/merge')).toBeNull();
    expect(await merge({ sha: head })).toBe(405);
    const reader = client(forge, forge.token('reader'));
    expect(await statusOf(reader.pulls.merge({ ...AT, pull_number: 1 }))).toBe(403);
  });

  it('runs a merge queue', async () => {
    const { repository } = await site();
    for (const name of ['one', 'two']) {
      await repository.push({ by: 'writer', branch: name, files: { [name]: name }, from: 'main' });
      await repository.openPull({ by: 'writer', branch: name });
    }
    const first = await repository.enqueue(1, { by: 'writer', method: 'squash' });
    const second = await repository.enqueue(2, { by: 'reviewer', method: 'squash' });
    expect(first.branch).toBe(`gh-readonly-queue/main/pr-1-${await repository.tip('main')}`);
    expect(second.before).toBe(first.sha);
    expect(await repository.tip(second.branch)).toBe(second.sha);
    await expect(repository.land(2)).rejects.toThrow(/first/);
    expect(await repository.land(1)).toBe(first.sha);
    repository.protect('main', { checks: ['plan'] });
    await expect(repository.land(2)).rejects.toThrow(/plan/);
    await repository.status({ by: 'writer', sha: second.sha, context: 'plan', state: 'success' });
    await repository.land(2);
    expect(await repository.tip('main')).toBe(second.sha);
    expect(await repository.tip(second.branch)).toBeNull();
    expect(repository.pull(2)).toMatchObject({
      state: 'closed',
      pull: { merged: { by: 'reviewer', sha: second.sha } },
    });
    expect(repository.activity('main')[0]?.kind).toBe('merge_queue_merge');
  });
});

it('notes a pull request as merged whose commits were pushed to its base branch', async () => {
  const { repository } = await site();
  const sha = await repository.push({ by: 'writer', branch: 'change', files: { a: 'a' } });
  await repository.openPull({ by: 'writer', branch: 'change' });
  await repository.move({ by: 'reviewer', branch: 'main', to: 'change' });
  expect(repository.pull(1).pull.merged).toMatchObject({ by: 'reviewer', sha });
});

it('takes pull requests from forks', async () => {
  const { forge, repository } = await site();
  repository.grant('guest', 'read');
  const fork = await repository.fork({ by: 'guest' });
  const first = await fork.push({ by: 'guest', branch: 'gift', files: { gift: '1' } });
  const guest = client(forge, forge.token('guest'));
  const { data } = await guest.pulls.create({ ...AT, head: 'guest:gift', base: 'main', title: 'A gift' });
  expect(data.head).toMatchObject({ sha: first, ref: 'gift', repo: { full_name: 'guest/infra', fork: true } });
  const second = await fork.push({ by: 'guest', branch: 'gift', files: { gift: '2' } });
  expect(await repository.tip('refs/pull/1/head')).toBe(second);
  expect(await repository.tip('gift')).toBeNull();
  await repository.merge(1, { by: 'writer' });
  expect(await repository.file('main', 'gift')).toBe('2');
  forge.remove('guest/infra');
  expect((await guest.pulls.get({ ...AT, pull_number: 1 })).data.head).toMatchObject({ sha: second, repo: null });
});

it('shows the files of a pull request as Git sees them', async () => {
  const { forge, repository } = await site();
  await repository.push({
    by: 'writer',
    branch: 'change',
    files: {
      'servers.yaml': null,
      'a/hosts é.yaml': 'one: 1\ntwo: 2\nthree: 3\n',
      'README.md': 'diff --git\n',
      'b.bin': '\0\u0001',
    },
  });
  await repository.push({ by: 'acme', branch: 'main', files: { unrelated: 'x' } });
  await repository.openPull({ by: 'writer', branch: 'change' });
  const { data } = await client(forge, forge.token('reader')).pulls.listFiles({ ...AT, pull_number: 1 });
  expect(
    data.map(({ filename, status, additions, deletions, patch }) => ({
      filename,
      status,
      additions,
      deletions,
      patch,
    })),
  ).toEqual([
    {
      filename: 'README.md',
      status: 'modified',
      additions: 1,
      deletions: 1,
      patch: '@@ -1 +1 @@\n-hello\n+diff --git',
    },
    { filename: 'a/hosts é.yaml', status: 'renamed', additions: 0, deletions: 0, patch: undefined },
    { filename: 'b.bin', status: 'added', additions: 0, deletions: 0, patch: undefined },
  ]);
  expect(data[1]?.previous_filename).toBe('servers.yaml');
});

it('keeps the commit of every review, and takes approvals back when a rule says so', async () => {
  const { forge, repository } = await site();
  const first = await repository.push({ by: 'writer', branch: 'change', files: { a: '1' } });
  await repository.openPull({ by: 'writer', branch: 'change' });
  const reviewer = client(forge, forge.token('reviewer'));
  await reviewer.pulls.createReview({ ...AT, pull_number: 1, event: 'APPROVE' });
  const own = client(forge, forge.token('writer')).pulls.createReview({ ...AT, pull_number: 1, event: 'APPROVE' });
  expect(await statusOf(own)).toBe(422);
  const second = await repository.push({ by: 'writer', branch: 'change', files: { a: '2' } });
  await repository.review(1, { by: 'reader', verdict: 'request-changes' });
  const reviews = async () =>
    (await reviewer.pulls.listReviews({ ...AT, pull_number: 1 })).data.map(review => [
      review.user?.login,
      review.state,
      review.commit_id,
    ]);
  expect(await reviews()).toEqual([
    ['reviewer', 'APPROVED', first],
    ['reader', 'CHANGES_REQUESTED', second],
  ]);
  repository.protect('main', { approvals: 1, dismissStale: true });
  await repository.push({ by: 'writer', branch: 'change', files: { a: '3' }, force: true });
  expect((await reviews()).map(([, state]) => state)).toEqual(['DISMISSED', 'CHANGES_REQUESTED']);
  const { data: rules } = await client(forge, forge.token('acme')).repos.getBranchProtection({ ...AT, branch: 'main' });
  expect(rules.required_pull_request_reviews).toMatchObject({
    required_approving_review_count: 1,
    dismiss_stale_reviews: true,
  });
  expect(await statusOf(reviewer.repos.getBranchProtection({ ...AT, branch: 'main' }))).toBe(404);
});
