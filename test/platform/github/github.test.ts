import { describe, expect, it } from 'vitest';
import { faultJson } from '../../../schemas/fault.ts';
import { type Asked, commentAnswer, faultOf, pullAnswer, type Said, SHA, stub, TOKEN } from './stub.ts';

const REPO = '/api/v3/repos/acme/infra';

describe('failures', () => {
  const cases: readonly {
    readonly name: string;
    readonly said: Said;
    readonly code: string;
    readonly id: string;
    readonly text: RegExp;
  }[] = [
    {
      name: 'a bad token',
      said: { status: 401, json: { message: 'Bad credentials' } },
      code: 'denied',
      id: 'GH-TOKEN',
      text: /new token/,
    },
    {
      name: 'a missing permission',
      said: {
        status: 403,
        headers: { 'x-accepted-github-permissions': 'pull_requests=read' },
        json: { message: 'Resource not accessible by personal access token' },
      },
      code: 'denied',
      id: 'GH-PERMISSION',
      text: /pull_requests=read/,
    },
    {
      name: 'a permission header that is no list of permissions',
      said: { status: 403, headers: { 'x-accepted-github-permissions': '<script>' }, json: {} },
      code: 'denied',
      id: 'GH-PERMISSION',
      text: /^[^<]*$/,
    },
    {
      name: 'single sign-on',
      said: { status: 403, headers: { 'x-github-sso': 'required; url=https://github.com/orgs/acme' }, json: {} },
      code: 'denied',
      id: 'GH-SSO',
      text: /single sign-on/,
    },
    {
      name: 'no such repository',
      said: { status: 404, json: { message: 'Not Found' } },
      code: 'usage',
      id: 'GH-MISSING',
      text: /repository acme\/infra/,
    },
    {
      name: 'an error of the host',
      said: { status: 502, text: '<html>', headers: { 'content-type': 'text/html' } },
      code: 'unavailable',
      id: 'GH-UNAVAILABLE',
      text: /502/,
    },
    { name: 'no answer', said: { cut: true }, code: 'unavailable', id: 'GH-UNAVAILABLE', text: /no answer/ },
    {
      name: 'an answer that was cut off',
      said: { text: '{"default_branch":"ma' },
      code: 'unavailable',
      id: 'GH-UNAVAILABLE',
      text: /no answer/,
    },
    {
      name: 'an answer of another shape',
      said: { json: { default_branch: 7 } },
      code: 'unavailable',
      id: 'GH-SHAPE',
      text: /default_branch/,
    },
    {
      name: 'something refused',
      said: { status: 422, json: { message: 'Validation Failed', errors: [{ field: 'head', code: 'invalid' }, 'x'] } },
      code: 'usage',
      id: 'GH-REFUSED',
      text: /head: invalid/,
    },
  ];
  it.each(cases)('$name', async ({ said, code, id, text }) => {
    const { github } = await stub(() => said);
    const fault = await faultOf(github.defaultBranch());
    expect(fault).toMatchObject({ code, nothingChanged: true });
    expect(fault.problems[0]?.id).toBe(id);
    const shown = JSON.stringify(faultJson(fault)) + fault.stack;
    expect(JSON.stringify(faultJson(fault))).toMatch(text);
    expect(shown).not.toContain(TOKEN);
    expect(fault.cause).toBeUndefined();
  });

  it('asks again when the host is unwell for a moment', async () => {
    const { github, slept } = await stub((_, count) => (count <= 2 ? { status: 503, json: {} } : undefined));
    expect(await github.defaultBranch()).toBe('main');
    expect(slept).toEqual([1_000, 4_000]);
  });

  it('gives up after three tries and says when to come back', async () => {
    const { github, asked } = await stub(() => ({ status: 500, json: {} }));
    const fault = await faultOf(github.openPulls());
    expect(asked).toHaveLength(3);
    expect(fault.data['retryAtMs']).toBe(1_700_000_000_000 + 5_000 + 16_000);
  });
});

describe('limits', () => {
  const date = 'Fri, 02 Jan 2026 03:04:05 GMT';
  const reset = (seconds: number): { [name: string]: string } => ({
    date,
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(Date.parse(date) / 1_000 + seconds),
  });

  it.each<{ name: string; said: Said; waitMs: number }>([
    { name: 'retry-after', said: { status: 403, headers: { 'retry-after': '7' }, json: {} }, waitMs: 7_000 },
    { name: 'status 429', said: { status: 429, headers: { 'retry-after': '2' }, json: {} }, waitMs: 2_000 },
    { name: 'the end of the hour', said: { status: 403, headers: reset(20), json: {} }, waitMs: 21_000 },
  ])('waits out a short one: $name', async ({ said, waitMs }) => {
    const { github, slept, asked } = await stub((_, count) => (count === 1 ? said : undefined));
    expect(await github.defaultBranch()).toBe('main');
    expect(slept).toEqual([waitMs]);
    expect(asked).toHaveLength(2);
  });

  it.each<{ name: string; said: Said; waitMs: number }>([
    { name: 'the end of the hour', said: { status: 403, headers: reset(1_800), json: {} }, waitMs: 1_801_000 },
    {
      name: 'a limit without an end',
      said: { status: 403, json: { message: 'You have exceeded a secondary rate limit' } },
      waitMs: 60_000,
    },
  ])('tells of a long one and asks nothing until it ends: $name', async ({ said, waitMs }) => {
    const { github, slept, asked } = await stub(() => said);
    const first = await faultOf(github.defaultBranch());
    const second = await faultOf(github.openPulls());
    for (const fault of [first, second]) {
      expect(fault).toMatchObject({ code: 'unavailable', nothingChanged: true });
      expect(fault.data['retryAtMs']).toBe(1_700_000_000_000 + waitMs);
    }
    expect(asked).toHaveLength(1);
    expect(slept).toEqual([]);
  });

  it('sends a comment again that a limit held back', async () => {
    let posts = 0;
    const { github } = await stub(({ line }) => {
      if (!line.startsWith('POST')) return undefined;
      posts += 1;
      return posts === 1
        ? { status: 403, headers: { 'retry-after': '1' }, json: {} }
        : { status: 201, json: commentAnswer(1, 'x') };
    });
    expect((await github.remark(7, { id: null, body: 'x' })).id).toBe('1');
    expect(posts).toBe(2);
  });
});

describe('lists', () => {
  const page = ({ line }: Asked): number => Number(new URL(line.slice(4), 'http://x').searchParams.get('page'));
  const pulls = (from: number, count: number): object[] =>
    Array.from({ length: count }, (_, index) => pullAnswer(from + index));

  it('reads every page', async () => {
    const { github, asked } = await stub(one => ({
      json: pulls(page(one) * 100, page(one) === 3 ? 1 : 100),
      headers: page(one) < 3 ? { link: '<https://elsewhere.example/?page=2>; rel="next"' } : {},
    }));
    const found = await github.openPulls();
    expect(found.map(({ number }) => number)).toEqual(Array.from({ length: 201 }, (_, index) => 100 + index));
    expect(asked).toHaveLength(3);
  });

  it('follows a page with few entries when the host says that there is another', async () => {
    const { github } = await stub(one => ({
      json: pulls(page(one), 1),
      headers: page(one) === 1 ? { link: '<x>; rel="next"' } : {},
    }));
    expect(await github.openPulls()).toHaveLength(2);
  });

  it.each([
    { status: 500, json: {} },
    { status: 409, json: {} },
    { status: 404, json: {} },
    { json: [pullAnswer(1, { number: 'one' })] },
  ])('never gives a part: a page answers %j', async said => {
    const { github } = await stub(one => (page(one) === 2 ? said : { json: pulls(1, 100) }));
    await expect(github.openPulls()).rejects.toMatchObject({ name: 'Fault' });
  });

  it('asks with the tag of the former answer, and takes it when nothing changed', async () => {
    const { github, asked } = await stub(({ headers }) =>
      headers['if-none-match'] === 'W/"1"'
        ? { status: 304 }
        : { json: [pullAnswer(1), pullAnswer(2)], headers: { etag: 'W/"1"' } },
    );
    const first = await github.openPulls();
    const second = await github.openPulls();
    expect(second).toEqual(first);
    expect(asked.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, 'W/"1"']);
  });

  it('finds the second page that came after the first was remembered as the last', async () => {
    let isLonger = false;
    const { github } = await stub(one => {
      if (page(one) === 2) return { json: isLonger ? pulls(101, 1) : [], headers: { etag: `"2${isLonger}"` } };
      return one.headers['if-none-match'] === '"1"'
        ? { status: 304 }
        : { json: pulls(1, 100), headers: { etag: '"1"' } };
    });
    expect(await github.openPulls()).toHaveLength(100);
    isLonger = true;
    expect(await github.openPulls()).toHaveLength(101);
  });
});

describe('redirects', () => {
  it('follows a renamed repository on the same host', async () => {
    const { github, asked } = await stub(({ line }) =>
      line === `GET ${REPO}`
        ? { status: 301, headers: { location: '/api/v3/repositories/5' }, json: {} }
        : { json: { default_branch: 'trunk' } },
    );
    expect(await github.defaultBranch()).toBe('trunk');
    expect(asked[1]?.headers.authorization).toBe(`token ${TOKEN}`);
  });

  it('takes no credential to another host', async () => {
    const other = await stub(() => ({ json: { default_branch: 'evil' } }));
    const { github } = await stub(() => ({
      status: 302,
      headers: { location: `${other.origin.replace('127.0.0.1', 'localhost')}/x` },
      json: {},
    }));
    expect(await faultOf(github.defaultBranch())).toMatchObject({ code: 'usage', problems: [{ id: 'GH-REDIRECT' }] });
    expect(other.asked).toEqual([]);
  });
});

describe('answers that were lost', () => {
  const body = '<!-- provisioning:review 7 -->\nThe plan';

  it('writes one comment', async () => {
    const written: string[] = [];
    const { github, asked } = await stub(({ line, body: sent }) => {
      if (line.startsWith(`GET ${REPO}/issues/7/comments`))
        return { json: written.map((text, index) => commentAnswer(index + 1, text)) };
      if (line === `POST ${REPO}/issues/7/comments`) {
        written.push(String(sent['body']));
        return { cut: true };
      }
      return line === `PATCH ${REPO}/issues/comments/1` ? { json: commentAnswer(1, sent['body']) } : undefined;
    });
    const remark = await github.remark(7, { id: null, body });
    expect(remark).toMatchObject({ id: '1', body, isOwn: true });
    expect(written).toEqual([body]);
    expect(asked.filter(({ line }) => line.startsWith('POST'))).toHaveLength(1);
  });

  it('writes one comment also in the place of one that was deleted', async () => {
    const written: string[] = [];
    const { github } = await stub(({ line, body: sent }) => {
      if (line.startsWith(`GET ${REPO}/issues/7/comments`))
        return { json: written.map((text, index) => commentAnswer(index + 1, text)) };
      if (line.startsWith('POST')) written.push(String(sent['body']));
      if (line.startsWith('POST')) return { status: 502, json: {} };
      return line === `PATCH ${REPO}/issues/comments/1` ? { json: commentAnswer(1, sent['body']) } : undefined;
    });
    expect((await github.remark(7, { id: '99', body })).id).toBe('1');
    expect(written).toHaveLength(1);
  });

  it('does not write a comment again that it could not find', async () => {
    const { github, asked } = await stub(({ line }) => (line.startsWith('POST') ? { cut: true } : undefined));
    expect(await faultOf(github.remark(7, { id: null, body: 'no marker' }))).toMatchObject({ nothingChanged: false });
    expect(asked.filter(({ line }) => line.startsWith('POST'))).toHaveLength(1);
  });

  it('does not take a comment of somebody else that holds the same marker', async () => {
    const { github, asked } = await stub(({ line, body: sent }) => {
      if (line.startsWith(`GET ${REPO}/issues/7/comments`)) return { json: [commentAnswer(1, body, 'mallory')] };
      return line.startsWith('POST') ? { status: 201, json: commentAnswer(2, sent['body']) } : undefined;
    });
    expect((await github.remark(7, { id: null, body })).id).toBe('2');
    expect(asked.some(({ line }) => line.startsWith('PATCH'))).toBe(false);
  });

  it('says that something may have changed when it never finds out', async () => {
    const { github, asked } = await stub(({ line }) =>
      line.startsWith('POST') ? { cut: true } : line.includes('/comments') ? { json: [] } : undefined,
    );
    expect(await faultOf(github.remark(7, { id: null, body }))).toMatchObject({
      code: 'unavailable',
      nothingChanged: false,
    });
    expect(asked.filter(({ line }) => line.startsWith('POST'))).toHaveLength(3);
  });

  it('opens one issue, and one pull request', async () => {
    const opened: object[] = [];
    const issue = (number: number): object => ({
      number,
      html_url: 'https://github.com/acme/infra/issues/1',
      title: 'Drift',
      body,
      state: 'open',
      user: { login: 'robot' },
      updated_at: '2026-01-02T03:04:05Z',
    });
    const { github } = await stub(({ line }) => {
      if (line.startsWith(`GET ${REPO}/issues?`) || line.startsWith(`GET ${REPO}/pulls?`)) return { json: opened };
      if (line === `PATCH ${REPO}/issues/1`) return { json: issue(1) };
      if (line.startsWith('POST')) opened.push(line.endsWith('issues') ? issue(1) : pullAnswer(2));
      return line.startsWith('POST') ? { status: 502, json: {} } : undefined;
    });
    expect((await github.putIssue({ number: null, title: 'Drift', body, state: 'open' })).number).toBe(1);
    expect(opened).toHaveLength(1);
    opened.length = 0;
    expect((await github.openPull({ branch: 'topic', base: 'main', title: 'T', body: '' })).number).toBe(2);
    expect(opened).toHaveLength(1);
  });
});

describe('one thing by its number', () => {
  it('is null when the repository has none, and a fault when there is no repository', async () => {
    const { github } = await stub(() => undefined);
    expect(await github.pull(9)).toBeNull();
    const gone = await stub(() => ({ status: 404, json: {} }));
    expect(await faultOf(gone.github.pull(9))).toMatchObject({ code: 'usage' });
  });

  it('knows a fork, also one that was deleted, and a merge', async () => {
    const head = { sha: SHA, ref: 'main', repo: null as object | null };
    const { github } = await stub(({ line }) => {
      if (line.endsWith('/1')) return { json: pullAnswer(1, { head }) };
      if (line.endsWith('/2')) return { json: pullAnswer(2, { head: { ...head, repo: { full_name: 'eve/infra' } } }) };
      return { json: pullAnswer(3, { state: 'closed', merged_at: '2026-01-02T03:04:05Z', user: null }) };
    });
    expect(await github.pull(1)).toMatchObject({ head: { isFork: true }, mergeCommit: null, state: 'open' });
    expect(await github.pull(2)).toMatchObject({ head: { isFork: true, ref: 'refs/pull/2/head' } });
    expect(await github.pull(3)).toMatchObject({
      head: { isFork: false },
      state: 'merged',
      mergeCommit: SHA,
      author: 'ghost',
      labels: ['urgent'],
    });
  });
});
