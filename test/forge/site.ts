import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Octokit } from '@octokit/rest';
import { onTestFinished } from 'vitest';
import { type ForgeOptions, openForge, type TestForge } from './forge.ts';
import type { RepositoryAsked } from './branches.ts';
import { gitEnvironment } from './git.ts';
import type { TestRepository } from './repository.ts';

/** Owner and name of the repository in these tests, as the client wants them. */
export const AT = { owner: 'acme', repo: 'infra' } as const;

/** A forge with one repository and a few people, closed when the test ends. */
export async function site(
  options: ForgeOptions & { readonly asked?: RepositoryAsked } = {},
): Promise<{ readonly forge: TestForge; readonly repository: TestRepository }> {
  const forge = await openForge(options);
  onTestFinished(() => forge.close());
  const repository = await forge.repository('acme/infra', {
    files: { 'README.md': 'hello\n', 'servers.yaml': 'one: 1\ntwo: 2\nthree: 3\n' },
    access: { writer: 'write', reviewer: 'write', reader: 'read' },
    ...options.asked,
  });
  return { forge, repository };
}

const silent = (): void => {};
/** The client prints every refusal otherwise. */
export const SILENT = { debug: silent, info: silent, warn: silent, error: silent };

/** The client of GitHub itself, that says nothing of its own. */
export function client(forge: TestForge, auth?: string): Octokit {
  return new Octokit({
    baseUrl: forge.apiUrl,
    ...(auth === undefined ? {} : { auth }),
    log: SILENT,
  });
}

/** The status of a refused request. */
export async function statusOf(request: Promise<{ readonly status: number }>): Promise<number> {
  return request.then(
    ({ status }) => status,
    (error: { readonly status?: number }) => error.status ?? -1,
  );
}

/** A folder that goes away with the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'forge-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const run = promisify(execFile);

/** Runs Git as a person does, in a folder. Fails with what Git printed. */
export async function gitIn(cwd: string, ...args: readonly string[]): Promise<string> {
  const env = {
    ...gitEnvironment(),
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@x.test',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@x.test',
  };
  return (await run('git', [...args], { cwd, env })).stdout.trim();
}
