import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sha } from '../../schemas/name.ts';
import { branchesAt, commitFiles, git, isAncestor, resolve } from './git.ts';
import { accountOf, type Hub, isoOf } from './hub.ts';
import { type Access, type ActivityKind, type MergeMethod, NO_SHA, pullsOf, type Repository } from './model.ts';
import { followBranch, moveHead, setState } from './pulls.ts';
import { pushProblem } from './protection.ts';
import { pushShape } from './pushes.ts';
import { Refusal } from './refusal.ts';

export type Files = { readonly [path: string]: string | Buffer | null };

export interface RepositoryAsked {
  readonly files?: Files;
  readonly message?: string;
  readonly defaultBranch?: string;
  /** Private unless told otherwise. */
  readonly isPrivate?: boolean;
  readonly access?: { readonly [login: string]: Access };
  readonly methods?: readonly MergeMethod[];
}

const CONFIG = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tfsync = none
[gc]
\tauto = 0
[receive]
\tautogc = false
[http]
\treceivepack = true
[uploadpack]
\tallowFilter = true
\tallowAnySHA1InWant = true
[maintenance]
\tauto = false
`;

/** What a push over HTTP may not touch. The server writes the rules for the one who pushes into FORGE_LOCKED, one name in a line. */
const UPDATE_HOOK = `#!/bin/sh
case "$1" in
refs/pull/*) echo 'deny updating a hidden ref' >&2; exit 1 ;;
refs/heads/gh-readonly-queue/*) echo "error: GH006: Protected branch update failed for $1." >&2; exit 1 ;;
esac
while read -r mode name; do
  [ "$name" = "$1" ] || continue
  if [ "$mode" = locked ]; then refused=1
  elif [ "$3" = "${NO_SHA}" ]; then refused=1
  elif [ "$2" != "${NO_SHA}" ] && ! git merge-base --is-ancestor "$2" "$3"; then refused=1
  fi
done <<END
$FORGE_LOCKED
END
[ -z "$refused" ] && exit 0
echo "error: GH006: Protected branch update failed for $1." >&2
exit 1
`;

/** Makes a repository with one commit, or an empty one. */
export async function createRepository(hub: Hub, fullName: string, asked: RepositoryAsked): Promise<Repository> {
  const repository = newRepository(hub, { ...asked, fullName, forkOf: null });
  mkdirSync(join(repository.path, 'refs', 'heads'), { recursive: true });
  mkdirSync(join(repository.path, 'objects'), { recursive: true });
  writeFileSync(join(repository.path, 'HEAD'), `ref: refs/heads/${repository.defaultBranch}\n`);
  furnish(repository.path);
  hub.repositories.set(fullName, repository);
  if (asked.files !== undefined) {
    const { defaultBranch: branch, owner: by } = repository;
    await pushFiles(hub, repository, { by, branch, files: asked.files, message: asked.message ?? 'Begin' });
  }
  return repository;
}

/** Copies a repository to another owner. */
export async function forkRepository(hub: Hub, of: Repository, by: string): Promise<Repository> {
  const fullName = `${by}/${of.name}`;
  if (hub.repositories.has(fullName)) throw new Refusal(422, 'the fork exists');
  const { defaultBranch, isPrivate } = of;
  const fork = newRepository(hub, { fullName, forkOf: of.fullName, defaultBranch, isPrivate });
  cpSync(of.path, fork.path, { recursive: true });
  furnish(fork.path);
  for (const ref of (await git(fork.path, 'for-each-ref', '--format=%(refname)', 'refs/pull')).split('\n'))
    if (ref !== '') await git(fork.path, 'update-ref', '-d', ref);
  fork.branches = await branchesAt(fork.path);
  hub.repositories.set(fullName, fork);
  return fork;
}

function newRepository(
  hub: Hub,
  asked: RepositoryAsked & { readonly fullName: string; readonly forkOf: string | null },
): Repository {
  const { fullName } = asked;
  const [owner = '', name = ''] = fullName.split('/');
  for (const login of [owner, ...Object.keys(asked.access ?? {})]) accountOf(hub, login);
  return {
    id: hub.nextId(),
    owner,
    name,
    fullName,
    path: join(hub.root, owner, `${name}.git`),
    defaultBranch: asked.defaultBranch ?? 'main',
    isPrivate: asked.isPrivate ?? true,
    forkOf: asked.forkOf,
    createdAt: isoOf(hub.clock.now()),
    methods: new Set(asked.methods ?? ['merge', 'squash', 'rebase']),
    access: new Map(Object.entries(asked.access ?? {})),
    branches: new Map(),
    protections: new Map(),
    issues: [],
    checks: [],
    statuses: [],
    activity: [],
    queue: [],
  };
}

function furnish(path: string): void {
  writeFileSync(join(path, 'config'), CONFIG);
  mkdirSync(join(path, 'hooks'), { recursive: true });
  writeFileSync(join(path, 'hooks', 'update'), UPDATE_HOOK, { mode: 0o755 });
}

/** Commits files to a branch as somebody does who pushes. */
export async function pushFiles(
  hub: Hub,
  repository: Repository,
  push: {
    readonly by: string;
    readonly branch: string;
    readonly files: Files;
    readonly message?: string;
    /** Branch or commit that a new branch, or with `force` the new commit, starts from. */
    readonly from?: string;
    readonly force?: boolean;
  },
): Promise<Sha> {
  const { by, branch, files, force = false } = push;
  const tip = repository.branches.get(branch);
  const start = tip === undefined || force ? await startOf(repository, push) : tip;
  const isRewrite = tip !== undefined && start !== tip;
  const problem = pushProblem(repository, { branch, login: by, isRewrite });
  if (problem !== null) throw new Refusal(403, problem);
  const message = push.message ?? `Change ${Object.keys(files).join(', ')}`;
  const at = hub.clock.tick();
  const sha = await commitFiles(repository.path, { branch, parent: start, files, message, by: { name: by, at } });
  await notice(hub, repository, { by });
  return sha;
}

async function startOf(
  repository: Repository,
  { branch, from, force }: { readonly branch: string; readonly from?: string; readonly force?: boolean },
): Promise<Sha | null> {
  // A rewrite that names no start takes the place of the newest commit.
  const name = from ?? (force === true && repository.branches.has(branch) ? `${branch}^` : repository.defaultBranch);
  const sha = await resolve(repository.path, name);
  if (sha === null && (from !== undefined || repository.branches.size > 0)) throw new Refusal(422, `no commit ${name}`);
  return sha;
}

/** Moves a branch to a commit that exists, makes it there, or with null deletes it. */
export async function moveBranch(
  hub: Hub,
  repository: Repository,
  move: {
    readonly by: string;
    readonly branch: string;
    readonly to: string | null;
    readonly isOwn?: boolean;
    readonly kind?: ActivityKind;
  },
): Promise<void> {
  const { by, branch, to } = move;
  const tip = repository.branches.get(branch);
  const sha = to === null ? null : await resolve(repository.path, to);
  if (to !== null && sha === null) throw new Refusal(422, 'Object does not exist');
  const isRewrite = tip !== undefined && (sha === null || !(await isAncestor(repository.path, tip, sha)));
  const problem = move.isOwn === true ? null : pushProblem(repository, { branch, login: by, isRewrite });
  if (problem !== null) throw new Refusal(403, problem);
  const ref = `refs/heads/${branch}`;
  await git(repository.path, 'update-ref', ...(sha === null ? ['-d', ref] : [ref, sha]));
  await notice(hub, repository, { by, ...(move.kind === undefined ? {} : { kind: move.kind }) });
}

/** Looks at what Git says now, and does everything that follows from a moved branch. */
export async function notice(
  hub: Hub,
  repository: Repository,
  of: { readonly by: string; readonly kind?: ActivityKind },
): Promise<void> {
  const { by } = of;
  accountOf(hub, by);
  const old = repository.branches;
  const now = await branchesAt(repository.path);
  repository.branches = now;
  for (const branch of new Set([...old.keys(), ...now.keys()])) {
    const [before, after] = [old.get(branch) ?? NO_SHA, now.get(branch) ?? NO_SHA];
    if (before === after) continue;
    const kind = of.kind ?? (await kindOf(repository, before, after));
    const at = hub.clock.tick();
    const ref = `refs/heads/${branch}`;
    repository.activity.unshift({ id: hub.nextId(), ref, before, after, kind, by, at });
    if (hub.hears('push', repository)) {
      const shape = await pushShape(hub, repository, { ref, before, after, by });
      hub.emit('push', { repository, by }, () => shape);
    }
    await followHeads(hub, repository, { branch, by, after });
    await followBranch(hub, repository, { branch, by, before, after });
  }
}

async function kindOf(repository: Repository, before: Sha, after: Sha): Promise<ActivityKind> {
  if (before === NO_SHA) return 'branch_creation';
  if (after === NO_SHA) return 'branch_deletion';
  return (await isAncestor(repository.path, before, after)) ? 'push' : 'force_push';
}

/** Pull requests whose commits come from this branch, here and where this repository was forked from. */
async function followHeads(
  hub: Hub,
  from: Repository,
  moved: { readonly branch: string; readonly by: string; readonly after: Sha },
): Promise<void> {
  const { branch, by, after } = moved;
  for (const repository of hub.repositories.values()) {
    for (const issue of pullsOf(repository)) {
      const { headRepository, headBranch } = issue.pull;
      if (issue.state !== 'open' || headRepository !== from.fullName || headBranch !== branch) continue;
      if (after === NO_SHA) setState(hub, repository, { issue, by, state: 'closed' });
      else await moveHead(hub, repository, { issue, by, to: after });
    }
  }
}
