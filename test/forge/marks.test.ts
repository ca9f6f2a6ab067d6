import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { expect, it } from 'vitest';
import { AT, client, SILENT, site, statusOf } from './site.ts';

it('lets an App in by its signature, and only where it is installed', async () => {
  const { forge } = await site();
  const app = forge.app({ slug: 'provisioner', repositories: ['acme/infra'] });
  await forge.repository('acme/other', { files: { a: 'a' } });
  const { appId, privateKey } = app;
  const as = (auth: object): Octokit =>
    new Octokit({
      baseUrl: forge.apiUrl,
      authStrategy: createAppAuth,
      auth: { appId, privateKey, ...auth },
      log: SILENT,
    });
  const itself = as({});
  expect((await itself.apps.getAuthenticated()).data?.slug).toBe('provisioner');
  const { data: installation } = await itself.apps.getRepoInstallation(AT);
  expect(installation.id).toBe(app.installationId);
  expect(await statusOf(itself.apps.getRepoInstallation({ ...AT, repo: 'other' }))).toBe(404);
  const github = as({ installationId: installation.id });
  await github.issues.create({ ...AT, title: 'Hello' });
  expect((await github.issues.get({ ...AT, issue_number: 1 })).data.user?.login).toBe(app.login);
  expect(await statusOf(github.repos.get({ ...AT, repo: 'other' }))).toBe(404);
  expect(await statusOf(github.users.getAuthenticated())).toBe(403);
  const other = forge.app({ slug: 'other', repositories: [] });
  const wrong = as({ privateKey: other.privateKey });
  expect(await statusOf(wrong.apps.getAuthenticated())).toBe(401);
});

it('lets Apps alone write check runs', async () => {
  const { forge, repository } = await site();
  const sha = (await repository.tip('main')) ?? '';
  const app = forge.app({ slug: 'provisioner', repositories: ['acme/infra'] });
  const weak = forge.app({ slug: 'weak', repositories: ['acme/infra'], permissions: { checks: 'read' } });
  const person = client(forge, forge.token('acme'));
  const github = client(forge, app.token());
  const write = { ...AT, name: 'plan', head_sha: sha };
  expect(await statusOf(person.checks.create(write))).toBe(403);
  const refused = client(forge, weak.token()).checks.create(write);
  await expect(refused).rejects.toMatchObject({
    status: 403,
    response: { headers: { 'x-accepted-github-permissions': 'checks=write' } },
  });
  expect(await statusOf(github.checks.create({ ...write, head_sha: '1'.repeat(40) }))).toBe(422);
  const { data: run } = await github.checks.create({ ...write, status: 'in_progress' });
  expect(run).toMatchObject({ status: 'in_progress', conclusion: null, app: { slug: 'provisioner' } });
  const annotation = { path: 'a', start_line: 1, end_line: 1, annotation_level: 'notice', message: 'm' } as const;
  const update = (output: { summary: string; text?: string; annotations?: (typeof annotation)[] }) =>
    statusOf(github.checks.update({ ...AT, check_run_id: run.id, output }));
  expect(await update({ summary: 'x'.repeat(65_536) })).toBe(422);
  expect(await update({ summary: 's', text: 'x'.repeat(65_536) })).toBe(422);
  expect(await update({ summary: 's', annotations: Array.from({ length: 51 }, () => annotation) })).toBe(422);
  expect(await update({ summary: 's', annotations: Array.from({ length: 50 }, () => annotation) })).toBe(200);
  expect(await update({ summary: 's', text: 'x'.repeat(65_535), annotations: [annotation] })).toBe(200);
  const notes = await github.paginate(github.checks.listAnnotations, { ...AT, check_run_id: run.id });
  expect(notes).toHaveLength(51);
  await github.checks.update({ ...AT, check_run_id: run.id, conclusion: 'success' });
  const listed = await person.checks.listForRef({ ...AT, ref: 'main', check_name: 'plan' });
  expect(listed.data).toMatchObject({
    total_count: 1,
    check_runs: [{ status: 'completed', conclusion: 'success', output: { summary: 's', annotations_count: 51 } }],
  });
  const other = forge.app({ slug: 'other', repositories: ['acme/infra'] });
  const foreign = client(forge, other.token()).checks.update({ ...AT, check_run_id: run.id, conclusion: 'failure' });
  expect(await statusOf(foreign)).toBe(403);
});

it('holds a token to its permissions', async () => {
  const { forge } = await site();
  await forge.repository('writer/own', { files: { a: 'a' } });
  const limits = { permissions: { issues: 'read' }, repositories: ['acme/infra'] } as const;
  const github = client(forge, forge.token('writer', limits));
  expect(await statusOf(github.issues.listForRepo(AT))).toBe(200);
  expect(await statusOf(github.issues.create({ ...AT, title: 'x' }))).toBe(403);
  expect(await statusOf(github.pulls.list(AT))).toBe(403);
  expect(await statusOf(github.repos.get({ owner: 'writer', repo: 'own' }))).toBe(404);
});

it('keeps every status, and counts the newest of each context', async () => {
  const { forge, repository } = await site();
  const sha = (await repository.tip('main')) ?? '';
  const github = client(forge, forge.token('writer'));
  const write = (context: string, state: 'pending' | 'success' | 'failure', description = '') =>
    github.repos.createCommitStatus({ ...AT, sha, context, state, description });
  await write('plan', 'pending');
  await write('apply', 'success');
  const combined = async () => (await github.repos.getCombinedStatusForRef({ ...AT, ref: sha })).data;
  expect(await combined()).toMatchObject({ state: 'pending', total_count: 2 });
  await write('plan', 'success');
  expect(await combined()).toMatchObject({ state: 'success', total_count: 2 });
  const { data } = await github.repos.listCommitStatusesForRef({ ...AT, ref: 'main' });
  expect(data.map(({ context, state, creator }) => [context, state, creator?.login])).toEqual([
    ['plan', 'success', 'writer'],
    ['apply', 'success', 'writer'],
    ['plan', 'pending', 'writer'],
  ]);
  expect(await statusOf(write('plan', 'failure', 'x'.repeat(141)))).toBe(422);
  const reader = client(forge, forge.token('reader'));
  expect(await statusOf(reader.repos.createCommitStatus({ ...AT, sha, state: 'success' }))).toBe(403);
});
