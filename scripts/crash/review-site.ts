import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemoCloud, startDemoCloud } from '../../platform/demo-cloud/server.ts';
import { LABEL } from '../../schemas/owner.ts';
import { openForge, type TestForge } from '../../test/forge/forge.ts';
import type { TestRepository } from '../../test/forge/repository.ts';
import { doubles } from './oracle.ts';
import { type Running, start } from './program.ts';
import { homeOf } from './site.ts';

/**
 * What is crashed. planned: between the push and the comment. merged: between the merge and the report. watched: the same
 * of a program that follows the repository. failed: the same where the apply fails and a revert is asked for.
 */
export const STORIES = ['planned', 'merged', 'watched', 'failed'] as const;
export type Story = (typeof STORIES)[number];

export const ACCOUNTS = ['token', 'app'] as const;
export type Account = (typeof ACCOUNTS)[number];

/** A repository on a fake of GitHub, with real Git below it, one pull request, and a cloud of its own. */
export interface ReviewSite {
  readonly root: string;
  readonly story: Story;
  readonly account: Account;
  readonly forge: TestForge;
  readonly repository: TestRepository;
  readonly cloud: DemoCloud;
  readonly pull: number;
  /** Starts the program over the repository. `home` is another machine's, where one is named. */
  start(words: readonly string[], more?: StartMore): Running;
  close(): Promise<void>;
}

export interface StartMore {
  readonly env?: { readonly [name: string]: string };
  readonly together?: boolean;
  readonly home?: string;
}

const SERVERS = 'server:\n  web-1: { size: small, image: debian-12, zone: fi-1 }\n';
const MORE = '  web-2: { size: small, image: debian-12, zone: fi-1 }\n';
const NETWORK = 'network:\n  main: { ipRange: 10.0.0.0/16, zone: fi-1 }\n';

/** What the files ask for, and so what has to exist after an apply that went well. */
export const WANTED = ['network.main', 'server.web-1', 'server.web-2'] as const;

const REPOSITORY = 'acme/infrastructure';

/** A site whose pull request was just opened. */
export async function openReviewSite(story: Story, account: Account, keep: boolean): Promise<ReviewSite> {
  const root = mkdtempSync(join(tmpdir(), 'crash-review-'));
  const [cloud, forge] = await Promise.all([
    startDemoCloud({ settings: { profile: 'hetzner', actionMs: [5, 40] } }),
    openForge(),
  ]);
  const revert = story === 'failed' ? 'pullRequests: { revert: true }\n' : '';
  const workspace = `name: shop\nproviders:\n  demo: { url: "${cloud.url}" }\n${revert}`;
  const repository = await forge.repository(REPOSITORY, { files: { 'shop/workspace.yaml': workspace } });
  for (const login of ['ann', 'ben', 'robot']) repository.grant(login, 'write');
  await repository.push({ by: 'ann', branch: 'change', files: { 'shop/infra/all.yaml': NETWORK + SERVERS + MORE } });
  const pull = await repository.openPull({ by: 'ann', branch: 'change' });
  const home = homeOf(root, 'home');
  const credential = credentialOf(forge, account);
  return {
    root,
    story,
    account,
    forge,
    repository,
    cloud,
    pull,
    start: (words, more = {}) =>
      start({
        args: [...words, '--repository', repository.gitUrl],
        home: more.home ?? home,
        ...(more.together === undefined ? {} : { together: more.together }),
        env: { GITHUB_SERVER_URL: forge.url, GITHUB_API_URL: forge.apiUrl, ...credential, ...more.env },
      }),
    async close() {
      await forge.close();
      await cloud.close();
      if (!keep) rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function credentialOf(forge: TestForge, account: Account): { readonly [name: string]: string } {
  if (account === 'token') return { GITHUB_TOKEN: forge.token('robot') };
  const { appId, privateKey } = forge.app({ slug: 'provisioning', repositories: [REPOSITORY] });
  return { GITHUB_APP_ID: appId, GITHUB_APP_PRIVATE_KEY: privateKey };
}

/** Login that the program speaks as. */
function loginOf(account: Account): string {
  return account === 'token' ? 'robot' : 'provisioning[bot]';
}

/** What the one comment says, as far as its hidden second line goes; null when there is none. */
export function stageOf(site: ReviewSite): string | null {
  const [comment] = ownComments(site);
  return comment === undefined ? null : (/provisioning:stage ([a-z-]+)/.exec(comment)?.[1] ?? 'no stage');
}

function ownComments({ repository, pull, account }: ReviewSite): readonly string[] {
  return repository
    .comments(pull)
    .filter(({ by }) => by === loginOf(account))
    .map(({ body }) => body);
}

/** Marks on a commit, the newest of each name: `provisioning/plan success`. */
function marksOn({ repository, account }: ReviewSite, sha: string): readonly string[] {
  const marks: readonly (readonly [string, string])[] =
    account === 'app'
      ? repository.checks(sha).map(({ name, status, conclusion }) => [name, conclusion ?? status])
      : repository.statuses(sha).map(({ context, state }) => [context, state]);
  return [...new Map(marks)].map(([name, state]) => `${name} ${state}`).sort();
}

/** Check runs that were never concluded, on any commit. */
function unconcluded({ repository }: ReviewSite): readonly string[] {
  return repository.state.checks.filter(({ status }) => status !== 'completed').map(({ name }) => name);
}

const STAGES = { planned: 'planned', merged: 'applied', watched: 'applied', failed: 'failed' } as const;

/** Everything that is not as it has to be in the end, told by the fakes alone; empty is what the proof wants. */
export async function flaws(site: ReviewSite): Promise<readonly string[]> {
  const { repository, story, pull } = site;
  const found: string[] = [];
  const expect = (what: string, is: unknown, wanted: unknown): void => {
    if (JSON.stringify(is) !== JSON.stringify(wanted))
      found.push(`${what}: ${JSON.stringify(is)}, not ${JSON.stringify(wanted)}`);
  };
  expect('comments', ownComments(site).length, 1);
  expect('stage', stageOf(site), STAGES[story]);
  expect('planned commit', marksOn(site, (await repository.tip('change')) ?? ''), ['provisioning/plan success']);
  const merged = repository.pull(pull).pull.merged?.sha ?? null;
  if (merged !== null)
    expect('merge', marksOn(site, merged), [`provisioning/apply ${story === 'failed' ? 'failure' : 'success'}`]);
  expect('never concluded', unconcluded(site), []);
  expect('made twice', doubles(site.cloud.core.ledger(), new Set()), []);
  const objects = site.cloud.core.objects().map(({ labels }) => labels[LABEL.address] ?? 'no label');
  if (story === 'planned') expect('objects', objects, []);
  if (story === 'merged' || story === 'watched') expect('objects', objects.sort(), [...WANTED]);
  if (story === 'failed') {
    // What could not be made is missing, and nothing is there that nobody asked for.
    expect(
      'objects',
      objects.filter(one => !WANTED.includes(one as (typeof WANTED)[number])),
      [],
    );
    expect('reverts', repository.state.issues.filter(({ title }) => title.startsWith('Revert #')).length, 1);
  }
  return found;
}
