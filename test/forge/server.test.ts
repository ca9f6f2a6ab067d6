import { describe, expect, it } from 'vitest';
import { AT, client, site, statusOf } from './site.ts';

it('answers 304 until something changed, at no cost', async () => {
  const { forge, repository } = await site();
  const token = forge.token('reader');
  const get = (etag = '') =>
    fetch(`${forge.apiUrl}/repos/acme/infra/pulls`, {
      headers: { authorization: `token ${token}`, 'if-none-match': etag },
    });
  const first = await get();
  const etag = first.headers.get('etag') ?? '';
  const left = first.headers.get('x-ratelimit-remaining');
  const second = await get(etag);
  expect([second.status, second.headers.get('etag'), second.headers.get('x-ratelimit-remaining')]).toEqual([
    304,
    etag,
    left,
  ]);
  expect(await second.text()).toBe('');
  await repository.push({ by: 'writer', branch: 'change', files: { a: 'a' } });
  await repository.openPull({ by: 'writer', branch: 'change' });
  const third = await get(etag);
  expect(third.status).toBe(200);
  const fresh = third.headers.get('etag') ?? '';
  await repository.comment(1, { by: 'reader', body: 'Well' });
  expect((await get(fresh)).status).toBe(200);
  expect(forge.ledger.map(({ status }) => status)).toEqual([200, 304, 200, 200]);
});

it('cuts lists into pages', async () => {
  const { forge, repository } = await site();
  await repository.openIssue({ by: 'reader', title: 'Talk' });
  for (let at = 0; at < 5; at += 1) await repository.comment(1, { by: 'reader', body: String(at) });
  const github = client(forge, forge.token('reader'));
  const { data, headers } = await github.issues.listComments({ ...AT, issue_number: 1, per_page: 2, page: 2 });
  expect(data.map(({ body }) => body)).toEqual(['2', '3']);
  const at = `${forge.apiUrl}/repos/acme/infra/issues/1/comments?per_page=2`;
  expect(headers.link).toBe(
    `<${at}&page=1>; rel="prev", <${at}&page=3>; rel="next", <${at}&page=3>; rel="last", <${at}&page=1>; rel="first"`,
  );
  const all = await github.paginate(github.issues.listComments, { ...AT, issue_number: 1, per_page: 2 });
  expect(all.map(({ body }) => body)).toEqual(['0', '1', '2', '3', '4']);
  expect(forge.ledger).toHaveLength(4);
});

describe('who asks', () => {
  it.each([
    ['nobody', undefined, 401],
    ['a wrong token', 'ghp_wrong', 401],
    ['somebody without access', 'stranger', 404],
    ['somebody with access', 'reader', 200],
  ] as const)('%s', async (_, login, status) => {
    const { forge } = await site();
    const token = login === undefined || login.startsWith('ghp_') ? login : forge.token(login);
    expect(await statusOf(client(forge, token).repos.get(AT))).toBe(status);
  });

  it('somebody whose token was taken away', async () => {
    const { forge } = await site();
    const github = client(forge, forge.token('reader'));
    expect((await github.users.getAuthenticated()).data.login).toBe('reader');
    forge.revoke('reader');
    expect(await statusOf(github.users.getAuthenticated())).toBe(401);
  });
});

describe('trouble', () => {
  it('a used-up limit', async () => {
    let now = 1_700_000_000_000;
    const { forge } = await site({ now: () => now });
    const github = client(forge, forge.token('reader'));
    forge.limit({ remaining: 1, resetAfterSeconds: 100 });
    await github.repos.get(AT);
    const failed = github.repos.get(AT);
    await expect(failed).rejects.toMatchObject({
      status: 403,
      response: { headers: { 'x-ratelimit-remaining': '0' }, data: { message: /rate limit exceeded/ } },
    });
    now += 300_000;
    expect(await statusOf(github.repos.get(AT))).toBe(200);
  });

  it('the limit against haste', async () => {
    const { forge } = await site();
    const github = client(forge, forge.token('reader'));
    forge.throttle({ times: 1, retryAfterSeconds: 7, method: 'POST', status: 429 });
    expect(await statusOf(github.repos.get(AT))).toBe(200);
    const failed = github.issues.create({ ...AT, title: 'x' });
    await expect(failed).rejects.toMatchObject({ status: 429, response: { headers: { 'retry-after': '7' } } });
    expect(await statusOf(github.issues.create({ ...AT, title: 'x' }))).toBe(201);
  });

  it.each([
    [502, false, 0],
    [502, true, 1],
    [500, true, 1],
    ['lost', false, 0],
    ['lost', true, 1],
  ] as const)('%s, done: %s', async (answer, isDone, issues) => {
    const { forge, repository } = await site();
    const github = client(forge, forge.token('reader'));
    forge.fail({ method: 'POST', path: /^\/repos\/acme\/infra\/issues$/, answer, isDone, skip: 0 });
    const status = await statusOf(github.issues.create({ ...AT, title: 'x' }));
    expect(status).toBe(answer === 'lost' ? 500 : answer);
    expect(repository.state.issues).toHaveLength(issues);
    expect(await statusOf(github.issues.create({ ...AT, title: 'x' }))).toBe(201);
    expect(forge.ledger.map(entry => entry.status)).toEqual([answer === 'lost' ? 0 : answer, 201]);
  });
});
