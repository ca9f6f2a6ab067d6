import { expect, it } from 'vitest';
import { AT, client, site, statusOf } from './site.ts';

it('gives every event a second of its own', async () => {
  const { forge, repository } = await site({ now: () => 1_700_000_000_999 });
  const github = client(forge, forge.token('reader'));
  await repository.openIssue({ by: 'reader', title: 'Talk' });
  const write = async (body: string) => (await github.issues.createComment({ ...AT, issue_number: 1, body })).data;
  const [first, second] = [await write('one'), await write('two')];
  expect(first.created_at).toMatch(/^2023-11-14T22:13:\d\dZ$/);
  expect(Date.parse(second.created_at)).toBe(Date.parse(first.created_at) + 1_000);
  const edited = await github.issues.updateComment({ ...AT, comment_id: first.id, body: 'uno' });
  expect(edited.data).toMatchObject({ created_at: first.created_at, body: 'uno', user: { login: 'reader' } });
  expect(edited.data.updated_at > second.created_at).toBe(true);
  const since = await github.issues.listCommentsForRepo({ ...AT, since: edited.data.updated_at });
  expect(since.data.map(({ body }) => body)).toEqual(['uno']);
  const other = client(forge, forge.token('guest'));
  expect(await statusOf(other.issues.updateComment({ ...AT, comment_id: first.id, body: 'mine' }))).toBe(404);
  repository.grant('guest', 'read');
  expect(await statusOf(other.issues.updateComment({ ...AT, comment_id: first.id, body: 'mine' }))).toBe(403);
  await github.issues.deleteComment({ ...AT, comment_id: first.id });
  expect(repository.comments(1).map(({ body }) => body)).toEqual(['two']);
});

it('takes comments of 65,536 characters and no more', async () => {
  const { forge, repository } = await site();
  await repository.openIssue({ by: 'reader', title: 'Talk' });
  const github = client(forge, forge.token('reader'));
  const write = (length: number) =>
    statusOf(github.issues.createComment({ ...AT, issue_number: 1, body: 'é'.repeat(length) }));
  expect(await write(65_536)).toBe(201);
  expect(await write(65_537)).toBe(422);
  expect(await statusOf(github.issues.createComment({ ...AT, issue_number: 9, body: 'x' }))).toBe(404);
});

it('keeps reactions apart by account', async () => {
  const { forge, repository } = await site();
  await repository.openIssue({ by: 'reader', title: 'Talk' });
  const comment_id = await repository.comment(1, { by: 'reader', body: '/apply' });
  const github = client(forge, forge.token('writer'));
  const add = (content: 'eyes' | 'rocket') => github.reactions.createForIssueComment({ ...AT, comment_id, content });
  expect((await add('eyes')).status).toBe(201);
  const again = await add('eyes');
  expect(again.status).toBe(200);
  await repository.react(comment_id, { by: 'reader', content: 'eyes' });
  const list = async () =>
    (await github.reactions.listForIssueComment({ ...AT, comment_id })).data.map(one => [one.user?.login, one.content]);
  expect(await list()).toEqual([
    ['writer', 'eyes'],
    ['reader', 'eyes'],
  ]);
  await github.reactions.deleteForIssueComment({ ...AT, comment_id, reaction_id: again.data.id });
  expect(await list()).toEqual([['reader', 'eyes']]);
});

it('remembers who labelled', async () => {
  const { forge, repository } = await site();
  await repository.push({ by: 'writer', branch: 'change', files: { a: 'a' } });
  await repository.openPull({ by: 'writer', branch: 'change' });
  const github = client(forge, forge.token('reviewer'));
  const reader = client(forge, forge.token('reader'));
  expect(await statusOf(reader.issues.addLabels({ ...AT, issue_number: 1, labels: ['go'] }))).toBe(403);
  await github.issues.addLabels({ ...AT, issue_number: 1, labels: ['go'] });
  await repository.unlabel(1, { by: 'writer', label: 'go' });
  expect(await statusOf(github.issues.removeLabel({ ...AT, issue_number: 1, name: 'go' }))).toBe(404);
  const { data } = await reader.issues.listEvents({ ...AT, issue_number: 1 });
  expect(
    data.map(({ event, actor, ...more }) => [event, actor?.login, 'label' in more ? more.label.name : '']),
  ).toEqual([
    ['labeled', 'reviewer', 'go'],
    ['unlabeled', 'writer', 'go'],
  ]);
});

it('lists issues by who opened them, pull requests among them', async () => {
  const { forge, repository } = await site();
  const github = client(forge, forge.token('reader'));
  const opened = await github.issues.create({ ...AT, title: 'Drift', body: 'marker' });
  expect(opened).toMatchObject({ status: 201, data: { number: 1, state: 'open' } });
  await repository.push({ by: 'reader', branch: 'x', files: { a: 'a' }, from: 'main' });
  await repository.openPull({ by: 'reader', branch: 'x' });
  await repository.openIssue({ by: 'writer', title: 'Other' });
  await github.issues.update({ ...AT, issue_number: 1, state: 'closed' });
  const list = async (state: 'open' | 'all') =>
    (await github.issues.listForRepo({ ...AT, creator: 'reader', state })).data.map(one => [
      one.number,
      one.pull_request !== undefined,
    ]);
  expect(await list('open')).toEqual([[2, true]]);
  expect(await list('all')).toEqual([
    [2, true],
    [1, false],
  ]);
});

it('tells what an account may do', async () => {
  const { forge, repository } = await site();
  repository.grant('keeper', 'maintain');
  const github = client(forge, forge.token('reader'));
  forge.account('stranger');
  const ask = async (username: string) => {
    const { data } = await github.repos.getCollaboratorPermissionLevel({ ...AT, username });
    return [data.permission, data.role_name];
  };
  expect(await ask('acme')).toEqual(['admin', 'admin']);
  expect(await ask('keeper')).toEqual(['write', 'maintain']);
  expect(await ask('reader')).toEqual(['read', 'read']);
  expect(await ask('stranger')).toEqual(['none', 'none']);
  expect(await statusOf(github.repos.getCollaboratorPermissionLevel({ ...AT, username: 'nobody' }))).toBe(404);
});

it('tells who pushed what, newest first, page by page', async () => {
  const { forge, repository } = await site();
  const shas = [];
  for (const by of ['writer', 'reviewer', 'writer'])
    shas.push(await repository.push({ by, branch: 'change', files: { a: by + shas.length } }));
  await repository.push({ by: 'writer', branch: 'change', files: { a: 'new' }, force: true });
  const github = client(forge, forge.token('reader'));
  const all = await github.paginate('GET /repos/{owner}/{repo}/activity', {
    ...AT,
    ref: 'refs/heads/change',
    per_page: 1,
  });
  expect(all.map(({ actor, activity_type, before }) => [actor?.login, activity_type, before])).toEqual([
    ['writer', 'force_push', shas[2]],
    ['writer', 'push', shas[1]],
    ['reviewer', 'push', shas[0]],
    ['writer', 'branch_creation', '0'.repeat(40)],
  ]);
  const { data } = await github.repos.listActivities({ ...AT, ref: 'change', activity_type: 'force_push' });
  expect(data).toHaveLength(1);
});
