import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DemoCloud, startDemoCloud } from '../../platform/demo-cloud/server.ts';
import { openForge, type TestForge } from '../forge/forge.ts';
import type { TestRepository } from '../forge/repository.ts';

const run = promisify(execFile);
const program = join(import.meta.dirname, '..', '..', 'dist', 'main.js');

let directory: string;
let cloud: DemoCloud;
let forge: TestForge;
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'provisioning-github-'));
  cloud = await startDemoCloud();
  forge = await openForge();
});
afterEach(async () => {
  await forge.close();
  await cloud.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A repository with a workspace that asks for review, and two people. */
async function published(): Promise<TestRepository> {
  const files = { 'workspace.yaml': `name: shop\nproviders:\n  demo: { url: "${cloud.url}" }\n` };
  const repository = await forge.repository('acme/infrastructure', { files });
  repository.grant('ann', 'write');
  repository.grant('ben', 'write');
  return repository;
}

const SERVER = 'server:\n  web: { size: small, image: debian-12, zone: fi-1 }\n';

function environment(): { readonly [name: string]: string } {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    PROVISIONING_HOME: join(directory, 'home'),
    GITHUB_SERVER_URL: forge.url,
    GITHUB_API_URL: forge.apiUrl,
  };
}

/** The shipped program, as a person or a supervisor starts it. */
async function provisioning(repository: TestRepository, credential: { [name: string]: string }, ...words: string[]) {
  const { stdout } = await run(process.execPath, [program, ...words, '--repository', repository.gitUrl, '--json'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: directory,
      PROVISIONING_HOME: join(directory, 'home'),
      GITHUB_SERVER_URL: forge.url,
      GITHUB_API_URL: forge.apiUrl,
      ...credential,
    },
  }).catch((error: { stdout: string; code: number; stderr: string }) => {
    if (error.stdout === '') throw new Error(error.stderr);
    return error;
  });
  return JSON.parse(stdout) as { passes: { status: string; writes: number }[]; reviews: { stage: string }[] };
}

function credentials(): { readonly [kind: string]: { [name: string]: string } } {
  const app = forge.app({ slug: 'provisioning', repositories: ['acme/infrastructure'] });
  return {
    App: { GITHUB_APP_ID: app.appId, GITHUB_APP_PRIVATE_KEY: app.privateKey },
    token: { GITHUB_TOKEN: forge.token('robot') },
  };
}

describe.each(['App', 'token'])('on GitHub, with the credential of an account: %s', kind => {
  it('a pull request is planned, approved, merged, applied and reported in one comment', async () => {
    const repository = await published();
    repository.grant('robot', 'write');
    const credential = credentials()[kind] ?? {};
    const head = await repository.push({ by: 'ann', branch: 'add-web', files: { 'infra/main.yaml': SERVER } });
    const number = await repository.openPull({ by: 'ann', branch: 'add-web' });
    const planned = await provisioning(repository, credential, 'review');
    expect(planned.reviews).toMatchObject([{ stage: 'planned' }]);
    expect(repository.comments(number)).toHaveLength(1);
    expect(repository.comments(number)[0]?.body).toContain(`/acme/infrastructure/blob/${head}/infra/main.yaml#L2`);
    const isMarked = (sha: string, name: string, state: string): boolean =>
      repository.checks(sha).some(check => check.name === name && check.conclusion === state) ||
      repository.statuses(sha).some(status => status.context === name && status.state === state);
    expect(isMarked(head, 'provisioning/plan', 'success')).toBe(true);
    await repository.merge(number, { by: 'ann', method: 'squash' });
    const early = await provisioning(repository, credential, 'reconcile', '--once');
    expect(early.passes).toMatchObject([{ status: 'waiting', writes: 0 }]);
    await repository.review(number, { by: 'ben', verdict: 'approve' });
    const applied = await provisioning(repository, credential, 'reconcile', '--once');
    expect(applied.passes).toMatchObject([{ status: 'applied', writes: 1 }]);
    const [comment, ...more] = repository.comments(number);
    expect(more).toEqual([]);
    expect(comment?.body).toContain('provisioning:stage applied');
    expect(isMarked((await repository.tip('main')) ?? '', 'provisioning/apply', 'success')).toBe(true);
    const before = forge.ledger.length;
    const again = await provisioning(repository, credential, 'reconcile', '--once');
    expect(again.passes).toMatchObject([{ status: 'in-sync', writes: 0 }]);
    const later = forge.ledger.slice(before).filter(({ method }) => method !== 'GET');
    expect(later.filter(({ path }) => !path.includes('access_tokens'))).toEqual([]);
  });
});

it('a fork is planned without any request to a cloud', async () => {
  const repository = await published();
  const credential = credentials()['App'] ?? {};
  const fork = await repository.fork({ by: 'eve' });
  await fork.push({ by: 'eve', branch: 'add-web', files: { 'infra/main.yaml': SERVER } });
  const number = await repository.openPull({ by: 'eve', branch: 'add-web', from: fork });
  const before = cloud.core.ledger().length;
  const planned = await provisioning(repository, credential, 'review');
  expect(planned.reviews).toMatchObject([{ stage: 'planned' }]);
  expect(cloud.core.ledger().length).toBe(before);
  expect(repository.comments(number)[0]?.body).toMatch(/recorded/);
});

it('a webhook makes the next look come at once', async () => {
  const repository = await published();
  const credential = credentials()['App'] ?? {};
  const secret = 'a secret of enough characters';
  const child = spawn(
    process.execPath,
    [program, 'reconcile', '--watch', '--interval', '3600', '--listen', '0', '--repository', repository.gitUrl],
    { env: { ...environment(), ...credential, PROVISIONING_WEBHOOK_SECRET: secret, PROVISIONING_LOG: 'json' } },
  );
  try {
    const url = await new Promise<string>(resolve => {
      let said = '';
      child.stderr.on('data', part => {
        said += String(part);
        const found = /"url":"(http[^"]+webhooks[^"]+)"/.exec(said)?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    forge.hook({ url, secret });
    await repository.push({ by: 'ann', branch: 'add-web', files: { 'infra/main.yaml': SERVER } });
    const number = await repository.openPull({ by: 'ann', branch: 'add-web' });
    await expect.poll(() => repository.comments(number).length, { timeout: 20_000 }).toBe(1);
  } finally {
    child.kill('SIGINT');
    await new Promise(resolve => child.once('close', resolve));
  }
});
