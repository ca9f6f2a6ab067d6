import { z } from 'zod';
import { accountOf } from '../hub.ts';
import { accessOf, type Comment, type Issue, issueOf, reaches } from '../model.ts';
import { openIssue, setLabel, setState } from '../pulls.ts';
import { invalid, notFound } from '../refusal.ts';
import { commentShape, eventShape, issueShape, labelShape, REACTIONS, reactionShape, userShape } from '../shapes.ts';
import { addComment, checkBody, commentOf, deleteComment, editComment, react } from '../talk.ts';
import { type Asked, many, one, route } from './route.ts';

const READ = { access: 'read', permission: 'issues|pull_requests' } as const;
const TRIAGE = { access: 'triage', permission: 'issues|pull_requests' } as const;

function issueAt({ repository, at }: Pick<Asked<unknown>, 'repository' | 'at'>): Issue {
  const issue = issueOf(repository, Number(at('number')));
  if (issue === undefined) throw notFound();
  return issue;
}

const Body = z.object({ body: z.string() });
const Labels = z.union([z.object({ labels: z.array(z.string()) }), z.array(z.string())]);
const NewIssue = z.object({
  title: z.string().min(1),
  body: z.string().nullish(),
  labels: z.array(z.string()).optional(),
});
const IssueChange = z.object({
  title: z.string().min(1).optional(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']).optional(),
  state_reason: z.string().nullish(),
});

/** Comments and their reactions. */
const talkRoutes = [
  route({
    ...READ,
    method: 'GET',
    path: '/issues/comments',
    run({ hub, repository, query }) {
      const all = repository.issues.flatMap(({ comments }) => comments);
      const found = since(query, all).toSorted((a, b) => order(query, a, b));
      return many(found.map(comment => commentShape(hub, repository, comment)));
    },
  }),
  route({
    ...READ,
    method: 'GET',
    path: '/issues/comments/:id',
    run: ({ hub, repository, at }) => one(commentShape(hub, repository, commentOf(repository, Number(at('id'))))),
  }),
  route({
    ...READ,
    method: 'PATCH',
    path: '/issues/comments/:id',
    body: Body,
    run({ hub, repository, actor, at, body }) {
      const edit = { id: Number(at('id')), by: actor.login, body: body.body };
      return one(commentShape(hub, repository, editComment(hub, repository, edit)));
    },
  }),
  route({
    ...READ,
    method: 'DELETE',
    path: '/issues/comments/:id',
    run({ hub, repository, actor, at }) {
      deleteComment(hub, repository, { id: Number(at('id')), by: actor.login });
      return { status: 204 };
    },
  }),
  route({
    ...READ,
    method: 'GET',
    path: '/issues/comments/:id/reactions',
    run({ hub, repository, at, query }) {
      const content = query.get('content');
      const { reactions } = commentOf(repository, Number(at('id')));
      const found = reactions.filter(reaction => content === null || reaction.content === content);
      return many(found.map(reaction => reactionShape(hub, reaction)));
    },
  }),
  route({
    ...READ,
    method: 'POST',
    path: '/issues/comments/:id/reactions',
    body: z.object({ content: z.enum(REACTIONS) }),
    run({ hub, repository, actor, at, body }) {
      const comment = commentOf(repository, Number(at('id')));
      const { reaction, isNew } = react(hub, comment, { by: actor.login, content: body.content });
      return one(reactionShape(hub, reaction), isNew ? 201 : 200);
    },
  }),
  route({
    ...READ,
    method: 'DELETE',
    path: '/issues/comments/:id/reactions/:reaction',
    run({ repository, actor, at }) {
      const { reactions } = commentOf(repository, Number(at('id')));
      const found = reactions.findIndex(({ id, by }) => id === Number(at('reaction')) && by === actor.login);
      if (found < 0) throw notFound();
      reactions.splice(found, 1);
      return { status: 204 };
    },
  }),
  route({
    ...READ,
    method: 'GET',
    path: '/issues/:number/comments',
    run(asked) {
      const { hub, repository, query } = asked;
      return many(since(query, issueAt(asked).comments).map(comment => commentShape(hub, repository, comment)));
    },
  }),
  route({
    ...READ,
    method: 'POST',
    path: '/issues/:number/comments',
    body: Body,
    run(asked) {
      const { hub, repository, actor, body } = asked;
      const comment = addComment(hub, repository, { issue: issueAt(asked), by: actor.login, body: body.body });
      return one(commentShape(hub, repository, comment), 201);
    },
  }),
];

function since(query: URLSearchParams, comments: readonly Comment[]): readonly Comment[] {
  const from = query.get('since');
  return from === null ? comments : comments.filter(({ updatedAt }) => Date.parse(updatedAt) >= Date.parse(from));
}

function order(query: URLSearchParams, a: Comment, b: Comment): number {
  const field = query.get('sort') === 'updated' ? 'updatedAt' : 'createdAt';
  return (a[field] < b[field] ? -1 : 1) * (query.get('direction') === 'desc' ? -1 : 1);
}

/** Issues, and what pull requests have in common with them. */
export const issueRoutes = [
  ...talkRoutes,
  route({
    ...READ,
    method: 'GET',
    path: '/issues',
    run: asked => many(listed(asked).map(issue => issueShape(asked.hub, asked.repository, issue))),
  }),
  route({
    ...READ,
    method: 'POST',
    path: '/issues',
    body: NewIssue,
    run({ hub, repository, actor, body }) {
      checkBody('Issue', body.body ?? '');
      const by = actor.login;
      const issue = openIssue(hub, repository, { by, title: body.title, body: body.body ?? null });
      // Who may not label gets his issue without labels.
      if (actor.app !== null || reaches(accessOf(repository, by), 'triage'))
        for (const label of body.labels ?? []) setLabel(hub, repository, { issue, by, label, isOn: true });
      return one(issueShape(hub, repository, issue), 201);
    },
  }),
  route({
    ...READ,
    method: 'GET',
    path: '/issues/:number',
    run: asked => one(issueShape(asked.hub, asked.repository, issueAt(asked))),
  }),
  route({
    ...READ,
    method: 'PATCH',
    path: '/issues/:number',
    body: IssueChange,
    run(asked) {
      const { hub, repository, actor, body } = asked;
      const issue = issueAt(asked);
      checkBody('Issue', body.body ?? '');
      if (body.title !== undefined || body.body !== undefined) {
        issue.title = body.title ?? issue.title;
        if (body.body !== undefined) issue.body = body.body;
        issue.updatedAt = hub.clock.tick();
      }
      if (body.state !== undefined) setState(hub, repository, { issue, by: actor.login, state: body.state });
      return one(issueShape(hub, repository, issue));
    },
  }),
  route({
    ...READ,
    method: 'GET',
    path: '/issues/:number/events',
    run: asked => many(issueAt(asked).events.map(event => eventShape(asked.hub, asked.repository, event))),
  }),
  route({
    ...READ,
    method: 'GET',
    path: '/issues/:number/labels',
    run: asked => many(issueAt(asked).labels.map(labelShape)),
  }),
  route({
    ...TRIAGE,
    method: 'POST',
    path: '/issues/:number/labels',
    body: Labels,
    run(asked) {
      const { hub, repository, actor, body } = asked;
      const issue = issueAt(asked);
      const labels = 'labels' in body ? body.labels : body;
      if (labels.includes('')) throw invalid({ resource: 'Label', field: 'name', code: 'missing_field' });
      for (const label of labels) setLabel(hub, repository, { issue, by: actor.login, label, isOn: true });
      return many(issue.labels.map(labelShape));
    },
  }),
  route({
    ...TRIAGE,
    method: 'DELETE',
    path: '/issues/:number/labels/:label',
    run(asked) {
      const { hub, repository, actor, at } = asked;
      const issue = issueAt(asked);
      setLabel(hub, repository, { issue, by: actor.login, label: at('label'), isOn: false });
      return many(issue.labels.map(labelShape));
    },
  }),
  route({
    access: 'read',
    permission: 'metadata',
    method: 'GET',
    path: '/collaborators/:login/permission',
    run({ hub, repository, at }) {
      const login = at('login');
      if (!hub.accounts.has(login)) throw notFound();
      const role = accessOf(repository, accountOf(hub, login).login);
      const permission = role === 'maintain' ? 'write' : role === 'triage' ? 'read' : role;
      return one({ permission, role_name: role, user: userShape(hub, login) });
    },
  }),
];

function listed({ repository, query }: Asked<unknown>): readonly Issue[] {
  const state = query.get('state') ?? 'open';
  const creator = query.get('creator');
  const labels = (query.get('labels') ?? '').split(',').filter(label => label !== '');
  const from = query.get('since');
  const field = query.get('sort') === 'updated' ? 'updatedAt' : 'createdAt';
  const found = repository.issues
    .filter(
      issue =>
        (state === 'all' || issue.state === state) &&
        (creator === null || issue.by === creator) &&
        labels.every(label => issue.labels.includes(label)) &&
        (from === null || Date.parse(issue.updatedAt) >= Date.parse(from)),
    )
    .toSorted((a, b) => (a[field] < b[field] ? -1 : 1));
  return query.get('direction') === 'asc' ? found : found.toReversed();
}
