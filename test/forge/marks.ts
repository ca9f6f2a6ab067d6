import type { Sha } from '../../schemas/name.ts';
import type { Hub } from './hub.ts';
import type { Actor, App, CheckAnnotation, CheckRun, CommitStatus, Repository } from './model.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { checkRunShape } from './shapes.ts';

/** Characters of a summary or text. */
const OUTPUT = 65_535;
/** Annotations in one request. */
const ANNOTATIONS = 50;
/** Characters of a status. */
const DESCRIPTION = 140;
/** Statuses of one commit and context. */
const STATUSES = 1_000;

export interface RunFields {
  readonly name?: string | undefined;
  readonly status?: CheckRun['status'] | undefined;
  readonly conclusion?: string | undefined;
  readonly details_url?: string | undefined;
  readonly external_id?: string | undefined;
  readonly started_at?: string | undefined;
  readonly completed_at?: string | undefined;
  readonly output?:
    | {
        readonly title?: string | undefined;
        readonly summary: string;
        readonly text?: string | undefined;
        readonly annotations?: readonly CheckAnnotation[] | undefined;
      }
    | undefined;
}

/** Check runs are for Apps. Throws Refusal 403 for everybody else. */
export function appOf(actor: Actor): App {
  if (actor.app === null) throw new Refusal(403, 'You must authenticate via a GitHub App.');
  return actor.app;
}

/** Makes a check run. */
export function createRun(
  hub: Hub,
  repository: Repository,
  write: { readonly app: App; readonly name: string; readonly sha: Sha; readonly fields: RunFields },
): CheckRun {
  const { app, name, sha, fields } = write;
  checkOutput(fields);
  const run: CheckRun = {
    id: hub.nextId(),
    app,
    name,
    sha,
    status: 'queued',
    conclusion: null,
    detailsUrl: null,
    externalId: '',
    startedAt: null,
    completedAt: null,
    output: { title: null, summary: null, text: null },
    annotations: [],
  };
  repository.checks.push(run);
  apply(hub, run, fields);
  emitRun(hub, repository, run, 'created');
  return run;
}

/** Changes a check run of the same App. Annotations are added to those that are there. */
export function updateRun(
  hub: Hub,
  repository: Repository,
  write: { readonly app: App; readonly id: number; readonly fields: RunFields },
): CheckRun {
  const run = runOf(repository, write.id);
  if (run.app !== write.app)
    throw new Refusal(
      403,
      'Invalid app_id `' + write.app.id + '` - check run can only be modified by the GitHub App that created it.',
    );
  checkOutput(write.fields);
  apply(hub, run, write.fields);
  emitRun(hub, repository, run, run.status === 'completed' ? 'completed' : 'created');
  return run;
}

/** The check run with this id. Throws Refusal 404. */
export function runOf(repository: Repository, id: number): CheckRun {
  const run = repository.checks.find(found => found.id === id);
  if (run === undefined) throw notFound();
  return run;
}

function checkOutput({ status, conclusion, output }: RunFields): void {
  if (status === 'completed' && conclusion === undefined)
    throw new Refusal(422, 'Invalid request.\n\nNo subschema in "anyOf" matched: "conclusion" wasn\'t supplied.');
  if (output === undefined) return;
  for (const field of ['summary', 'text'] as const) {
    const length = [...(output[field] ?? '')].length;
    if (length > OUTPUT)
      throw new Refusal(422, `Invalid request.\n\nOnly 65535 characters are allowed; ${length} were supplied.`);
  }
  const count = output.annotations?.length ?? 0;
  if (count > ANNOTATIONS)
    throw new Refusal(422, `Invalid request.\n\nNo more than 50 items are allowed; ${count} were supplied.`);
}

function apply(hub: Hub, run: CheckRun, fields: RunFields): void {
  const at = hub.clock.tick();
  run.name = fields.name ?? run.name;
  run.detailsUrl = fields.details_url ?? run.detailsUrl;
  run.externalId = fields.external_id ?? run.externalId;
  run.startedAt = fields.started_at ?? run.startedAt ?? at;
  if (fields.conclusion !== undefined) {
    run.status = 'completed';
    run.conclusion = fields.conclusion;
    run.completedAt = fields.completed_at ?? at;
  } else if (fields.status !== undefined) {
    run.status = fields.status;
    run.conclusion = null;
    run.completedAt = null;
  }
  if (fields.output === undefined) return;
  const { title, summary, text, annotations = [] } = fields.output;
  run.output = { title: title ?? run.output.title, summary, text: text ?? run.output.text };
  run.annotations.push(...annotations);
}

function emitRun(hub: Hub, repository: Repository, run: CheckRun, action: string): void {
  hub.emit('check_run', { repository, by: `${run.app.slug}[bot]` }, () => ({
    action,
    check_run: checkRunShape(hub, repository, run),
  }));
}

/** Writes a commit status; the newest of its context counts. */
export function addStatus(
  hub: Hub,
  repository: Repository,
  write: Pick<CommitStatus, 'sha' | 'state' | 'context' | 'description' | 'targetUrl' | 'by'>,
): CommitStatus {
  const { sha, context } = write;
  if ((write.description ?? '').length > DESCRIPTION) {
    const message = `description is too long (maximum is ${DESCRIPTION} characters)`;
    throw invalid({ resource: 'Status', field: 'description', code: 'custom', message });
  }
  const same = repository.statuses.filter(known => known.sha === sha && known.context === context);
  if (same.length >= STATUSES) {
    const message = 'This SHA and context has reached the maximum number of statuses.';
    throw invalid({ resource: 'Status', code: 'custom', message });
  }
  const status = { id: hub.nextId(), ...write, createdAt: hub.clock.tick() };
  repository.statuses.push(status);
  return status;
}
