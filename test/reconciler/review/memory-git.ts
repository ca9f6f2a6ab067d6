import { createHash } from 'node:crypto';
import type { GitSource, ReviewGit } from '../../../platform/git/port.ts';
import { Fault } from '../../../schemas/fault.ts';
import type { Sha } from '../../../schemas/name.ts';

type Files = ReadonlyMap<string, string>;

interface Commit {
  readonly parents: readonly Sha[];
  readonly files: Files;
  readonly message: string;
}

/** A repository in memory: commits with whole sets of files, and refs. Merges are by file. */
export interface MemoryGit {
  readonly refs: Map<string, Sha>;
  readonly source: GitSource;
  readonly review: ReviewGit;
  write(files: Files, parents: readonly Sha[], message: string): Sha;
  files(commit: Sha): Files;
  merged(onto: Sha, head: Sha): Files | null;
  /** What one commit changed, on top of another. */
  picked(onto: Sha, commit: Sha): Files | null;
  /** Commits of `head` that `onto` does not have, oldest first. */
  ahead(onto: Sha, head: Sha): readonly Sha[];
}

export function memoryGit(): MemoryGit {
  const commits = new Map<Sha, Commit>();
  const refs = new Map<string, Sha>();
  const of = (sha: Sha): Commit => {
    const found = commits.get(sha);
    if (found === undefined) throw new Fault('usage', { id: 'GIT-REVISION', what: `no commit ${sha}` });
    return found;
  };
  const write = (files: Files, parents: readonly Sha[], message: string): Sha => {
    const text = JSON.stringify([[...files].sort(), parents, message]);
    const sha = createHash('sha1').update(text).digest('hex');
    commits.set(sha, { parents, files: new Map(files), message });
    return sha;
  };
  const ancestors = (sha: Sha): Set<Sha> => {
    const seen = new Set<Sha>();
    const todo = [sha];
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      todo.push(...(commits.get(next)?.parents ?? []));
    }
    return seen;
  };
  const isAncestor = (older: Sha, newer: Sha): boolean => commits.has(older) && ancestors(newer).has(older);
  const common = (one: Sha, two: Sha): Sha | null => {
    const known = ancestors(one);
    const todo = [two];
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) {
      if (known.has(next)) return next;
      todo.push(...of(next).parents);
    }
    return null;
  };
  const three = (was: Files, ours: Files, theirs: Files): Files | null => {
    const out = new Map<string, string>();
    for (const path of new Set([...was.keys(), ...ours.keys(), ...theirs.keys()])) {
      const [a, b, c] = [was.get(path), ours.get(path), theirs.get(path)];
      const text = b === c ? b : a === b ? c : a === c ? b : null;
      if (text === null) return null;
      if (text !== undefined) out.set(path, text);
    }
    return out;
  };
  const merged = (onto: Sha, head: Sha): Files | null => {
    const root = common(onto, head);
    return three(root === null ? new Map() : of(root).files, of(onto).files, of(head).files);
  };
  const below = (sha: Sha, prefix: string): Map<string, string> =>
    new Map(
      [...of(sha).files]
        .filter(([path]) => prefix === '' || path.startsWith(`${prefix}/`))
        .map(([path, text]) => [prefix === '' ? path : path.slice(prefix.length + 1), text]),
    );
  const treeOf = (sha: Sha, prefix: string): Sha | null => {
    const files = below(sha, prefix);
    if (files.size === 0) return null;
    return createHash('sha1')
      .update(JSON.stringify([...files].sort()))
      .digest('hex');
  };
  const heads = (): Map<string, Sha> =>
    new Map(
      [...refs]
        .filter(([ref]) => ref.startsWith('refs/heads/'))
        .map(([ref, sha]) => [ref.slice('refs/heads/'.length), sha]),
    );
  const source: GitSource = {
    url: 'memory',
    root: '/',
    fetch: async () => {},
    branches: async () => heads(),
    head: async branch => heads().get(branch) ?? null,
    async resolve(revision) {
      const sha = heads().get(revision) ?? revision;
      of(sha);
      return sha;
    },
    isAncestor: async ({ older, newer }) => isAncestor(older, newer),
    async snapshot(commit, prefix) {
      const encoder = new TextEncoder();
      const files = new Map([...below(commit, prefix)].map(([path, text]) => [path, encoder.encode(text)]));
      return { commit, tree: treeOf(commit, prefix) ?? '4b825dc642cb6eb9a060e54bf8d69288fbee4904', files };
    },
    workspaces: async commit =>
      [...of(commit).files.keys()]
        .filter(path => /(^|\/)workspace\.yaml$/.test(path))
        .map(path => path.replace(/\/?workspace\.yaml$/, ''))
        .sort(),
    remoteUrl: async () => 'memory',
    dirty: async () => [],
    worktree: () => Promise.reject(new Fault('usage', { id: 'GIT-BARE', what: 'no working tree' })),
  };
  const review: ReviewGit = {
    fetchRef: async ref => refs.get(ref) ?? null,
    async merge({ onto, head }) {
      if (isAncestor(head, onto)) return onto;
      if (isAncestor(onto, head)) return head;
      const files = merged(onto, head);
      return files === null ? null : write(files, [onto, head], 'merge');
    },
    async mergeCommit({ onto, head, message }) {
      const files = merged(onto, head);
      return files === null ? null : write(files, [onto, head], message);
    },
    fork: async ({ onto, head }) => common(onto, head),
    tree: async (commit, prefix) => treeOf(commit, prefix),
    parent: async commit => of(commit).parents[0] ?? null,
    async line({ older, newer }) {
      const line: Sha[] = [];
      for (let at: Sha | undefined = newer; at !== undefined; at = of(at).parents[0]) {
        if (at === older) return line.reverse();
        line.push(at);
      }
      return older === null ? line.reverse() : null;
    },
    async commit({ onto, files, message }) {
      const decoder = new TextDecoder();
      const next = new Map(of(onto).files);
      for (const [path, bytes] of files) next.set(path, decoder.decode(bytes));
      return write(next, [onto], message);
    },
    async revert({ commit, onto, message }) {
      const parent = of(commit).parents[0];
      const files = parent === undefined ? null : three(of(commit).files, of(onto).files, of(parent).files);
      return files === null ? null : write(files, [onto], message);
    },
    async push(branch, commit) {
      const ref = `refs/heads/${branch}`;
      if (refs.has(ref)) return refs.get(ref) === commit;
      refs.set(ref, commit);
      return true;
    },
  };
  return {
    refs,
    source,
    review,
    write,
    merged,
    picked: (onto, commit) => three(of(of(commit).parents[0] ?? '').files, of(onto).files, of(commit).files),
    files: sha => of(sha).files,
    ahead(onto, head) {
      const known = ancestors(onto);
      const fresh: Sha[] = [];
      for (let at: Sha | undefined = head; at !== undefined && !known.has(at); at = of(at).parents[0]) fresh.push(at);
      return fresh.reverse();
    },
  };
}
