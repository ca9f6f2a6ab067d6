import { keptByRecord } from './kept.ts';
import type { KindName } from '../../schemas/name.ts';
import { addressOf } from '../../schemas/name.ts';
import {
  type CallContext,
  type Connection,
  type CreateRequest,
  type Observed,
  type Outcome,
  type Provider,
  ProviderFault,
} from '../../schemas/provider.ts';
import type { Secrets } from '../../schemas/secret.ts';
import { type CloudWords, type Ids, type Subject, SUBJECTS, WRITE_ONLY } from '../providers/contract/subjects.ts';
import { sameJson } from '../../schemas/json.ts';

/** Everything that the suite makes carries this name, so that a sweep finds it again. */
export const LIVE_WORKSPACE = 'provisioning-live-test';
const LINEAGE = '11fe7e571111';

/** How often and how long in milliseconds an action is followed. */
const LOOK_MS = 3_000;
const LONGEST_MS = 15 * 60_000;

export interface LiveOptions {
  readonly provider: Provider;
  readonly config: { readonly [key: string]: unknown };
  readonly secrets: Secrets;
  readonly context: CallContext;
  readonly words: CloudWords;
  /** Only these kinds, and what they need. */
  readonly kinds: readonly KindName[];
  readonly say: (line: string) => void;
}

/** What one step of the suite showed; `why` is null when it went well. */
export interface LiveStep {
  readonly kind: KindName;
  readonly step: string;
  readonly why: string | null;
}

/**
 * Makes one object of each kind in a real account, looks at it, changes it in place, and deletes everything again,
 * whatever happened. It is the only part of the tests that touches a real cloud, and nothing starts it but a person.
 */
export async function runLive(options: LiveOptions): Promise<readonly LiveStep[]> {
  const connection = await openLive(options);
  const made = new Map<string, { readonly request: CreateRequest; readonly object: Observed }>();
  const steps: LiveStep[] = [];
  const step = async (kind: KindName, name: string, work: () => Promise<string | null>): Promise<void> => {
    const why = await work().catch((error: unknown) => wordsOf(error));
    steps.push({ kind, step: name, why });
    options.say(`${why === null ? '✓' : '✗'} ${kind}: ${name}${why === null ? '' : `: ${why}`}`);
  };
  try {
    for (const subject of wantedSubjects(options)) {
      const request = requestFor(options, subject, idsOf(made));
      await step(subject.kind, 'create', async () => {
        const object = await ended(options, connection, await connection.create(options.context, request));
        if (object === null) return 'there is no object afterwards';
        made.set(subject.kind, { request, object });
        return difference(request, object);
      });
      const known = made.get(subject.kind);
      if (known === undefined) break;
      await step(subject.kind, 'list', async () => {
        const listed = await connection.list(options.context, LIVE_WORKSPACE);
        const found = listed.filter(object => object.kind === subject.kind && object.id === known.object.id);
        return found.length === 1 ? null : `it is listed ${found.length} times`;
      });
      const [change] = subject.changes.filter(one => !needsSecond(one, idsOf(made), options.words));
      if (change === undefined) continue;
      await step(subject.kind, `change ${change.field}`, async () => {
        const spec = { ...request.spec, [change.field]: change.value(idsOf(made), options.words) };
        const asked = { ...request, id: known.object.id, before: request.spec, spec, fields: [change.field] };
        const object = await ended(options, connection, await connection.update(options.context, asked));
        return object === null ? 'there is no object afterwards' : difference({ ...request, spec }, object);
      });
    }
  } finally {
    for (const why of await sweep(options)) steps.push({ kind: 'server', step: 'sweep', why });
  }
  return steps;
}

/** Deletes everything that a run of the suite left, in as many turns as what still hangs together needs. Returns what could not be deleted. */
export async function sweep(options: LiveOptions): Promise<readonly string[]> {
  const connection = await openLive(options);
  const { clock } = options.context.world;
  const until = clock.monotonic() + LONGEST_MS;
  for (;;) {
    const left = (await connection.list(options.context, LIVE_WORKSPACE)).filter(object => object.phase !== 'deleting');
    if (left.length === 0) return [];
    const troubles: string[] = [];
    for (const object of left) {
      const owner = object.owner ?? ownerOf(object.kind);
      try {
        await ended(options, connection, await connection.delete(options.context, { ...object, owner }));
        options.say(`✓ ${object.kind} ${object.id}: deleted`);
      } catch (error) {
        troubles.push(`${object.kind} ${object.id} is still there: ${wordsOf(error)}`);
      }
    }
    if (clock.monotonic() > until) return troubles;
    await clock.sleep(LOOK_MS);
  }
}

async function openLive(options: LiveOptions): Promise<Connection> {
  const connection = await options.provider.connect(options.context, options.config, options.secrets);
  return keptByRecord(connection, LIVE_WORKSPACE, kind => options.provider.capability(kind, options.config));
}

/** In the order of creation. A kind that the cloud does not have is left out. */
function wantedSubjects({ provider, config, kinds }: LiveOptions): readonly Subject[] {
  const wanted = new Set<string>();
  const add = (kind: string): void => {
    const subject = SUBJECTS.find(one => one.kind === kind);
    if (subject === undefined || wanted.has(kind)) return;
    for (const need of subject.needs) add(need.replace(/2$/, ''));
    wanted.add(kind);
  };
  for (const kind of kinds) add(kind);
  return [...wanted]
    .map(kind => SUBJECTS.find(one => one.kind === kind) as Subject)
    .filter(subject => provider.capability(subject.kind, config) !== undefined);
}

function ownerOf(kind: KindName) {
  return {
    workspace: LIVE_WORKSPACE,
    lineage: LINEAGE,
    address: addressOf(kind, 'live'),
    opId: `live-${kind}-${LINEAGE}`,
  };
}

function requestFor({ words }: LiveOptions, subject: Subject, ids: Ids): CreateRequest {
  return { kind: subject.kind, owner: ownerOf(subject.kind), spec: subject.spec(ids, words), protect: false };
}

/** One object of a kind also stands in for its second. */
function idsOf(made: ReadonlyMap<string, { readonly object: Observed }>): Ids {
  return Object.fromEntries(
    [...made].flatMap(([kind, { object }]) => [
      [kind, object.id],
      [`${kind}2`, object.id],
    ]),
  );
}

/** A change that only moves something to a second object says nothing with one. */
function needsSecond(change: Subject['changes'][number], ids: Ids, words: CloudWords): boolean {
  const value = JSON.stringify(change.value(ids, words));
  return Object.entries(ids).some(([name, id]) => name.endsWith('2') && value.includes(id));
}

async function ended(options: LiveOptions, connection: Connection, outcome: Outcome): Promise<Observed | null> {
  const { clock } = options.context.world;
  const until = clock.monotonic() + LONGEST_MS;
  let current = outcome;
  while (current.status === 'pending') {
    if (clock.monotonic() > until) throw new Error('it was not finished within 15 minutes');
    await clock.sleep(Math.max(current.token.pollMs, LOOK_MS));
    const [result] = await connection.poll(options.context, [current.token]);
    if (result instanceof ProviderFault) {
      if (result.error.class !== 'transient' && result.error.class !== 'rate-limited') throw result;
    } else if (result !== undefined) current = result;
  }
  return current.status === 'done' ? current.object : null;
}

function difference(request: CreateRequest, object: Observed): string | null {
  const fields = Object.entries(request.spec).filter(
    ([field, value]) => !WRITE_ONLY.has(field) && value !== null && !sameJson(object.spec[field] ?? null, value),
  );
  if (fields.length === 0) return null;
  return fields
    .map(([field, value]) => `${field} is ${JSON.stringify(object.spec[field])}, not ${JSON.stringify(value)}`)
    .join('; ');
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
