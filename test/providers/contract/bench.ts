import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { type KindName, type WorkspaceKey, addressOf } from '../../../schemas/name.ts';
import { LABEL, type Owner } from '../../../schemas/owner.ts';
import {
  type CallContext,
  type CreateRequest,
  type Observed,
  type Outcome,
  type ProviderError,
  ProviderFault,
  type UpdateRequest,
} from '../../../schemas/provider.ts';
import type { Spec } from '../../../schemas/resource.ts';
import { CANARY, type Ids, SUBJECTS, type Subject, WRITE_ONLY, subjectOf } from './subjects.ts';
import type { ContractWorld, TrueObject } from './world.ts';

export const WORKSPACE: WorkspaceKey = 'shop@prod';

export function ownerFor(kind: KindName, name: string, over: Partial<Owner> = {}): Owner {
  return {
    workspace: WORKSPACE,
    lineage: 'abcdef012345',
    address: addressOf(kind, name),
    opId: `op-${kind.replace('.', '-')}-${name}`,
    ...over,
  };
}

/** The bench of one test: a world, a connection, and the verbs of the contract with waiting built in. */
export async function bench(setup: () => ContractWorld) {
  const world = setup();
  const ctx = world.context();
  const connection = await world.connect(ctx);
  /** Specs of the objects that this cloud has none for; they are handed over with what refers to them. */
  const virtual: { [id: string]: Spec } = {};
  const requestFor = (subject: Subject, ids: Ids, name = 'x'): CreateRequest => ({
    kind: subject.kind,
    owner: ownerFor(subject.kind, name),
    spec: specOf(world, subject, ids),
    protect: false,
    ...(Object.keys(virtual).length > 0 ? { virtual } : {}),
  });
  /** Polls until it is over. `strict`: the first fault ends it; else it goes on after a transient one, as the engine does. */
  const drive = async (call: CallContext, outcome: Outcome, strict: boolean): Promise<Observed | null> => {
    let current = outcome;
    for (let round = 0; current.status === 'pending'; round += 1) {
      if (round > 100) throw new Error('the action never ended');
      await world.clock.sleep(current.token.pollMs);
      const [result] = await connection.poll(call, [current.token]);
      if (result === undefined) throw new Error('poll gave no result');
      if (!(result instanceof ProviderFault)) current = result;
      else if (strict || result.error.class !== 'transient') throw result;
    }
    return current.status === 'done' ? current.object : null;
  };
  const finish = (outcome: Outcome): Promise<Observed | null> => drive(ctx, outcome, false);
  const create = async (request: CreateRequest): Promise<Observed> => {
    const object = await finish(await connection.create(ctx, request));
    if (object === null) throw new Error('create ended without an object');
    return object;
  };
  /** Makes what an object of the kind refers to, behind the provider's back, because only the object itself is tested. */
  const prepare = (kind: KindName): Ids => {
    const ids: { [name: string]: string } = {};
    const make = (name: string): void => {
      if (ids[name] !== undefined) return;
      const subject = subjectOf(name.replace(/2$/, ''));
      for (const need of subject.needs) make(need);
      const spec = specOf(world, subject, ids);
      if (world.capability(subject.kind)?.virtual === true) {
        const id = `${subject.kind}-${createHash('sha256').update(name).digest('hex').slice(0, 20)}`;
        ids[name] = id;
        virtual[id] = spec;
      } else {
        ids[name] = world.foreign(subject.kind, `dep-${name}`, spec, {});
      }
    };
    for (const need of subjectOf(kind).needs) make(need);
    return ids;
  };
  const settle = (): Promise<void> => world.clock.sleep(lagOf(world));
  return { world, ctx, connection, requestFor, drive, finish, create, prepare, settle };
}

/** The subject's spec without what this cloud has nothing for. */
export function specOf(world: ContractWorld, subject: Subject, ids: Ids): Spec {
  const lacks = world.lacks?.[subject.kind] ?? [];
  const entries = Object.entries(subject.spec(ids, world.words));
  return Object.fromEntries(entries.filter(([field]) => !lacks.includes(field)));
}

/** Objects of the kind carry no labels: our record says that they are ours. */
export function isRecorded(world: ContractWorld, kind: KindName): boolean {
  return world.capability(kind)?.ownedBy === 'record';
}

/** The cloud makes a second object of a create that is sent twice. */
export function isRepeatable(world: ContractWorld, kind: KindName): boolean {
  const idempotency = world.capability(kind)?.idempotency;
  return idempotency === 'label-scan' || idempotency === 'ask';
}

/** A small change in place: of labels, or of the first field that can change where there are none. */
export function updateFor(
  world: ContractWorld,
  subject: Subject,
  of: { readonly request: CreateRequest; readonly ids: Ids; readonly id: string },
): UpdateRequest {
  const { request, ids, id } = of;
  const [change] = isRecorded(world, subject.kind) ? subject.changes : [];
  const field = change?.field ?? 'labels';
  const value = change === undefined ? { team: 'blue' } : change.value(ids, world.words);
  return { ...request, id, before: request.spec, spec: { ...request.spec, [field]: value }, fields: [field] };
}

/** The simplest kind that this cloud has objects for. */
export function simplest(world: ContractWorld): Subject {
  const found = SUBJECTS.find(subject => {
    const can = world.capability(subject.kind);
    return subject.needs.length === 0 && can !== undefined && can.virtual !== true;
  });
  if (found === undefined) throw new Error('the cloud has no kind that stands alone');
  return found;
}

function lagOf(world: ContractWorld): number {
  return Math.max(4_000, ...SUBJECTS.map(subject => world.capability(subject.kind)?.visibleAfterMs ?? 0)) + 1_000;
}

export type Bench = Awaited<ReturnType<typeof bench>>;

/** The error of a call that must fail, after checking that it is one of ours and gives no secret away. */
export async function caught(world: ContractWorld, call: Promise<unknown>): Promise<ProviderError> {
  const error = await call.then(
    value => {
      throw new Error(`the call succeeded: ${JSON.stringify(value).slice(0, 200)}`);
    },
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProviderFault)) throw error;
  const text = [
    error.message,
    error.stack,
    JSON.stringify(error),
    JSON.stringify(error.error),
    String(error.cause),
  ].join('\n');
  expect(text).not.toContain(world.secret);
  expect(text).not.toContain(CANARY);
  expect(error.error.message).not.toBe('');
  return error.error;
}

export function ofKind(world: ContractWorld, subject: Subject, name = 'x'): readonly TrueObject[] {
  const { opId } = ownerFor(subject.kind, name);
  if (isRecorded(world, subject.kind)) return world.truth().filter(object => object.kind === subject.kind);
  return world.truth().filter(object => object.kind === subject.kind && object.labels[LABEL.operation] === opId);
}

export function expectSpec(observed: Observed, spec: Spec): void {
  for (const [field, value] of Object.entries(spec)) {
    if (WRITE_ONLY.has(field)) expect(observed.spec).not.toHaveProperty(field);
    else if (value === null) expect(observed.spec[field] ?? null).toBeNull();
    else expect(observed.spec[field]).toEqual(value);
  }
}

/** `done`, `pending`, `gone`, or the class of the error. */
export function statusOf(result: Outcome | ProviderFault): string {
  return result instanceof ProviderFault ? result.error.class : result.status;
}
