import { spawn } from 'node:child_process';
import type { Sha } from '../../schemas/name.ts';

/** Author and committer of a commit. `at` is an ISO time. */
export interface Signature {
  readonly name: string;
  readonly at: string;
}

export interface GitResult {
  readonly code: number;
  readonly text: string;
  readonly errors: string;
}

/** Address that stands for a login in commits. */
export function emailOf(login: string): string {
  return `${login}@users.noreply.forge.test`;
}

/** Environment of every Git process of the forge: nothing of the machine's own settings. */
export function gitEnvironment(): { readonly [name: string]: string } {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
  };
}

/** Runs Git in a bare repository and tells what came of it. */
export function tryGit(
  path: string,
  options: {
    readonly args: readonly string[];
    readonly input?: string | Buffer;
    readonly environment?: { readonly [name: string]: string };
  },
): Promise<GitResult> {
  return new Promise((done, failed) => {
    const child = spawn('git', ['-C', path, ...options.args], {
      env: { ...gitEnvironment(), ...options.environment },
    });
    const out: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => out.push(part));
    child.stderr.on('data', (part: Buffer) => errors.push(part));
    child.stdin.on('error', () => {});
    child.on('error', failed);
    child.on('close', code =>
      done({ code: code ?? -1, text: Buffer.concat(out).toString(), errors: Buffer.concat(errors).toString() }),
    );
    child.stdin.end(options.input);
  });
}

/** Runs Git where it must not fail. */
export async function git(path: string, ...args: readonly string[]): Promise<string> {
  const { code, text, errors } = await tryGit(path, { args });
  if (code !== 0) throw new Error(`git ${args.join(' ')}: ${errors}`);
  return text;
}

/** The commit that a name stands for; null when there is none. */
export async function resolve(path: string, name: string): Promise<Sha | null> {
  const { code, text } = await tryGit(path, {
    args: ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`],
  });
  return code === 0 ? text.trim() : null;
}

/** All branches. */
export async function branchesAt(path: string): Promise<ReadonlyMap<string, Sha>> {
  const text = await git(path, 'for-each-ref', '--format=%(objectname) %(refname:lstrip=2)', 'refs/heads');
  return new Map(
    text
      .split('\n')
      .filter(line => line !== '')
      .map(line => [line.slice(41), line.slice(0, 40)]),
  );
}

/** Whether one commit is the other or stands before it. */
export async function isAncestor(path: string, older: Sha, newer: Sha): Promise<boolean> {
  return (await tryGit(path, { args: ['merge-base', '--is-ancestor', older, newer] })).code === 0;
}

/** Commits that `tip` has and `without` does not, oldest first. */
export async function commitsBetween(path: string, without: Sha, tip: Sha): Promise<readonly Sha[]> {
  const text = await git(path, 'rev-list', '--reverse', '--topo-order', tip, `^${without}`);
  return text.split('\n').filter(line => line !== '');
}

/** Makes a commit of a tree that exists. */
export async function commitTree(
  path: string,
  commit: {
    readonly tree: string;
    readonly parents: readonly Sha[];
    readonly message: string;
    readonly author: Signature & { readonly email?: string };
    readonly committer: Signature;
  },
): Promise<Sha> {
  const { author, committer } = commit;
  const result = await tryGit(path, {
    args: ['commit-tree', commit.tree, ...commit.parents.flatMap(parent => ['-p', parent])],
    input: commit.message,
    environment: {
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.email ?? emailOf(author.name),
      GIT_AUTHOR_DATE: author.at,
      GIT_COMMITTER_NAME: committer.name,
      GIT_COMMITTER_EMAIL: emailOf(committer.name),
      GIT_COMMITTER_DATE: committer.at,
    },
  });
  if (result.code !== 0) throw new Error(`git commit-tree: ${result.errors}`);
  return result.text.trim();
}

/** Makes a commit that changes files and moves a branch to it, in one process. A file that is null goes away. */
export async function commitFiles(
  path: string,
  commit: {
    readonly branch: string;
    readonly parent: Sha | null;
    readonly files: { readonly [path: string]: string | Buffer | null };
    readonly message: string;
    readonly by: Signature;
  },
): Promise<Sha> {
  const person = `${commit.by.name} <${emailOf(commit.by.name)}> ${Date.parse(commit.by.at) / 1000} +0000`;
  const parts: (string | Buffer)[] = [
    `commit refs/heads/${commit.branch}\nmark :1\nauthor ${person}\ncommitter ${person}\n`,
    ...counted(commit.message),
    commit.parent === null ? '' : `from ${commit.parent}\n`,
  ];
  for (const [name, content] of Object.entries(commit.files)) {
    if (content === null) parts.push(`D ${name}\n`);
    else parts.push(`M 100644 inline ${name}\n`, ...counted(content));
  }
  parts.push('get-mark :1\ndone\n');
  const result = await tryGit(path, {
    args: ['fast-import', '--quiet', '--done', '--force'],
    input: Buffer.concat(parts.map(part => Buffer.from(part))),
  });
  if (result.code !== 0) throw new Error(`git fast-import: ${result.errors}`);
  return result.text.trim();
}

function counted(content: string | Buffer): readonly (string | Buffer)[] {
  return [`data ${Buffer.byteLength(content)}\n`, content, '\n'];
}
