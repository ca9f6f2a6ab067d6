import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type GithubSite, openGithubSite } from './github-site.ts';

let site: GithubSite;
beforeEach(async () => {
  site = await openGithubSite();
});
afterEach(() => site.close());

const SERVER = 'server:\n  web: { size: small, image: debian-12, zone: fi-1 }\n';

describe.each(['App', 'token'] as const)('on GitHub, with the credential of an account: %s', kind => {
  it('a pull request is planned, approved, merged, applied and reported in one comment', async () => {
    const repository = await site.published();
    repository.grant('robot', 'write');
    const credential = site.credentials()[kind];
    const head = await repository.push({ by: 'ann', branch: 'add-web', files: { 'infra/main.yaml': SERVER } });
    const number = await repository.openPull({ by: 'ann', branch: 'add-web' });
    const planned = await site.provisioning(repository, credential, 'review');
    expect(planned.reviews).toMatchObject([{ stage: 'planned' }]);
    expect(repository.comments(number)).toHaveLength(1);
    expect(repository.comments(number)[0]?.body).toContain(`/acme/infrastructure/blob/${head}/infra/main.yaml#L2`);
    const isMarked = (sha: string, name: string, state: string): boolean =>
      repository.checks(sha).some(check => check.name === name && check.conclusion === state) ||
      repository.statuses(sha).some(status => status.context === name && status.state === state);
    expect(isMarked(head, 'provisioning/plan', 'success')).toBe(true);
    await repository.merge(number, { by: 'ann', method: 'squash' });
    const early = await site.provisioning(repository, credential, 'reconcile', '--once');
    expect(early.passes).toMatchObject([{ status: 'waiting', writes: 0 }]);
    await repository.review(number, { by: 'ben', verdict: 'approve' });
    const applied = await site.provisioning(repository, credential, 'reconcile', '--once');
    expect(applied.passes).toMatchObject([{ status: 'applied', writes: 1 }]);
    const [comment, ...more] = repository.comments(number);
    expect(more).toEqual([]);
    expect(comment?.body).toContain('provisioning:stage applied');
    expect(isMarked((await repository.tip('main')) ?? '', 'provisioning/apply', 'success')).toBe(true);
    const before = site.forge.ledger.length;
    const again = await site.provisioning(repository, credential, 'reconcile', '--once');
    expect(again.passes).toMatchObject([{ status: 'in-sync', writes: 0 }]);
    const later = site.forge.ledger.slice(before).filter(({ method }) => method !== 'GET');
    expect(later.filter(({ path }) => !path.includes('access_tokens'))).toEqual([]);
  });
});

it('a fork is planned without any request to a cloud', async () => {
  const repository = await site.published();
  const credential = site.credentials().App;
  const fork = await repository.fork({ by: 'eve' });
  await fork.push({ by: 'eve', branch: 'add-web', files: { 'infra/main.yaml': SERVER } });
  const number = await repository.openPull({ by: 'eve', branch: 'add-web', from: fork });
  const before = site.cloud.core.ledger().length;
  const planned = await site.provisioning(repository, credential, 'review');
  expect(planned.reviews).toMatchObject([{ stage: 'planned' }]);
  expect(site.cloud.core.ledger().length).toBe(before);
  expect(repository.comments(number)[0]?.body).toMatch(/recorded/);
});

it('a webhook makes the next look come at once', async () => {
  const repository = await site.published();
  const credential = site.credentials().App;
  const secret = 'a secret of enough characters';
  const watching = await site.watching(repository, credential, secret);
  try {
    site.forge.hook({ url: watching.url, secret });
    await repository.push({ by: 'ann', branch: 'add-web', files: { 'infra/main.yaml': SERVER } });
    const number = await repository.openPull({ by: 'ann', branch: 'add-web' });
    await expect.poll(() => repository.comments(number).length, { timeout: 20_000 }).toBe(1);
  } finally {
    await watching.stop();
  }
});
