import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { folder, gitIn, site } from './site.ts';

it('clones and takes a push over HTTP, and the push is known by REST at once', async () => {
  const { forge, repository } = await site();
  const work = folder();
  const url = forge.gitUrl('acme/infra', forge.token('writer'));
  await gitIn(work, 'clone', '--quiet', url, '.');
  expect(await gitIn(work, 'rev-parse', 'HEAD')).toBe(await repository.tip('main'));
  await gitIn(work, 'checkout', '--quiet', '-b', 'feature/a');
  writeFileSync(join(work, 'new.txt'), 'new\n');
  await gitIn(work, 'add', '.');
  await gitIn(work, 'commit', '--quiet', '-m', 'New file');
  await gitIn(work, 'push', '--quiet', 'origin', 'feature/a');
  const sha = await gitIn(work, 'rev-parse', 'HEAD');
  expect(await repository.tip('feature/a')).toBe(sha);
  expect(repository.activity('feature/a')).toMatchObject([
    { by: 'writer', before: '0'.repeat(40), after: sha, kind: 'branch_creation' },
  ]);
  const number = await repository.openPull({ by: 'writer', branch: 'feature/a' });
  expect(await gitIn(work, 'ls-remote', 'origin', `refs/pull/${number}/*`)).toBe(
    `${sha}\trefs/pull/1/head\n${await repository.tip('refs/pull/1/merge')}\trefs/pull/1/merge`,
  );
  await gitIn(work, 'commit', '--quiet', '--amend', '-m', 'Better');
  await gitIn(work, 'push', '--quiet', '--force', 'origin', 'feature/a');
  expect(repository.activity('feature/a')[0]?.kind).toBe('force_push');
  expect(repository.pull(number).pull.headSha).toBe(await gitIn(work, 'rev-parse', 'HEAD'));
  await gitIn(work, 'push', '--quiet', 'origin', ':feature/a');
  expect(repository.pull(number).state).toBe('closed');
});

it('clones in part', async () => {
  const { forge } = await site();
  const work = folder();
  const url = forge.gitUrl('acme/infra', forge.token('reader'));
  await gitIn(work, 'clone', '--quiet', '--bare', '--filter=blob:none', url, '.');
  expect(await gitIn(work, 'show', 'main:README.md')).toBe('hello');
});

it('asks Git clients who they are', async () => {
  const { forge } = await site();
  await forge.repository('acme/open', { files: { a: 'a' }, isPrivate: false });
  const work = folder();
  const list = (token?: string, name = 'acme/infra') => gitIn(work, 'ls-remote', forge.gitUrl(name, token));
  await expect(list()).rejects.toThrow(/could not read Username/);
  await expect(list('wrong')).rejects.toThrow(/Authentication failed/);
  await expect(list(forge.token('stranger'))).rejects.toThrow(/not found/);
  expect(await list(undefined, 'acme/open')).toContain('refs/heads/main');
  expect(await list(forge.token('stranger'), 'acme/open')).toContain('refs/heads/main');
  const reader = forge.gitUrl('acme/infra', forge.token('reader'));
  await gitIn(work, 'clone', '--quiet', reader, '.');
  await expect(gitIn(work, 'push', 'origin', 'HEAD:refs/heads/mine')).rejects.toThrow(/403/);
  expect(forge.gitLedger.filter(({ status }) => status === 403)).toMatchObject([{ login: 'reader', method: 'GET' }]);
});

it('keeps people out of protected branches and its own references', async () => {
  const { forge, repository } = await site();
  const work = folder();
  await gitIn(work, 'clone', '--quiet', forge.gitUrl('acme/infra', forge.token('writer')), '.');
  await gitIn(work, 'commit', '--quiet', '--allow-empty', '-m', 'Empty');
  const push = (...refs: readonly string[]) => gitIn(work, 'push', 'origin', ...refs);
  await expect(push('HEAD:refs/pull/1/head')).rejects.toThrow(/hidden ref/);
  repository.protect('main', { approvals: 1 });
  await expect(push('HEAD:main')).rejects.toThrow(/GH006/);
  await expect(repository.push({ by: 'writer', branch: 'main', files: { a: 'a' } })).rejects.toThrow(/pull request/);
  repository.protect('main', {});
  await push('HEAD:main');
  await expect(push('--force', 'HEAD^:main')).rejects.toThrow(/GH006/);
  repository.protect('main', { bypass: ['writer'] });
  await push('--force', 'HEAD^:main');
  expect(await repository.tip('main')).toBe(await gitIn(work, 'rev-parse', 'HEAD^'));
});

it('loses the answer to a push that was done', async () => {
  const { forge, repository } = await site();
  const work = folder();
  await gitIn(work, 'clone', '--quiet', forge.gitUrl('acme/infra', forge.token('writer')), '.');
  await gitIn(work, 'commit', '--quiet', '--allow-empty', '-m', 'Empty');
  forge.fail({ path: /git-receive-pack$/, method: 'POST', answer: 'lost', isDone: true });
  await expect(gitIn(work, 'push', 'origin', 'main')).rejects.toThrow();
  expect(await repository.tip('main')).toBe(await gitIn(work, 'rev-parse', 'HEAD'));
  expect(repository.activity('main')[0]).toMatchObject({ by: 'writer', kind: 'push' });
});

it('takes a large push whole, and is held up by nobody who stops in the middle of one', async () => {
  const { forge, repository } = await site();
  const work = folder();
  const token = forge.token('writer');
  await gitIn(work, 'clone', '--quiet', forge.gitUrl('acme/infra', token), '.');
  const socket = connect(Number(new URL(forge.url).port), '127.0.0.1');
  await once(socket, 'connect');
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  socket.write(
    `POST /acme/infra.git/git-receive-pack HTTP/1.1\r\nHost: forge\r\nAuthorization: Basic ${basic}\r\nContent-Length: 9999\r\n\r\n00`,
  );
  writeFileSync(join(work, 'large'), randomBytes(8_000_000));
  await gitIn(work, 'add', '.');
  await gitIn(work, 'commit', '--quiet', '-m', 'Large');
  await gitIn(work, 'push', '--quiet', 'origin', 'main');
  socket.destroy();
  const sha = await gitIn(work, 'rev-parse', 'HEAD');
  expect(await repository.tip('main')).toBe(sha);
  const again = folder();
  await gitIn(again, 'clone', '--quiet', forge.gitUrl('acme/infra', token), '.');
  expect(await gitIn(again, 'rev-parse', 'HEAD:large')).toBe(await gitIn(work, 'rev-parse', 'HEAD:large'));
});
