import { describe, expect, it } from 'vitest';
import { commentAnswer, pullAnswer, type Said, SHA, stub, TIME } from './stub.ts';

const REPO = '/api/v3/repos/acme/infra';
const AT = Date.parse(TIME);
const OTHER = 'b'.repeat(40);

/** Says one answer to every question whose address begins so. */
async function saying(begin: string, said: Said) {
  return (await stub(({ line }) => (line.startsWith(`GET ${REPO}${begin}`) ? said : undefined))).github;
}

function review(minute: number, login: string | null, state: string, commit: string | null = SHA): object {
  const submitted_at = `2026-01-02T03:0${minute}:00Z`;
  return { user: login === null ? null : { login }, state, commit_id: commit, submitted_at };
}

describe('reviews', () => {
  it.each<{ name: string; told: readonly object[]; words: readonly string[] }>(
    [
      { name: 'a comment takes no approval back', told: ['APPROVED', 'COMMENTED'], words: ['approved'] },
      { name: 'a dismissal does', told: ['APPROVED', 'DISMISSED'], words: ['dismissed'] },
      { name: 'and an approval after it counts', told: ['DISMISSED', 'APPROVED'], words: ['approved'] },
      { name: 'the newest word counts', told: ['APPROVED', 'CHANGES_REQUESTED'], words: ['changes-requested'] },
      { name: 'a word after a comment counts', told: ['COMMENTED', 'APPROVED'], words: ['approved'] },
      { name: 'a mere comment is told', told: ['COMMENTED', 'COMMENTED'], words: ['commented'] },
      { name: 'what is not handed in is not', told: ['PENDING'], words: [] },
    ].map(({ told, ...more }) => ({ ...more, told: told.map((state, index) => review(index, 'ada', state)) })),
  )('$name', async ({ told, words }) => {
    const github = await saying('/pulls/7/reviews', { json: told });
    expect((await github.reviews(7)).map(({ verdict }) => verdict)).toEqual(words);
  });

  it('tells one word of each reviewer, oldest first, with the commit', async () => {
    const told = [
      review(5, 'bob', 'APPROVED', OTHER),
      review(1, 'ada', 'APPROVED'),
      review(2, null, 'CHANGES_REQUESTED', null),
    ];
    const github = await saying('/pulls/7/reviews', { json: told });
    expect(await github.reviews(7)).toEqual([
      { by: 'ada', verdict: 'approved', sha: SHA, at: Date.parse('2026-01-02T03:01:00Z') },
      { by: 'ghost', verdict: 'changes-requested', sha: '0'.repeat(40), at: Date.parse('2026-01-02T03:02:00Z') },
      { by: 'bob', verdict: 'approved', sha: OTHER, at: Date.parse('2026-01-02T03:05:00Z') },
    ]);
  });
});

describe('pull requests of a commit', () => {
  const merged = { state: 'closed', merged_at: TIME };

  it('are those that became just this commit', async () => {
    const github = await saying(`/commits/${SHA}/pulls`, {
      json: [
        pullAnswer(1, { ...merged, merge_commit_sha: SHA }),
        // A rebased one, of which this is a commit before the last.
        pullAnswer(2, { ...merged, merge_commit_sha: OTHER }),
        // An open one, whose trial merge happens to be this commit.
        pullAnswer(3, { merge_commit_sha: SHA }),
        pullAnswer(4, { state: 'closed', merge_commit_sha: SHA }),
      ],
    });
    expect((await github.pullsOf(SHA)).map(({ number }) => number)).toEqual([1]);
  });

  it('are none for a commit that the host does not have', async () => {
    const github = await saying(`/commits/${SHA}/pulls`, { status: 422, json: { message: 'No commit found for SHA' } });
    expect(await github.pullsOf(SHA)).toEqual([]);
  });
});

describe('people', () => {
  it.each([
    ['admin', 'admin'],
    ['maintain', 'write'],
    ['write', 'write'],
    ['triage', 'read'],
    ['read', 'read'],
    ['none', 'none'],
    ['emperor', 'none'],
  ])('%s is %s', async (permission, access) => {
    const github = await saying('/collaborators/ada/permission', { json: { permission } });
    expect(await github.access('ada')).toBe(access);
  });

  it('nobody has no access', async () => {
    const github = await saying('/collaborators/nobody/permission', { status: 404, json: {} });
    expect(await github.access('nobody')).toBe('none');
  });

  const activity = { activity_type: 'push', actor: { login: 'ada' }, after: OTHER, timestamp: TIME };
  it.each([
    [[activity], { by: 'ada', sha: OTHER, at: AT }],
    [[{ ...activity, activity_type: 'force_push' }, activity], { by: 'ada', sha: OTHER, at: AT }],
    [[{ ...activity, actor: null }], null],
    [[{ ...activity, activity_type: 'branch_deletion', after: '0'.repeat(40) }], null],
    [[], null],
  ])('last push: case %#', async (json, push) => {
    const github = await saying('/activity?ref=refs%2Fheads%2Fa%2Fb', { json });
    expect(await github.lastPush('a/b')).toEqual(push);
  });

  it('tells who put a label on', async () => {
    const github = await saying('/issues/7/events', {
      json: [
        { event: 'labeled', actor: { login: 'ada' }, created_at: TIME, label: { name: 'apply' } },
        { event: 'unlabeled', actor: { login: 'ada' }, created_at: TIME, label: { name: 'apply' } },
        { event: 'closed', actor: null, created_at: TIME },
      ],
    });
    expect(await github.labelEvents(7)).toEqual([{ label: 'apply', by: 'ada', at: AT }]);
  });
});

describe('reactions', () => {
  it('takes away its own former one and no other', async () => {
    let kept = [
      { id: 1, user: { login: 'robot' }, content: 'eyes' },
      { id: 2, user: { login: 'ada' }, content: 'eyes' },
      { id: 3, user: { login: 'robot' }, content: 'heart' },
    ];
    const path = `${REPO}/issues/comments/9/reactions`;
    const { github } = await stub(({ line, body }) => {
      if (line.startsWith(`GET ${path}`)) return { json: kept };
      if (line === `POST ${path}`) {
        const there = kept.find(one => one.user.login === 'robot' && one.content === body['content']);
        const made = there ?? { id: kept.length + 10, user: { login: 'robot' }, content: String(body['content']) };
        if (there === undefined) kept.push(made);
        return { status: there === undefined ? 201 : 200, json: made };
      }
      if (!line.startsWith(`DELETE ${path}/`)) return undefined;
      kept = kept.filter(({ id }) => id !== Number(line.split('/').at(-1)));
      return { status: 204 };
    });
    const contents = (): readonly string[] => kept.map(({ user, content }) => `${user.login} ${content}`).sort();
    await github.react(7, '9', 'done');
    expect(contents()).toEqual(['ada eyes', 'robot heart', 'robot rocket']);
    await github.react(7, '9', 'refused');
    await github.react(7, '9', 'refused');
    expect(contents()).toEqual(['ada eyes', 'robot confused', 'robot heart']);
    await github.react(7, '9', 'seen');
    expect(contents()).toEqual(['ada eyes', 'robot eyes', 'robot heart']);
  });

  it('leaves a comment alone that was deleted', async () => {
    const { github } = await stub(() => undefined);
    await expect(github.react(7, '9', 'done')).resolves.toBeUndefined();
  });
});

describe('comments', () => {
  it('writes a new one in the place of one that was deleted', async () => {
    const { github } = await stub(({ line, body }) =>
      line.startsWith('POST') ? { status: 201, json: commentAnswer(2, body['body']) } : undefined,
    );
    expect(await github.remark(7, { id: '1', body: 'x' })).toMatchObject({ id: '2', body: 'x', isOwn: true });
  });

  it('knows its own', async () => {
    const github = await saying('/issues/7/comments', { json: [commentAnswer(1, 'a'), commentAnswer(2, null, 'ada')] });
    const shown = await github.remarks(7);
    expect(shown).toEqual([
      { id: '1', by: 'robot', isOwn: true, body: 'a', at: AT, editedAt: AT },
      { id: '2', by: 'ada', isOwn: false, body: '', at: AT, editedAt: AT },
    ]);
  });
});

describe('issues', () => {
  const MARKER = '<!-- provisioning:drift shop -->';
  const issue = (number: number, more: object = {}): object => ({
    number,
    html_url: `https://github.com/acme/infra/issues/${number}`,
    title: 'Drift',
    body: `${MARKER}\ntext`,
    state: 'open',
    user: { login: 'robot' },
    updated_at: TIME,
    ...more,
  });

  it.each([
    [[], null],
    [[issue(1, { user: { login: 'mallory' } }), issue(2, { pull_request: {} }), issue(3, { body: null })], null],
    [[issue(1), issue(2, { state: 'closed' })], 1],
    [[issue(1, { state: 'closed' }), issue(2, { state: 'closed' })], 2],
  ])('finds its own: case %#', async (json, number) => {
    const github = await saying('/issues?creator=robot&state=all', { json });
    expect((await github.issue(MARKER))?.number ?? null).toBe(number);
  });

  it('reads every field', async () => {
    const github = await saying('/issues?creator=robot', { json: [issue(1)] });
    expect(await github.issue(MARKER)).toEqual({
      number: 1,
      url: 'https://github.com/acme/infra/issues/1',
      title: 'Drift',
      body: `${MARKER}\ntext`,
      state: 'open',
      updatedAt: AT,
    });
  });
});
