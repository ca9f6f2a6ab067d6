import { z } from 'zod';
import { moveBranch } from '../branches.ts';
import { commitShapes, pullsWith } from '../commits.ts';
import { git, resolve } from '../git.ts';
import type { Protection, Repository } from '../model.ts';
import { linkTo, pageSize } from '../pages.ts';
import { notFound, Refusal } from '../refusal.ts';
import { activityShape, type Json, pullShape, repositoryShape, repositoryUrl } from '../shapes.ts';
import { commitAt } from './mark-routes.ts';
import { type Answer, type Asked, many, one, route } from './route.ts';

const CONTENTS = { access: 'read', permission: 'contents' } as const;
const WRITE = { access: 'write', permission: 'contents' } as const;

/** The repository itself, its commits, branches and pushes. */
export const gitRoutes = [
  route({
    access: 'read',
    permission: 'metadata',
    method: 'GET',
    path: '',
    run: ({ hub, repository, actor }) => one(repositoryShape(hub, repository, actor.login)),
  }),
  route({
    access: 'read',
    permission: 'pull_requests|contents',
    method: 'GET',
    path: '/commits/:ref+/pulls',
    async run({ hub, repository, at }) {
      const pulls = pullsWith(repository, await commitAt(repository, at('ref')));
      return many(pulls.map(issue => pullShape(hub, repository, issue)));
    },
  }),
  route({
    ...CONTENTS,
    method: 'GET',
    path: '/commits/:ref+',
    async run({ hub, repository, at }) {
      const [commit] = await commitShapes(hub, repository, [await commitAt(repository, at('ref'))]);
      return one(commit);
    },
  }),
  route({ ...CONTENTS, method: 'GET', path: '/activity', run: activities }),
  route({
    access: 'admin',
    permission: 'administration',
    method: 'GET',
    path: '/branches/:branch+/protection',
    run({ hub, repository, at }) {
      const rules = repository.protections.get(existing(repository, at('branch')));
      if (rules === undefined) throw new Refusal(404, 'Branch not protected');
      const url = `${repositoryUrl(hub, repository)}/branches/${encodeURIComponent(at('branch'))}/protection`;
      return one(protectionShape(rules, url));
    },
  }),
  route({
    ...CONTENTS,
    method: 'GET',
    path: '/branches/:branch+',
    async run({ hub, repository, at }) {
      const name = existing(repository, at('branch'));
      const [commit] = await commitShapes(hub, repository, [repository.branches.get(name) ?? '']);
      return one({ name, commit, protected: repository.protections.has(name) });
    },
  }),
  route({
    ...CONTENTS,
    method: 'GET',
    path: '/branches',
    run: ({ repository }) =>
      many(
        [...repository.branches].map(([name, sha]) => ({
          name,
          commit: { sha },
          protected: repository.protections.has(name),
        })),
      ),
  }),
  route({
    ...CONTENTS,
    method: 'GET',
    path: '/git/ref/:ref+',
    async run({ hub, repository, at }) {
      const found = await refsOf(repository, `refs/${at('ref')}`);
      const ref = found.find(({ name }) => name === `refs/${at('ref')}`);
      if (ref === undefined) throw notFound();
      return one(refShape(repositoryUrl(hub, repository), ref));
    },
  }),
  route({
    ...CONTENTS,
    method: 'GET',
    path: '/git/matching-refs/:ref+',
    async run({ hub, repository, at }) {
      const found = await refsOf(repository, `refs/${at('ref')}*`);
      return many(found.map(ref => refShape(repositoryUrl(hub, repository), ref)));
    },
  }),
  route({
    ...WRITE,
    method: 'POST',
    path: '/git/refs',
    body: z.object({ ref: z.string().regex(/^refs\/heads\/./), sha: z.string() }),
    async run({ hub, repository, actor, body }) {
      const branch = body.ref.replace('refs/heads/', '');
      if (repository.branches.has(branch)) throw new Refusal(422, 'Reference already exists');
      await moveBranch(hub, repository, { by: actor.login, branch, to: body.sha });
      return one(refShape(repositoryUrl(hub, repository), { name: body.ref, sha: body.sha }), 201);
    },
  }),
  route({
    ...WRITE,
    method: 'DELETE',
    path: '/git/refs/:ref+',
    async run({ hub, repository, actor, at }) {
      const branch = at('ref').replace(/^heads\//, '');
      if (!repository.branches.has(branch)) throw new Refusal(422, 'Reference does not exist');
      await moveBranch(hub, repository, { by: actor.login, branch, to: null });
      return { status: 204 };
    },
  }),
  route({
    ...CONTENTS,
    method: 'GET',
    path: '/contents/:path+',
    async run({ repository, at, query }) {
      const sha = await resolve(repository.path, query.get('ref') ?? repository.defaultBranch);
      if (sha === null) throw notFound();
      const path = at('path');
      const [entry = ''] = (await git(repository.path, 'ls-tree', '-z', sha, '--', path)).split('\0');
      const [, type, blob] = /^\d+ (\w+) ([0-9a-f]+)\t/.exec(entry) ?? [];
      if (type !== 'blob' || blob === undefined) throw notFound();
      const content = Buffer.from(await git(repository.path, 'cat-file', 'blob', blob));
      const name = path.split('/').at(-1);
      return one({
        type: 'file',
        encoding: 'base64',
        size: content.length,
        name,
        path,
        sha: blob,
        content: content.toString('base64'),
      });
    },
  }),
];

function existing(repository: Repository, branch: string): string {
  if (!repository.branches.has(branch)) throw new Refusal(404, 'Branch not found');
  return branch;
}

/** Newest first. Its pages are reached by the last id seen, not by number. */
function activities({ hub, repository, query, url }: Asked<unknown>): Answer {
  const [ref, kind, by, after] = ['ref', 'activity_type', 'actor', 'after'].map(name => query.get(name));
  const full = ref == null || ref.startsWith('refs/') ? ref : `refs/heads/${ref}`;
  const all = repository.activity.filter(
    one => (full ?? one.ref) === one.ref && (kind ?? one.kind) === one.kind && (by ?? one.by) === one.by,
  );
  const ordered = query.get('direction') === 'asc' ? all.toReversed() : all;
  const start = after == null ? 0 : ordered.findIndex(({ id }) => String(id) === after) + 1;
  const shown = ordered.slice(start, start + pageSize(query));
  const json = shown.map(one => activityShape(hub, one));
  if (start + shown.length >= ordered.length) return { status: 200, json };
  return { status: 200, json, link: linkTo(url, 'next', { after: String(shown.at(-1)?.id) }) };
}

interface Ref {
  readonly name: string;
  readonly sha: string;
}

async function refsOf(repository: Repository, pattern: string): Promise<readonly Ref[]> {
  const text = await git(repository.path, 'for-each-ref', '--format=%(objectname) %(refname)');
  const start = pattern.replace(/\*$/, '');
  return text
    .split('\n')
    .map(line => ({ sha: line.slice(0, 40), name: line.slice(41) }))
    .filter(({ name }) => name !== '' && (pattern.endsWith('*') ? name.startsWith(start) : name === start));
}

function refShape(api: string, { name, sha }: Ref): Json {
  return {
    ref: name,
    node_id: `REF_${name}`,
    url: `${api}/git/${name}`,
    object: { type: 'commit', sha, url: `${api}/git/commits/${sha}` },
  };
}

function protectionShape(rules: Protection, url: string): Json {
  const enabled = (is: boolean | undefined): Json => ({ enabled: is ?? false });
  const checks = {
    url: `${url}/required_status_checks`,
    strict: rules.strict ?? false,
    contexts: rules.checks,
    checks: rules.checks?.map(context => ({ context, app_id: null })),
  };
  const reviews = {
    url: `${url}/required_pull_request_reviews`,
    dismiss_stale_reviews: rules.dismissStale ?? false,
    require_code_owner_reviews: rules.codeOwners ?? false,
    require_last_push_approval: rules.lastPushApproval ?? false,
    required_approving_review_count: rules.approvals,
  };
  return {
    url,
    ...(rules.checks === undefined ? {} : { required_status_checks: checks }),
    ...(rules.approvals === undefined ? {} : { required_pull_request_reviews: reviews }),
    enforce_admins: { url: `${url}/enforce_admins`, ...enabled(rules.enforceAdmins) },
    required_linear_history: enabled(rules.linearHistory),
    allow_force_pushes: enabled(false),
    allow_deletions: enabled(false),
    required_conversation_resolution: enabled(false),
  };
}
