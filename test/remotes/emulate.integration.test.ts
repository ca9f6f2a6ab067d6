import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Github, openGithub } from '../../platform/github/github.ts';
import type { Check } from '../../schemas/forge.ts';
import { virtualClock } from '../providers/virtual-clock.ts';
import { type Emulator, startEmulator } from './emulator.ts';

// A second opinion on how the adapter speaks to GitHub: an emulator that others wrote from its documentation. Our own
// fake (`test/forge`) knows more, but could share a misreading with the adapter.

const REPOSITORY = '/repos/{owner}/{repo}';

/** Every route that the adapter uses: `done`, or the status by which the emulator says that it does not have it. */
const ROUTES: { readonly [route: string]: 'done' | number } = {
  'GET /app': 'done',
  'GET /user': 'done',
  'POST /graphql': 404,
  'POST /app/installations/{installation}/access_tokens': 'done',
  [`GET ${REPOSITORY}`]: 'done',
  [`GET ${REPOSITORY}/installation`]: 'done',
  [`GET ${REPOSITORY}/activity`]: 404,
  [`GET ${REPOSITORY}/collaborators/{login}/permission`]: 'done',
  [`GET ${REPOSITORY}/pulls`]: 'done',
  [`POST ${REPOSITORY}/pulls`]: 'done',
  [`GET ${REPOSITORY}/pulls/{number}`]: 'done',
  [`GET ${REPOSITORY}/pulls/{number}/reviews`]: 'done',
  [`GET ${REPOSITORY}/issues`]: 'done',
  [`POST ${REPOSITORY}/issues`]: 'done',
  [`PATCH ${REPOSITORY}/issues/{number}`]: 'done',
  [`GET ${REPOSITORY}/issues/{number}/events`]: 'done',
  [`GET ${REPOSITORY}/issues/{number}/comments`]: 'done',
  [`POST ${REPOSITORY}/issues/{number}/comments`]: 'done',
  [`PATCH ${REPOSITORY}/issues/comments/{id}`]: 'done',
  [`GET ${REPOSITORY}/issues/comments/{id}/reactions`]: 404,
  [`POST ${REPOSITORY}/issues/comments/{id}/reactions`]: 404,
  [`DELETE ${REPOSITORY}/issues/comments/{id}/reactions/{reaction}`]: 404,
  [`GET ${REPOSITORY}/commits/{commit}/pulls`]: 404,
  [`GET ${REPOSITORY}/commits/{sha}/statuses`]: 404,
  [`POST ${REPOSITORY}/statuses/{sha}`]: 404,
  [`GET ${REPOSITORY}/commits/{sha}/check-runs`]: 'done',
  [`POST ${REPOSITORY}/check-runs`]: 'done',
  [`PATCH ${REPOSITORY}/check-runs/{run}`]: 'done',
  [`GET ${REPOSITORY}/check-runs/{run}/annotations`]: 'done',
};

type Told = { [name: string]: unknown };

/**
 * Where the emulator has the route, but answers otherwise than GitHub documents. Each is put right on its way, or the
 * adapter could not be asked. Three more cannot be: the annotations of an update replace those of the run, a wrong token
 * is taken for one of `root`, and a pull request has no events of an issue.
 */
const DEVIATIONS: readonly {
  readonly route: string;
  readonly what: string;
  readonly mend: (told: never) => unknown;
}[] = [
  {
    route: `GET ${REPOSITORY}/collaborators/{login}/permission`,
    what: '`permission` is `push` or `pull`; GitHub says `write` or `read` there, as in `role_name`',
    mend: (told: Told) => ({ ...told, permission: told['role_name'] }),
  },
  {
    route: `GET ${REPOSITORY}/commits/{sha}/check-runs`,
    what: '`app` is null; GitHub names the App that wrote a run',
    mend: (told: Told) => ({
      ...told,
      check_runs: (told['check_runs'] as Told[]).map(run => ({ ...run, app: { slug: 'provisioning' } })),
    }),
  },
  {
    route: `GET ${REPOSITORY}/check-runs/{run}/annotations`,
    what: 'the list stands in an object, and titles are lost; GitHub answers with the list itself',
    mend: (told: { check_annotations: readonly Told[] }) =>
      told.check_annotations.map(one => ({ ...one, title: 'Look' })),
  },
];

const answered = new Map<string, Set<number>>();
const deviating = new Set<string>();
let emulator: Emulator;
let clock: ReturnType<typeof virtualClock>;

beforeAll(async () => {
  emulator = await startEmulator(['by-app', 'by-token']);
  clock = virtualClock();
}, 200_000);
afterAll(async () => emulator?.close());

/** The route of a request. Every request of the adapter has one in the table. */
function routeOf(method: string, pathname: string): string {
  const able = Object.keys(ROUTES).filter(route => {
    const [verb, path = ''] = route.split(' ');
    return verb === method && new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname);
  });
  // The one with the most fixed words: `issues/comments` is no number.
  const [route] = able.sort((a, b) => a.split('{').length - b.split('{').length);
  if (route === undefined) throw new Error(`a route that is not in the table: ${method} ${pathname}`);
  return route;
}

const recording: typeof fetch = async (input, init) => {
  const route = routeOf(init?.method ?? 'GET', new URL(String(input)).pathname);
  const answer = await fetch(input, init);
  answered.set(route, (answered.get(route) ?? new Set()).add(answer.status));
  const deviation = DEVIATIONS.find(one => one.route === route);
  if (deviation === undefined || answer.status !== 200) return answer;
  const told = await answer.json();
  const mended = deviation.mend(told as never);
  if (JSON.stringify(mended) !== JSON.stringify(told)) deviating.add(route);
  return Response.json(mended);
};

function open(repository: string, credential: Parameters<typeof openGithub>[0]['credential']): Promise<Github> {
  const world = { clock, randomHex: () => '00', reach: async () => {} };
  return openGithub({ repository, apiUrl: emulator.url, credential, fetch: recording, world });
}

async function branchWith(repository: string, branch: string): Promise<string> {
  const main = await emulator.does<{ object: { sha: string } }>('root', 'GET', `${repository}/git/ref/heads/main`);
  const ref = { ref: `refs/heads/${branch}`, sha: main.object.sha };
  await emulator.does('ann', 'POST', `${repository}/git/refs`, ref);
  const content = Buffer.from('server:\n  web: {}\n').toString('base64');
  const file = { message: 'Add a server', branch, content };
  const put = await emulator.does<{ commit: { sha: string } }>('ann', 'PUT', `${repository}/contents/${branch}`, file);
  return put.commit.sha;
}

describe.each([
  { kind: 'App', name: 'root/by-app', account: 'provisioning[bot]' },
  { kind: 'token', name: 'root/by-token', account: 'cat' },
])('signed in as an account: $kind', ({ kind, name, account }) => {
  const at = `/repos/${name}`;
  let forge: Github;
  let sha: string;
  let number: number;
  beforeAll(async () => {
    forge = await open(name, kind === 'App' ? emulator.app : { token: emulator.token('cat') });
    sha = await branchWith(at, 'add-web');
    const pull = await forge.openPull({ branch: 'add-web', base: 'main', title: 'Add web', body: 'One more.' });
    number = pull.number;
  });

  it('knows who it is, and where', async () => {
    expect(await forge.account()).toBe(account);
    expect(await forge.defaultBranch()).toBe('main');
    expect((await forge.gitCredential()).password).toMatch(kind === 'App' ? /^ghs_/ : /^token_of_cat$/);
  });

  it('finds the pull request that it opened, and opens no second one', async () => {
    const known = {
      number,
      title: 'Add web',
      author: account,
      state: 'open',
      isDraft: false,
      head: { sha, ref: `refs/pull/${number}/head`, branch: 'add-web', isFork: false },
      base: { branch: 'main' },
      mergeCommit: null,
      labels: [],
    };
    expect(await forge.pull(number)).toMatchObject(known);
    expect(await forge.openPulls()).toMatchObject([known]);
    expect(await forge.openPull({ branch: 'add-web', base: 'main', title: 'Again', body: '' })).toMatchObject(known);
    expect(await forge.pull(4_711)).toBeNull();
  });

  it('hears the newest word of each reviewer', async () => {
    for (const [by, event] of [
      ['ben', 'APPROVE'],
      ['dan', 'APPROVE'],
      ['ben', 'REQUEST_CHANGES'],
      ['ben', 'COMMENT'],
    ] as const)
      await emulator.does(by, 'POST', `${at}/pulls/${number}/reviews`, { event, body: 'Seen.', commit_id: sha });
    const reviews = await forge.reviews(number);
    expect(reviews.map(({ by, verdict, sha: about }) => [by, verdict, about])).toEqual([
      ['dan', 'approved', sha],
      ['ben', 'changes-requested', sha],
    ]);
  });

  it('asks what somebody may do', async () => {
    const asked = ['root', 'cat', 'ann', 'dan', 'nobody'];
    const told = await Promise.all(asked.map(login => forge.access(login)));
    expect(told).toEqual(['admin', 'admin', 'write', 'read', 'none']);
  });

  it('keeps one comment, among more than fit on a page', async () => {
    const marker = '<!-- provisioning:review 1 -->';
    const first = await forge.remark(number, { id: null, body: `${marker}\none` });
    expect(first).toMatchObject({ by: account, isOwn: true });
    for (let index = 0; index < 101; index += 1)
      await emulator.does('ann', 'POST', `${at}/issues/${number}/comments`, { body: `${marker} ${index}` });
    const edited = await forge.remark(number, { id: first.id, body: `${marker}\ntwo` });
    expect(edited).toMatchObject({ id: first.id, body: `${marker}\ntwo` });
    // The answer to the first was lost: it is found again by its marker and its author.
    expect((await forge.remark(number, { id: null, body: `${marker}\nthree` })).id).toBe(first.id);
    const remarks = await forge.remarks(number);
    expect(remarks).toHaveLength(102);
    expect(remarks.filter(({ isOwn }) => isOwn).map(({ body }) => body)).toEqual([`${marker}\nthree`]);
  });

  it('keeps one issue, and hears who labelled it', async () => {
    const marker = '<!-- provisioning:drift shop -->';
    expect(await forge.issue(marker)).toBeNull();
    const write = { number: null, title: 'Drift', body: `${marker}\nmore`, state: 'open' } as const;
    const opened = await forge.putIssue(write);
    expect(await forge.putIssue({ ...write, title: 'Drift again' })).toMatchObject({
      number: opened.number,
      title: 'Drift again',
    });
    await forge.putIssue({ ...write, number: opened.number, state: 'closed' });
    expect(await forge.issue(marker)).toMatchObject({ number: opened.number, state: 'closed' });
    await emulator.does('ben', 'POST', `${at}/issues/${opened.number}/labels`, { labels: ['seen'] });
    expect(await forge.labelEvents(opened.number)).toMatchObject([{ label: 'seen', by: 'ben' }]);
    // The emulator takes a pull request for no issue here.
    await expect(forge.labelEvents(number)).rejects.toMatchObject({ data: { status: 404 } });
  });

  it('says plainly what cannot be had', async () => {
    await expect(forge.pullsOf(sha)).rejects.toMatchObject({ data: { status: 404 } });
    expect(await forge.lastPush('add-web')).toBeNull();
    const [remark] = await forge.remarks(number);
    expect(await forge.react(number, remark?.id ?? '', 'seen')).toBeUndefined();
    const nowhere = await open('root/nowhere', { token: emulator.token('cat') });
    await expect(nowhere.pull(1)).rejects.toMatchObject({ problems: [{ id: 'GH-MISSING' }] });
  });

  it('knows a pull request that was merged', async () => {
    const merge = { merge_method: 'squash', sha };
    const merged = await emulator.does<{ sha: string }>('ann', 'PUT', `${at}/pulls/${number}/merge`, merge);
    expect(await forge.pull(number)).toMatchObject({ state: 'merged', mergeCommit: merged.sha });
    expect(await forge.openPulls()).toEqual([]);
  });
});

describe('marks on commits', () => {
  const check: Omit<Check, 'sha'> = {
    name: 'provisioning/plan',
    state: 'success',
    title: '1 to create',
    summary: 'One server.',
    text: '| server | web |',
    annotations: [],
    url: null,
    digest: 'first',
  };
  const findings = (count: number): Check['annotations'] =>
    Array.from({ length: count }, (_, at) => {
      return { file: 'a.yaml', line: at + 1, level: 'warning', title: 'Look', text: `number ${at}` } as const;
    });

  it('of an App are check runs: one for each name, which is updated where that is possible', async () => {
    const forge = await open('root/by-app', emulator.app);
    const sha = await branchWith('/repos/root/by-app', 'marked');
    const runs = async () =>
      (
        await emulator.does<{ check_runs: { id: number; output: { annotations_count: number } }[] }>(
          'cat',
          'GET',
          `/repos/root/by-app/commits/${sha}/check-runs`,
        )
      ).check_runs;
    expect(await forge.holdsText()).toBe(true);
    await forge.check({ ...check, sha, state: 'running', title: 'in progress' });
    expect(await forge.checks(sha)).toMatchObject([{ state: 'running', title: 'in progress', digest: 'first' }]);
    await forge.check({ ...check, sha, annotations: findings(20), digest: 'second' });
    const known = { name: check.name, sha, state: 'success', title: '1 to create', digest: 'second' };
    expect(await forge.checks(sha)).toEqual([known]);
    const [run, ...more] = await runs();
    expect(more).toEqual([]);
    expect(run?.output.annotations_count).toBe(20);
    // One is gone: it cannot be taken away, so another run takes the place of this one.
    await forge.check({ ...check, sha, annotations: findings(19), digest: 'third' });
    const [next] = await runs();
    expect(next?.id).not.toBe(run?.id);
    expect(await forge.checks(sha)).toEqual([{ ...known, digest: 'third' }]);
    // All of them are there: the run stays.
    await forge.check({ ...check, sha, annotations: findings(19), digest: 'fourth' });
    expect((await runs()).map(({ id }) => id)).toEqual([next?.id]);
    expect(await forge.checks(sha)).toEqual([{ ...known, digest: 'fourth' }]);
  });

  it('of a token are statuses, which the emulator does not have', async () => {
    const forge = await open('root/by-token', { token: emulator.token('cat') });
    const sha = await branchWith('/repos/root/by-token', 'marked');
    expect(await forge.holdsText()).toBe(false);
    await expect(forge.checks(sha)).rejects.toMatchObject({ data: { status: 404 } });
    await expect(forge.check({ ...check, sha })).rejects.toMatchObject({ data: { status: 404 } });
  });
});

describe('the list of what the emulator answers', () => {
  it('names every route of the adapter', () => {
    const folder = join(import.meta.dirname, '..', '..', 'platform', 'github');
    const source = readdirSync(folder).map(file => readFileSync(join(folder, file), 'utf8'));
    const plain = source.flatMap(text => [...text.matchAll(/'((?:GET|POST|PATCH|PUT|DELETE) \/[^']*)'/g)]);
    const shape = (route: string): string => route.replaceAll(/\{\w+\}/g, '{}');
    const listed = new Set(Object.keys(ROUTES).map(shape));
    expect(plain.length).toBeGreaterThan(15);
    expect(plain.map(([, route = '']) => route).filter(route => !listed.has(shape(route)))).toEqual([]);
  });

  it('is exact: each was answered as listed, and never otherwise', async () => {
    // These are asked only after another that the emulator does not have.
    for (const [method, path] of [
      ['POST', '/graphql'],
      ['GET', '/repos/root/by-app/issues/comments/1/reactions'],
      ['DELETE', '/repos/root/by-app/issues/comments/1/reactions/1'],
      ['POST', `/repos/root/by-token/statuses/${'0'.repeat(40)}`],
    ] as const)
      await recording(`${emulator.url}${path}`, {
        method,
        headers: { authorization: `token ${emulator.token('cat')}` },
      });
    const found = Object.fromEntries(
      Object.keys(ROUTES).map(route => {
        const all = [...(answered.get(route) ?? [])];
        return [route, all.some(status => status < 300) ? 'done' : (all[0] ?? 'never asked')];
      }),
    );
    expect(found).toEqual(ROUTES);
    expect([...deviating].sort()).toEqual(DEVIATIONS.map(({ route }) => route).sort());
  });
});
