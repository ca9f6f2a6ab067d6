import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestRepository } from '../forge/repository.ts';
import { type GithubSite, openGithubSite, type Watching } from './github-site.ts';

let site: GithubSite;
beforeEach(async () => {
  site = await openGithubSite();
});
afterEach(() => site.close());

const PATIENCE = { timeout: 90_000 };

const server = (name: string, size = 'small'): string =>
  `server:\n  ${name}: { size: ${size}, image: debian-12, zone: fi-1 }\n`;

/** Opens, plans, approves and merges a pull request with one file. */
async function merged(repository: TestRepository, credential: {}, file: { readonly [path: string]: string }) {
  const branch = Object.keys(file)[0]?.replaceAll(/\W/g, '-') ?? 'change';
  await repository.push({ by: 'ann', branch, files: file });
  const number = await repository.openPull({ by: 'ann', branch });
  await site.provisioning(repository, credential, 'review');
  await repository.review(number, { by: 'ben', verdict: 'approve' });
  await repository.merge(number, { by: 'ann', method: 'squash' });
  return number;
}

it('a failed merge is taken back by a pull request where the workspace asks for it', async () => {
  const repository = await site.published('pullRequests: { revert: true }\n');
  const credential = site.credentials().App;
  const number = await merged(repository, credential, { 'infra/main.yaml': server('web') });
  site.cloud.core.arm({ fault: 'quota', match: { kind: 'server' }, times: null });
  await site.provisioning(repository, credential, 'reconcile', '--once', '--wait', '5');
  expect(repository.comments(number)[0]?.body).toContain('stage failed');
  const opened = () => repository.state.issues.filter(one => one.pull !== null && one.state === 'open');
  const [revert, ...more] = opened();
  expect(more).toEqual([]);
  const branch = `revert-${number}-${(await repository.tip('main'))?.slice(0, 8)}`;
  expect(revert).toMatchObject({ title: `Revert #${number}: its apply failed` });
  expect(await repository.file('main', 'infra/main.yaml')).toBe(server('web'));
  expect(await repository.file(branch, 'infra/main.yaml')).toBeNull();
  expect(await repository.file(branch, 'workspace.yaml')).not.toBeNull();
  // Looked at again, nothing more is opened, and it is planned like any other.
  await site.provisioning(repository, credential, 'reconcile', '--once', '--wait', '5');
  expect(opened()).toHaveLength(1);
  expect(repository.comments(revert?.number ?? 0)).toHaveLength(1);
});

it("a fork's head is fetched by its reference alone, and followed when it moves", async () => {
  const repository = await site.published();
  const credential = site.credentials().App;
  const fork = await repository.fork({ by: 'eve' });
  const head = await fork.push({ by: 'eve', branch: 'mine', files: { 'infra/main.yaml': server('web') } });
  const number = await repository.openPull({ by: 'eve', branch: 'mine', from: fork });
  expect(await repository.tip('mine')).toBeNull();
  const before = site.forge.gitLedger.length;
  const planned = await site.provisioning(repository, credential, 'review');
  expect(planned.reviews).toMatchObject([{ stage: 'planned' }]);
  const [comment] = repository.comments(number);
  expect(comment?.body).toContain(`/acme/infrastructure/blob/${head}/infra/main.yaml#L2`);
  expect(comment?.body).toContain('server/web');
  // Nobody asked the fork itself for anything.
  const asked = site.forge.gitLedger.slice(before).map(({ path }) => path);
  expect(asked.length).toBeGreaterThan(0);
  expect(asked.filter(path => !path.startsWith('/acme/infrastructure'))).toEqual([]);
  const next = await fork.push({
    by: 'eve',
    branch: 'mine',
    files: { 'infra/main.yaml': server('other') },
    force: true,
  });
  await site.provisioning(repository, credential, 'review');
  const [again, ...more] = repository.comments(number);
  expect(more).toEqual([]);
  expect(again?.body).toContain(`/blob/${next}/`);
  expect(again?.body).toContain('server/other');
  expect(again?.body).not.toContain('server/web');
});

describe('a webhook', () => {
  const SECRET = 'a secret of enough characters';
  let repository: TestRepository;
  let watching: Watching;
  afterEach(() => watching.stop());

  /** Every writing that reached the cloud or the host. */
  const writings = (): readonly string[] => [
    ...site.cloud.core.ledger().flatMap(({ effect, id }) => (effect === 'none' ? [] : [`${effect} ${id}`])),
    ...site.forge.ledger.flatMap(({ method, path }) =>
      method === 'GET' || path.includes('/access_tokens') ? [] : [`${method} ${path}`],
    ),
  ];
  const servers = (): readonly string[] =>
    site.cloud.core.objects().map(({ name, fields }) => `${name}:${String(fields['size'])}`);

  /** Opens a pull request, approves and merges it, and waits until it is reported: all of it is done by webhooks alone. */
  async function done(branch: string, size: string): Promise<number> {
    await repository.push({ by: 'ann', branch, files: { 'infra/main.yaml': server('web', size) } });
    const number = await repository.openPull({ by: 'ann', branch });
    const said = () => repository.comments(number)[0]?.body ?? '';
    await expect.poll(said, PATIENCE).toContain('stage planned');
    await repository.merge(number, { by: 'ann', method: 'squash' });
    await expect.poll(said, PATIENCE).toContain('stage waiting');
    expect(servers()).not.toContain(`shop-web:${size}`);
    await repository.review(number, { by: 'ben', verdict: 'approve' });
    await expect.poll(servers, PATIENCE).toEqual([`shop-web:${size}`]);
    await expect.poll(said, PATIENCE).toContain('stage applied');
    // Its last word is the mark on what it became.
    const tip = (await repository.tip('main')) ?? '';
    await expect.poll(() => repository.checks(tip).map(({ conclusion }) => conclusion), PATIENCE).toEqual(['success']);
    return number;
  }

  /** Two merges, both applied: the second one grew the server that the first one made. */
  async function twice(): Promise<{ readonly first: number }> {
    repository = await site.published();
    watching = await site.watching(repository, site.credentials().App, SECRET);
    site.forge.hook({ url: watching.url, secret: SECRET });
    const first = await done('add', 'small');
    await done('grow', 'large');
    await site.forge.settled();
    return { first };
  }

  /** Sends what somebody who knows the secret could send. The answer's status. */
  async function send(event: string, id: string, payload: object): Promise<number> {
    const body = JSON.stringify(payload);
    const signature = createHmac('sha256', SECRET).update(body).digest('hex');
    const headers = {
      'content-type': 'application/json',
      'x-github-event': event,
      'x-github-delivery': id,
      'x-hub-signature-256': `sha256=${signature}`,
    };
    return (await fetch(watching.url, { method: 'POST', headers, body })).status;
  }

  /** Waits until the program looked at the host once more, and then saw something new: what came before is done by then. */
  async function lookedAgain(): Promise<void> {
    const branch = `later-${site.forge.ledger.length}`;
    await repository.push({ by: 'ann', branch, files: { [`infra/${branch}.yaml`]: server(branch) } });
    const number = await repository.openPull({ by: 'ann', branch });
    await expect.poll(() => repository.comments(number).length, PATIENCE).toBe(1);
    await site.forge.settled();
  }

  it('H11 that is a day old applies nothing older: the newest head is looked up', async () => {
    const { first } = await twice();
    const old = site.forge
      .deliveries()
      .filter(({ event, payload }) => event === 'push' || JSON.stringify(payload).includes(`"number":${first}`));
    expect(old.length).toBeGreaterThan(3);
    const [before, reads] = [writings(), site.forge.ledger.length];
    const comment = repository.comments(first)[0]?.body;
    // By then nobody remembers their numbers, or somebody gives them new ones.
    for (const [index, { event, payload }] of old.entries())
      expect(await send(event, `a day later ${index}`, payload)).toBe(202);
    await expect.poll(() => site.forge.ledger.length, PATIENCE).toBeGreaterThan(reads);
    expect(writings()).toEqual(before);
    await lookedAgain();
    expect(servers()).toEqual(['shop-web:large']);
    expect(repository.comments(first).map(({ body }) => body)).toEqual([comment]);
  });

  it('H12 about commits that do not exist any more, or never did, is looked up and applies nothing', async () => {
    const { first } = await twice();
    const gone = await repository.push({ by: 'ann', branch: 'gone', files: { 'infra/gone.yaml': server('gone') } });
    const number = await repository.openPull({ by: 'ann', branch: 'gone' });
    await expect.poll(() => repository.comments(number).length, PATIENCE).toBe(1);
    await repository.push({ by: 'ann', branch: 'gone', files: { 'readme.md': 'nothing' }, force: true });
    const planned = () => repository.comments(number)[0]?.body ?? '';
    await expect.poll(planned, PATIENCE).not.toContain('server/gone');
    await site.forge.settled();
    const [before, reads] = [writings(), site.forge.ledger.length];
    const named = { full_name: 'acme/infrastructure' };
    for (const [index, sha] of [gone, 'd'.repeat(40)].entries()) {
      const push = { ref: 'refs/heads/main', after: sha, repository: named };
      expect(await send('push', `push ${index}`, push)).toBe(202);
      for (const about of [first, number, 4_711]) {
        const head = { number: about, head: { sha }, merged: true, merge_commit_sha: sha };
        const payload = { action: 'closed', number: about, pull_request: head, repository: named };
        expect(await send('pull_request', `pull ${index} ${about}`, payload)).toBe(202);
      }
    }
    await expect.poll(() => site.forge.ledger.length, PATIENCE).toBeGreaterThan(reads);
    expect(writings()).toEqual(before);
    await lookedAgain();
    expect(servers()).toEqual(['shop-web:large']);
  });
});
