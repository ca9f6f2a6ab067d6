import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A clone with an `origin`, made by plain git, for tests. */
export interface Repository {
  readonly directory: string;
  readonly clone: string;
  readonly remote: string;
  git(args: readonly string[], input?: string | Uint8Array): string;
  write(files: { readonly [path: string]: string }): void;
  commit(files: { readonly [path: string]: string }): string;
  /** A commit on a tree that git itself would not make: entries as they are given, in this order. */
  commitRaw(entries: readonly RawEntry[]): string;
  blob(text: string): string;
  close(): void;
}

export interface RawEntry {
  readonly mode: string;
  readonly name: string | Uint8Array;
  readonly oid: string;
}

export function makeRepository(): Repository {
  const directory = mkdtempSync(join(tmpdir(), 'git-'));
  const remote = join(directory, 'remote.git');
  const clone = join(directory, 'clone');
  const env = { PATH: process.env['PATH'] ?? '', HOME: directory, GIT_CONFIG_NOSYSTEM: '1' };
  const run = (cwd: string, args: readonly string[], input: string | Uint8Array = ''): string =>
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...args], {
      cwd,
      env,
      input,
      encoding: 'utf8',
    }).trim();
  run(directory, ['init', '--quiet', '--bare', '--initial-branch=main', remote]);
  run(directory, ['init', '--quiet', '--initial-branch=main', clone]);
  run(clone, ['remote', 'add', 'origin', remote]);
  const repository: Repository = {
    directory,
    clone,
    remote,
    git: (args, input) => run(clone, args, input),
    write(files) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(clone, path)), { recursive: true });
        writeFileSync(join(clone, path), text);
      }
    },
    commit(files) {
      repository.write(files);
      run(clone, ['add', '--all']);
      run(clone, ['commit', '--quiet', '--allow-empty', '--message', 'a change']);
      run(clone, ['push', '--quiet', 'origin', 'HEAD:main']);
      return run(clone, ['rev-parse', 'HEAD']);
    },
    commitRaw(entries) {
      const bytes = entries.map(({ mode, name, oid }) =>
        Buffer.concat([
          Buffer.from(`${mode} `),
          Buffer.from(name as string),
          Buffer.from([0]),
          Buffer.from(oid, 'hex'),
        ]),
      );
      const tree = run(clone, ['hash-object', '-t', 'tree', '-w', '--stdin', '--literally'], Buffer.concat(bytes));
      return run(clone, ['commit-tree', tree, '-m', 'a strange tree']);
    },
    blob: text => run(clone, ['hash-object', '-w', '--stdin'], text),
    close: () => rmSync(directory, { recursive: true, force: true }),
  };
  return repository;
}
