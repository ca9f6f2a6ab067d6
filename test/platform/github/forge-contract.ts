import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Github } from '../../../platform/github/github.ts';
import type { Check, Reaction } from '../../../schemas/forge.ts';
import { Fault } from '../../../schemas/fault.ts';
import type { TestForge } from '../../forge/forge.ts';
import type { TestRepository } from '../../forge/repository.ts';

/** One repository at a forge: the adapter on one side, the people on the other. */
export interface Site {
  readonly forge: TestForge;
  readonly repository: TestRepository;
  readonly github: Github;
  /** Login that the adapter acts as. */
  readonly login: string;
  readonly slept: readonly number[];
}

const MARKER = '<!-- provisioning:review 1 -->';

const CHECK: Omit<Check, 'sha' | 'state'> = {
  name: 'provisioning/plan',
  title: '2 changes',
  summary: 'Summary',
  text: 'Text',
  annotations: [],
  url: 'https://github.com/acme/infra/pull/1',
};

async function topic({ repository }: Site, branch = 'topic'): Promise<number> {
  const files = { [`${branch}.yaml`]: 'kind: server\n' };
  await repository.push({ by: 'ada', branch, files, from: 'main', message: `Add ${branch}` });
  return repository.openPull({ by: 'ada', branch, title: `Add ${branch}` });
}

/** What every adapter of the port `Forge` does, shown on a forge with real Git. `marks`: how checks arrive there. */
export function forgeContract(
  name: string,
  { marks, open }: { readonly marks: 'runs' | 'statuses'; readonly open: () => Promise<Site> },
): void {
  describe(name, () => {
    pullCases(open);
    peopleCases(open);
    talkCases(open);
    issueCases(open);
    markCases(open, marks);
    troubleCases(open, marks);
  });
}

type Open = () => Promise<Site>;

function pullCases(open: Open): void {
  it('knows itself and the repository', async () => {
    const { github, login } = await open();
    expect(await github.account()).toBe(login);
    expect(await github.defaultBranch()).toBe('main');
    expect(github.repository).toBe('acme/infra');
  });

  it('tells a pull request from its opening to its merge', async () => {
    const site = await open();
    const { github, repository } = site;
    expect(await github.openPulls()).toEqual([]);
    const number = await topic(site);
    const sha = await repository.tip('topic');
    const opened = await github.pull(number);
    expect(opened).toMatchObject({ number, title: 'Add topic', author: 'ada', state: 'open', isDraft: false });
    expect(opened).toMatchObject({ head: { sha, branch: 'topic', isFork: false }, base: { branch: 'main' } });
    expect(opened).toMatchObject({ mergeCommit: null, labels: [] });
    expect(await repository.tip(opened?.head.ref ?? '')).toBe(sha);
    expect(await github.openPulls()).toEqual([opened]);
    await repository.label(number, { by: 'bob', label: 'apply' });
    await repository.setDraft(number, { by: 'ada', isDraft: true });
    expect(await github.pull(number)).toMatchObject({ isDraft: true, labels: ['apply'] });
    await repository.setDraft(number, { by: 'ada', isDraft: false });
    const commit = await repository.merge(number, { by: 'bob' });
    expect(await github.pull(number)).toMatchObject({ state: 'merged', mergeCommit: commit });
    expect(await github.openPulls()).toEqual([]);
    expect(await github.pull(number + 1)).toBeNull();
  });

  it('tells a closed one, and one from a fork', async () => {
    const site = await open();
    const { github, repository } = site;
    const number = await topic(site);
    await repository.close(number, { by: 'ada' });
    expect(await github.pull(number)).toMatchObject({ state: 'closed', mergeCommit: null });
    const from = await repository.fork({ by: 'eve' });
    await from.push({ by: 'eve', branch: 'main', files: { 'eve.yaml': 'x\n' } });
    const other = await repository.openPull({ by: 'eve', branch: 'main', from });
    expect(await github.pull(other)).toMatchObject({ head: { isFork: true, branch: 'main' }, author: 'eve' });
  });

  it('finds the pull request of the commit that it became, however it was merged', async () => {
    const site = await open();
    const { github, repository } = site;
    for (const method of ['merge', 'squash', 'rebase'] as const) {
      const number = await topic(site, method);
      await repository.push({ by: 'ada', branch: method, files: { 'second.yaml': method }, message: 'Second' });
      const before = await repository.tip('main');
      const commit = await repository.merge(number, { by: 'bob', method });
      expect((await github.pullsOf(commit)).map(pull => pull.number)).toEqual([number]);
      // Of the commits on the way to it the host names the same pull request, but it did not become one of them.
      const [, parent] = await repository.log('main');
      if (method === 'rebase') expect(parent?.sha).not.toBe(before);
      if (method === 'rebase') expect(await github.pullsOf(parent?.sha ?? '')).toEqual([]);
    }
    expect(await github.pullsOf('f'.repeat(40))).toEqual([]);
  });

  it('opens a pull request once', async () => {
    const { github, repository, login } = await open();
    await repository.push({ by: 'ada', branch: 'revert', files: { 'a.yaml': 'x\n' }, from: 'main' });
    const write = { branch: 'revert', base: 'main', title: 'Revert', body: 'Because' };
    const opened = await github.openPull(write);
    expect(opened).toMatchObject({ author: login, title: 'Revert', state: 'open', head: { branch: 'revert' } });
    expect((await github.openPull(write)).number).toBe(opened.number);
    await expect(github.openPull({ ...write, branch: 'nowhere' })).rejects.toMatchObject({ code: 'usage' });
  });

  it('lets git in', async () => {
    const { forge, github } = await open();
    const { username, password } = await github.gitCredential();
    const url = forge.gitUrl('acme/infra').replace('//', `//${username}:${password}@`);
    const { stdout } = await promisify(execFile)('git', ['ls-remote', url, 'refs/heads/main']);
    expect(stdout).toMatch(/^[0-9a-f]{40}\trefs\/heads\/main\n$/);
  });
}

function peopleCases(open: Open): void {
  it('tells the newest word of each reviewer', async () => {
    const site = await open();
    const { github, repository } = site;
    const number = await topic(site);
    const sha = await repository.tip('topic');
    const words = async () => (await github.reviews(number)).map(({ by, verdict }) => `${by} ${verdict}`);
    expect(await words()).toEqual([]);
    const review = await repository.review(number, { by: 'bob', verdict: 'approve' });
    await repository.review(number, { by: 'bob', verdict: 'comment', body: 'nice' });
    expect(await github.reviews(number)).toMatchObject([{ by: 'bob', verdict: 'approved', sha }]);
    await repository.review(number, { by: 'cyd', verdict: 'request-changes' });
    expect(await words()).toEqual(['bob approved', 'cyd changes-requested']);
    await repository.dismiss(number, { by: 'root', review });
    expect(await words()).toEqual(['bob dismissed', 'cyd changes-requested']);
    await repository.push({ by: 'ada', branch: 'topic', files: { 'more.yaml': 'x\n' } });
    await repository.review(number, { by: 'bob', verdict: 'approve' });
    const now = await github.reviews(number);
    expect(now.find(({ by }) => by === 'bob')).toMatchObject({
      verdict: 'approved',
      sha: await repository.tip('topic'),
    });
  });

  it('tells who put labels on, and who pushed last', async () => {
    const site = await open();
    const { github, repository } = site;
    const number = await topic(site);
    await repository.label(number, { by: 'bob', label: 'apply' });
    await repository.unlabel(number, { by: 'bob', label: 'apply' });
    await repository.label(number, { by: 'cyd', label: 'apply' });
    const events = await github.labelEvents(number);
    expect(events.map(({ by, label }) => `${by} ${label}`)).toEqual(['bob apply', 'cyd apply']);
    expect(events[1]?.at).toBeGreaterThan(events[0]?.at ?? Number.POSITIVE_INFINITY);
    const sha = await repository.push({ by: 'cyd', branch: 'topic', files: { 'b.yaml': 'x\n' } });
    expect(await github.lastPush('topic')).toMatchObject({ by: 'cyd', sha });
    expect(await github.lastPush('nowhere')).toBeNull();
  });

  it('tells what accounts may do', async () => {
    const { github, repository, forge } = await open();
    const access = { rae: 'read', tia: 'triage', wes: 'write', mia: 'maintain', ann: 'admin' } as const;
    for (const [login, granted] of Object.entries(access)) repository.grant(login, granted);
    forge.account('nil');
    const told = await Promise.all([...Object.keys(access), 'nil', 'unheard-of'].map(login => github.access(login)));
    expect(told).toEqual(['read', 'read', 'write', 'write', 'admin', 'none', 'none']);
  });
}

function talkCases(open: Open): void {
  it('writes a comment, and changes it', async () => {
    const site = await open();
    const { github, repository, login } = site;
    const number = await topic(site);
    await repository.comment(number, { by: 'ada', body: `${MARKER}\nprovisioning apply` });
    const written = await github.remark(number, { id: null, body: `${MARKER}\nOne` });
    expect(written).toMatchObject({ by: login, isOwn: true, editedAt: written.at });
    const changed = await github.remark(number, { id: written.id, body: `${MARKER}\nTwo` });
    expect(changed).toMatchObject({ id: written.id, at: written.at });
    expect(changed.editedAt).toBeGreaterThan(changed.at);
    const remarks = await github.remarks(number);
    expect(remarks.map(({ by, isOwn }) => [by, isOwn])).toEqual([
      ['ada', false],
      [login, true],
    ]);
    expect(remarks[1]).toEqual(changed);
    // Written after a crash that forgot the id.
    expect((await github.remark(number, { id: null, body: `${MARKER}\nThree` })).id).toBe(written.id);
    await repository.deleteComment(Number(written.id), { by: 'root' });
    const anew = await github.remark(number, { id: written.id, body: `${MARKER}\nFour` });
    expect(anew.id).not.toBe(written.id);
    expect(repository.comments(number)).toHaveLength(2);
  });

  it('reads a long conversation to its end', async () => {
    const site = await open();
    const number = await topic(site);
    for (let index = 0; index < 201; index += 1) await site.repository.comment(number, { by: 'ada', body: `${index}` });
    const bodies = (await site.github.remarks(number)).map(({ body }) => body);
    expect(bodies).toEqual(Array.from({ length: 201 }, (_, index) => `${index}`));
  });

  it('leaves one reaction', async () => {
    const site = await open();
    const { github, repository, login } = site;
    const number = await topic(site);
    const id = await repository.comment(number, { by: 'ada', body: 'provisioning apply' });
    await repository.react(id, { by: 'bob', content: 'eyes' });
    const own = async (reaction: Reaction): Promise<readonly string[]> => {
      await github.react(number, String(id), reaction);
      const { reactions } = repository.comments(number)[0] ?? { reactions: [] };
      expect(reactions.filter(({ by }) => by === 'bob')).toHaveLength(1);
      return reactions.filter(({ by }) => by === login).map(({ content }) => content);
    };
    expect(await own('seen')).toEqual(['eyes']);
    expect(await own('done')).toEqual(['rocket']);
    expect(await own('done')).toEqual(['rocket']);
    expect(await own('refused')).toEqual(['confused']);
  });
}

function issueCases(open: Open): void {
  it('keeps one issue for one thing', async () => {
    const { github, repository, login } = await open();
    const marker = '<!-- provisioning:drift shop -->';
    const body = `${marker}\nserver/web-1 changed`;
    await repository.openIssue({ by: 'ada', title: 'Drift', body });
    expect(await github.issue(marker)).toBeNull();
    const opened = await github.putIssue({ number: null, title: 'Drift', body, state: 'open' });
    expect(repository.issue(opened.number).by).toBe(login);
    expect(await github.issue(marker)).toEqual(opened);
    expect((await github.putIssue({ number: null, title: 'Drift', body, state: 'open' })).number).toBe(opened.number);
    const closed = await github.putIssue({ number: opened.number, title: 'No drift', body, state: 'closed' });
    expect(closed).toMatchObject({ number: opened.number, title: 'No drift', state: 'closed' });
    expect(closed.updatedAt).toBeGreaterThan(opened.updatedAt);
    expect(await github.issue(marker)).toEqual(closed);
    expect(await github.issue('<!-- provisioning:drift other -->')).toBeNull();
  });
}

function markCases(open: Open, marks: 'runs' | 'statuses'): void {
  it('leaves a mark and reads it back', async () => {
    const site = await open();
    const { github, repository } = site;
    await topic(site);
    const sha = (await repository.tip('topic')) ?? '';
    expect(await github.checks(sha)).toEqual([]);
    expect(await github.checks('f'.repeat(40))).toEqual([]);
    for (const state of ['running', 'failure', 'running', 'success', 'cancelled'] as const) {
      await github.check({ ...CHECK, sha, state });
      expect(await github.checks(sha)).toMatchObject([{ name: CHECK.name, sha, state }]);
    }
    await github.check({ ...CHECK, sha, state: 'neutral' });
    expect(await github.checks(sha)).toMatchObject([{ state: marks === 'runs' ? 'neutral' : 'success' }]);
    await github.check({ ...CHECK, name: 'provisioning/apply', sha, state: 'running' });
    expect((await github.checks(sha)).map(check => check.name).sort()).toEqual([
      'provisioning/apply',
      'provisioning/plan',
    ]);
    expect(repository.checks(sha)).toHaveLength(marks === 'runs' ? 2 : 0);
    await repository.status({ by: 'ada', sha, context: 'provisioning/plan', state: 'success' });
    await repository.status({ by: 'ada', sha, context: 'lint', state: 'success' });
    expect(await github.checks(sha)).toHaveLength(marks === 'runs' ? 2 : 1);
  });

  it('marks lines of files where the host can', async () => {
    const site = await open();
    const { github, repository } = site;
    await topic(site);
    const sha = (await repository.tip('topic')) ?? '';
    const annotations = Array.from({ length: 120 }, (_, index) => ({
      file: 'topic.yaml',
      line: index + 1,
      level: 'warning' as const,
      title: 'T',
      text: 'W',
    }));
    await github.check({ ...CHECK, sha, state: 'failure', annotations });
    await github.check({ ...CHECK, sha, state: 'failure', annotations });
    const runs = repository.checks(sha);
    expect(runs.map(run => run.annotations.length)).toEqual(marks === 'runs' ? [120] : []);
    await github.check({ ...CHECK, sha, state: 'success', annotations: [] });
    expect(repository.checks(sha).at(-1)?.annotations ?? []).toEqual([]);
    expect(await github.checks(sha)).toMatchObject([{ name: CHECK.name, sha, state: 'success' }]);
  });
}

function troubleCases(open: Open, marks: 'runs' | 'statuses'): void {
  it('pays nothing for what did not change', async () => {
    const site = await open();
    const { forge, github } = site;
    await topic(site);
    const first = await github.openPulls();
    const before = forge.ledger.length;
    expect(await github.openPulls()).toEqual(first);
    expect(forge.ledger.slice(before).map(({ status }) => status)).toEqual([304]);
  });

  it.each(['lost', 502] as const)('writes everything once when the answer is %s', async answer => {
    const site = await open();
    const { forge, github, repository } = site;
    const number = await topic(site);
    const sha = (await repository.tip('topic')) ?? '';
    await github.account();
    const losing = (path: RegExp): void => forge.fail({ method: 'POST', path, answer, isDone: true });
    losing(/\/comments$/);
    await github.remark(number, { id: null, body: `${MARKER}\nOne` });
    expect(repository.comments(number)).toHaveLength(1);
    losing(/\/issues$/);
    const issue = await github.putIssue({ number: null, title: 'Drift', body: MARKER, state: 'open' });
    expect(issue.number).toBe(number + 1);
    losing(marks === 'runs' ? /\/check-runs$/ : /\/statuses\//);
    await github.check({ ...CHECK, sha, state: 'success' });
    expect(marks === 'runs' ? repository.checks(sha) : repository.statuses(sha)).toHaveLength(1);
    await repository.push({ by: 'ada', branch: 'revert', files: { 'a.yaml': 'x\n' }, from: 'main' });
    losing(/\/pulls$/);
    await github.openPull({ branch: 'revert', base: 'main', title: 'Revert', body: '' });
    expect(await github.openPulls()).toHaveLength(2);
  });

  it('waits for a short limit, and tells of a long one', async () => {
    const { forge, github, slept, login } = await open();
    await github.account();
    forge.throttle({ times: 1, retryAfterSeconds: 3 });
    expect(await github.defaultBranch()).toBe('main');
    expect(slept).toEqual([3_000]);
    forge.limit({ login, remaining: 0, resetAfterSeconds: 600 });
    const asked = forge.ledger.length;
    for (let turn = 0; turn < 2; turn += 1) {
      const fault = await github.openPulls().catch((error: unknown) => error);
      expect(fault).toBeInstanceOf(Fault);
      expect(fault).toMatchObject({ code: 'unavailable', data: { retryAtMs: expect.any(Number) } });
    }
    expect(forge.ledger.length).toBe(asked + 1);
  });

  it('says when it is no longer let in', async () => {
    const { forge, github, login } = await open();
    await github.account();
    forge.revoke(login);
    // An App signs in again; a token that was withdrawn is the end.
    const answer = await github.defaultBranch().catch((error: Fault) => error.code);
    expect(answer).toBe(login.endsWith('[bot]') ? 'main' : 'denied');
  });
}
