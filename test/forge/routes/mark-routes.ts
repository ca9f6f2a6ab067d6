import { z } from 'zod';
import type { Sha } from '../../../schemas/name.ts';
import { resolve } from '../git.ts';
import { addStatus, appOf, createRun, runOf, updateRun } from '../marks.ts';
import type { CommitStatus, Repository } from '../model.ts';
import { newestRuns } from '../protection.ts';
import { Refusal } from '../refusal.ts';
import { checkRunShape, repositoryShape, repositoryUrl, statusShape } from '../shapes.ts';
import { type Asked, many, one, route } from './route.ts';

const CHECKS = { access: 'read', permission: 'checks' } as const;

/** The commit that a name in a path means. Throws Refusal 422. */
export async function commitAt(repository: Repository, name: string): Promise<Sha> {
  const sha = await resolve(repository.path, name.replace(/^heads\//, ''));
  if (sha === null) throw new Refusal(422, `No commit found for SHA: ${name}`);
  return sha;
}

const Annotation = z.object({
  path: z.string(),
  start_line: z.int().min(0),
  end_line: z.int().min(0),
  annotation_level: z.enum(['notice', 'warning', 'failure']),
  message: z.string().min(1),
  title: z.string().optional(),
  raw_details: z.string().optional(),
});

const RunChange = z.object({
  name: z.string().min(1).optional(),
  status: z.enum(['queued', 'in_progress', 'completed']).optional(),
  conclusion: z
    .enum(['action_required', 'cancelled', 'failure', 'neutral', 'success', 'skipped', 'stale', 'timed_out'])
    .optional(),
  details_url: z.string().optional(),
  external_id: z.string().optional(),
  started_at: z.iso.datetime().optional(),
  completed_at: z.iso.datetime().optional(),
  output: z
    .object({
      title: z.string().optional(),
      // Whether GitHub takes an empty one is not written anywhere; a client that never sends one is right in any case.
      summary: z.string().min(1),
      text: z.string().optional(),
      annotations: z.array(Annotation).optional(),
    })
    .optional(),
});

const NewRun = RunChange.extend({
  name: z.string().min(1),
  head_sha: z.string(),
  output: RunChange.shape.output.unwrap().extend({ title: z.string() }).optional(),
});

const NewStatus = z.object({
  state: z.enum(['error', 'failure', 'pending', 'success']),
  context: z.string().optional(),
  description: z.string().nullish(),
  target_url: z.string().nullish(),
});

/** Check runs and commit statuses. */
export const markRoutes = [
  route({
    ...CHECKS,
    method: 'POST',
    path: '/check-runs',
    body: NewRun,
    async run({ hub, repository, actor, body }) {
      const app = appOf(actor);
      const sha = await commitAt(repository, body.head_sha);
      const run = createRun(hub, repository, { app, name: body.name, sha, fields: body });
      return one(checkRunShape(hub, repository, run), 201);
    },
  }),
  route({
    ...CHECKS,
    method: 'PATCH',
    path: '/check-runs/:id',
    body: RunChange,
    run({ hub, repository, actor, at, body }) {
      const write = { app: appOf(actor), id: Number(at('id')), fields: body };
      return one(checkRunShape(hub, repository, updateRun(hub, repository, write)));
    },
  }),
  route({
    ...CHECKS,
    method: 'GET',
    path: '/check-runs/:id',
    run: ({ hub, repository, at }) => one(checkRunShape(hub, repository, runOf(repository, Number(at('id'))))),
  }),
  route({
    ...CHECKS,
    method: 'GET',
    path: '/check-runs/:id/annotations',
    run({ repository, at }) {
      const shown = runOf(repository, Number(at('id'))).annotations.map(annotation => ({
        start_column: null,
        end_column: null,
        title: null,
        raw_details: null,
        ...annotation,
      }));
      return many(shown);
    },
  }),
  route({
    ...CHECKS,
    method: 'GET',
    path: '/commits/:ref+/check-runs',
    async run(asked) {
      const { hub, repository, at } = asked;
      const runs = runsOf(asked, await commitAt(repository, at('ref')));
      const list = runs.map(run => checkRunShape(hub, repository, run));
      return { status: 200, list, listName: 'check_runs', more: { total_count: list.length } };
    },
  }),
  route({
    access: 'write',
    permission: 'statuses',
    method: 'POST',
    path: '/statuses/:sha',
    body: NewStatus,
    async run({ hub, repository, actor, at, body }) {
      const status = addStatus(hub, repository, {
        sha: await commitAt(repository, at('sha')),
        state: body.state,
        context: body.context ?? 'default',
        description: body.description ?? null,
        targetUrl: body.target_url ?? null,
        by: actor.login,
      });
      return one(statusShape(hub, repository, status), 201);
    },
  }),
  route({
    access: 'read',
    permission: 'statuses',
    method: 'GET',
    path: '/commits/:ref+/statuses',
    async run({ hub, repository, at }) {
      const sha = await commitAt(repository, at('ref'));
      const found = repository.statuses.filter(status => status.sha === sha).toReversed();
      return many(found.map(status => statusShape(hub, repository, status)));
    },
  }),
  route({
    access: 'read',
    permission: 'statuses',
    method: 'GET',
    path: '/commits/:ref+/status',
    async run({ hub, repository, at }) {
      const sha = await commitAt(repository, at('ref'));
      const found = repository.statuses.filter(status => status.sha === sha);
      const newest = [...new Map(found.map(status => [status.context, status])).values()];
      const list = newest.map(status => statusShape(hub, repository, status));
      const url = `${repositoryUrl(hub, repository)}/commits/${sha}`;
      const more = { state: together(newest), sha, total_count: list.length, commit_url: url, url: `${url}/status` };
      return {
        status: 200,
        list,
        listName: 'statuses',
        more: { ...more, repository: repositoryShape(hub, repository) },
      };
    },
  }),
];

function runsOf({ repository, query }: Asked<unknown>, sha: Sha) {
  const all =
    query.get('filter') === 'all' ? repository.checks.filter(run => run.sha === sha) : newestRuns(repository, sha);
  const fits = (name: string, value: string): boolean => (query.get(name) ?? value) === value;
  return all
    .filter(run => fits('check_name', run.name) && fits('status', run.status) && fits('app_id', String(run.app.id)))
    .toReversed();
}

function together(statuses: readonly CommitStatus[]): string {
  const has = (state: string): boolean => statuses.some(status => status.state === state);
  if (has('failure') || has('error')) return 'failure';
  return statuses.length === 0 || has('pending') ? 'pending' : 'success';
}
