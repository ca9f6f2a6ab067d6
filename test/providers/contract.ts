import { describe, expect, it } from 'vitest';
import type { KindName, WorkspaceKey } from '../../schemas/name.ts';
import { addressOf } from '../../schemas/name.ts';
import { LABEL, type Owner, cloudName, ownerLabels, ownerOf } from '../../schemas/owner.ts';
import {
  type CallContext,
  type Connection,
  type CreateRequest,
  type Observed,
  type Outcome,
  type ProviderError,
  ProviderFault,
  type UpdateRequest,
} from '../../schemas/provider.ts';
import type { KindCapability } from '../../schemas/provider.ts';
import type { Spec } from '../../schemas/resource.ts';
import type { World } from '../../schemas/world.ts';
import { type Asked, type Expected, FAULT_CASES, type FaultCase, caseName } from './fault-table.ts';
import { CANARY, type CloudWords, type Ids, SUBJECTS, type Subject, WRITE_ONLY, subjectOf } from './subjects.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** An object as the fake cloud itself knows it: what is compared with what the provider says. */
export interface TrueObject {
  readonly kind: KindName;
  readonly id: string;
  readonly name: string;
  readonly labels: { readonly [key: string]: string };
}

/** A fake cloud with its provider, made anew for each test. */
export interface ContractWorld {
  readonly clock: VirtualClock;
  readonly words: CloudWords;
  /** The secret that the provider is configured with: no message may show it. */
  readonly secret: string;
  /** Objects of one page of a listing. */
  readonly pageSize: number;
  capability(kind: KindName): KindCapability | undefined;
  connect(ctx: CallContext): Promise<Connection>;
  context(options?: { readonly reach?: World['reach']; readonly timeoutMs?: number; readonly signal?: AbortSignal }): CallContext;
  truth(): readonly TrueObject[];
  /** Writes that reached the cloud. */
  writes(): number;
  /** Faults the fake cloud can do. */
  supports(fault: string): boolean;
  /** Arms a fault for the next request that does `asked`; returns how often it fired. */
  arm(fault: { readonly fault: string; readonly asked: Asked | 'poll'; readonly kind?: string; readonly nth?: number; readonly ms?: number; readonly hint?: FaultCase['hint']; readonly times?: number | null }): () => number;
  /** Makes answers slow. */
  slow(ms: number): void;
  /** Makes actions take time. */
  actionsTake(ms: number): void;
  /** Puts labels on an object behind the provider's back; null removes one. */
  tamper(id: string, labels: { readonly [key: string]: string | null }): void;
  /** Makes an object that the provider never heard of. */
  foreign(kind: KindName, name: string, spec: Spec, labels: { readonly [key: string]: string }): string;
  vanish(id: string): void;
}

const WORKSPACE: WorkspaceKey = 'shop@prod';

export function ownerFor(kind: KindName, name: string, over: Partial<Owner> = {}): Owner {
  return { workspace: WORKSPACE, lineage: 'abcdef012345', address: addressOf(kind, name), opId: `op-${kind.replace('.', '-')}-${name}`, ...over };
}

/** The bench of one test: a world, a connection, and the verbs of the contract with waiting built in. */
async function bench(setup: () => ContractWorld) {
  const world = setup();
  const ctx = world.context();
  const connection = await world.connect(ctx);
  const requestFor = (subject: Subject, ids: Ids, name = 'x'): CreateRequest => ({
    kind: subject.kind,
    owner: ownerFor(subject.kind, name),
    spec: subject.spec(ids, world.words),
    protect: false,
  });
  const finish = async (outcome: Outcome): Promise<Observed | null> => {
    let current = outcome;
    for (let round = 0; current.status === 'pending'; round += 1) {
      if (round > 100) throw new Error('the action never ended');
      await world.clock.sleep(current.token.pollMs);
      const [result] = await connection.poll(ctx, [current.token]);
      if (result === undefined) throw new Error('poll gave no result');
      if (!(result instanceof ProviderFault)) current = result;
      else if (result.error.class !== 'transient') throw result;
    }
    return current.status === 'done' ? current.object : null;
  };
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
      ids[name] = world.foreign(subject.kind, `dep-${name}`, subject.spec(ids, world.words), {});
    };
    for (const need of subjectOf(kind).needs) make(need);
    return ids;
  };
  const settle = (): Promise<void> => world.clock.sleep(lagOf(world));
  return { world, ctx, connection, requestFor, finish, create, prepare, settle };
}

function lagOf(world: ContractWorld): number {
  return Math.max(4_000, ...SUBJECTS.map(subject => world.capability(subject.kind)?.visibleAfterMs ?? 0)) + 1_000;
}

type Bench = Awaited<ReturnType<typeof bench>>;

/** The error of a call that must fail, after checking that it is one of ours and gives no secret away. */
async function caught(world: ContractWorld, call: Promise<unknown>): Promise<ProviderError> {
  const error = await call.then(
    value => {
      throw new Error(`the call succeeded: ${JSON.stringify(value).slice(0, 200)}`);
    },
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProviderFault)) throw error;
  const text = [error.message, error.stack, JSON.stringify(error), JSON.stringify(error.error), String(error.cause)].join('\n');
  expect(text).not.toContain(world.secret);
  expect(text).not.toContain(CANARY);
  expect(error.error.message).not.toBe('');
  return error.error;
}

function ofKind(world: ContractWorld, subject: Subject, name = 'x'): readonly TrueObject[] {
  const { opId } = ownerFor(subject.kind, name);
  return world.truth().filter(object => object.kind === subject.kind && object.labels[LABEL.operation] === opId);
}

function expectSpec(observed: Observed, spec: Spec): void {
  for (const [field, value] of Object.entries(spec)) {
    if (WRITE_ONLY.has(field)) expect(observed.spec).not.toHaveProperty(field);
    else if (value === null) expect(observed.spec).not.toHaveProperty(field);
    else expect(observed.spec[field]).toEqual(value);
  }
}

/**
 * The contract of every provider. `setup` makes a fresh fake cloud with its provider; it is called once for each test.
 * Kinds that the provider does not have are skipped by name, so that the report says so.
 */
export function testProvider(name: string, setup: () => ContractWorld): void {
  const world = setup();
  const subjects = SUBJECTS.filter(subject => world.capability(subject.kind) !== undefined);
  const missing = SUBJECTS.filter(subject => world.capability(subject.kind) === undefined);
  describe(`provider ${name}`, () => {
    for (const subject of missing) it.skip(`${subject.kind}: this cloud does not have it`);
    for (const subject of subjects) describe(subject.kind, () => testKind(setup, subject));
    describe('account', () => testAccount(setup));
    describe('listing', () => testListing(setup));
    describe('actions', () => testActions(setup));
  });
}

function testKind(setup: () => ContractWorld, subject: Subject): void {
  it('creates, reads and lists one and the same object', async () => {
    const { create, connection, ctx, prepare, requestFor, settle, world } = await bench(setup);
    const request = requestFor(subject, prepare(subject.kind));
    const made = await create(request);
    await settle();
    const seen = await connection.read(ctx, made);
    const listed = (await connection.list(ctx, WORKSPACE)).find(object => object.id === made.id);
    expect(made).toMatchObject({ kind: subject.kind, owner: request.owner, phase: 'ready', protected: false });
    expectSpec(made, request.spec);
    expect(made.outputs['id']).toBe(made.id);
    expect(seen).toEqual(made);
    expect(listed).toEqual(made);
    expect(ofKind(world, subject).map(object => object.id)).toEqual([made.id]);
  });

  it.each(subject.changes.map((change, at) => ({ ...change, at })))('changes $field in place ($at)', async change => {
    const { create, connection, ctx, finish, prepare, requestFor, settle, world } = await bench(setup);
    const ids = prepare(subject.kind);
    const request = requestFor(subject, ids);
    const made = await create(request);
    await settle();
    const value = change.value(ids, world.words);
    const spec = Object.fromEntries(Object.entries({ ...request.spec, [change.field]: value }).filter(([, one]) => one !== null));
    const asked: UpdateRequest = { ...request, id: made.id, before: request.spec, spec, fields: [change.field] };
    const changed = await finish(await connection.update(ctx, asked));
    expect(changed?.id).toBe(made.id);
    expectSpec(changed as Observed, { ...request.spec, [change.field]: value });
    await settle();
    const before = world.writes();
    await finish(await connection.update(ctx, asked));
    expect(world.writes()).toBe(before);
    expectSpec((await connection.read(ctx, made)) as Observed, { ...request.spec, [change.field]: value });
  });

  it('follows a new address and keeps the labels of others', async () => {
    const { create, connection, ctx, finish, prepare, requestFor, settle, world } = await bench(setup);
    const request = requestFor(subject, prepare(subject.kind));
    const spec = { ...request.spec, labels: { team: 'blue', tier: 'one' } };
    const made = await create({ ...request, spec });
    world.tamper(made.id, { 'backup.example/plan': 'daily' });
    await settle();
    const owner = ownerFor(subject.kind, 'renamed', { opId: request.owner.opId });
    const after = { ...request.spec, labels: { team: 'green' } };
    const update: UpdateRequest = { ...request, id: made.id, owner, before: spec, spec: after, fields: ['labels'] };
    const changed = await finish(await connection.update(ctx, update));
    expect(changed).toMatchObject({ id: made.id, owner, name: cloudName(owner) });
    const labels = world.truth().find(object => object.id === made.id)?.labels;
    expect(labels).toEqual({ team: 'green', 'backup.example/plan': 'daily', ...ownerLabels(owner) });
  });

  it('deletes twice', async () => {
    const { create, connection, ctx, finish, prepare, requestFor, settle, world } = await bench(setup);
    const request = requestFor(subject, prepare(subject.kind));
    const made = await create(request);
    expect(await finish(await connection.delete(ctx, { ...request, id: made.id }))).toBeNull();
    expect(await connection.delete(ctx, { ...request, id: made.id })).toEqual({ status: 'gone' });
    expect(ofKind(world, subject)).toEqual([]);
    await settle();
    expect(await connection.read(ctx, made)).toBeNull();
    expect(await connection.find(ctx, request)).toEqual([]);
  });

  it('protects against deletion until an update lifts it', async () => {
    const { create, connection, ctx, finish, prepare, requestFor, settle, world } = await bench(setup);
    const request = { ...requestFor(subject, prepare(subject.kind)), protect: true };
    const made = await create(request);
    const before = world.truth();
    await settle();
    expect(made.protected).toBe(true);
    expect((await caught(world, connection.delete(ctx, { ...request, id: made.id }))).class).toBe('protected');
    expect(world.truth()).toEqual(before);
    const lift: UpdateRequest = { ...request, id: made.id, before: request.spec, fields: [], protect: false };
    expect((await finish(await connection.update(ctx, lift)))?.protected).toBe(false);
    expect(await finish(await connection.delete(ctx, { ...request, id: made.id }))).toBeNull();
  });

  it('adopts an object that nobody owns, and keeps its name and labels', async () => {
    const { connection, ctx, finish, prepare, requestFor, settle, world } = await bench(setup);
    const request = requestFor(subject, prepare(subject.kind));
    const id = world.foreign(subject.kind, 'made-by-hand', request.spec, { by: 'hand' });
    await settle();
    const adopted = await finish(await connection.adopt(ctx, { ...request, id, before: request.spec, fields: [] }));
    expect(adopted).toMatchObject({ id, name: 'made-by-hand', owner: request.owner });
    expect(world.truth().find(object => object.id === id)?.labels).toEqual({ by: 'hand', ...ownerLabels(request.owner) });
    expect((await connection.list(ctx, WORKSPACE)).map(object => object.id)).toContain(id);
  });

  it('leaves what belongs to somebody else alone', async () => {
    const { connection, ctx, prepare, requestFor, settle, world } = await bench(setup);
    const request = requestFor(subject, prepare(subject.kind));
    const strangers = [{}, ownerLabels(ownerFor(subject.kind, 'x', { workspace: 'other' })), ownerLabels(ownerFor(subject.kind, 'x', { lineage: '999999999999' }))];
    for (const [at, labels] of strangers.entries()) {
      const id = world.foreign(subject.kind, `stranger-${at}`, withRoom(subject, request.spec, at), labels);
      await settle();
      const before = world.truth();
      const change: UpdateRequest = { ...request, id, before: request.spec, fields: [] };
      expect((await caught(world, connection.delete(ctx, { ...request, id }))).class).toBe('forbidden');
      if (at > 0) {
        expect((await caught(world, connection.update(ctx, change))).class).toBe('forbidden');
        expect((await caught(world, connection.adopt(ctx, change))).class).toBe('forbidden');
      }
      expect(world.truth()).toEqual(before);
    }
  });

  it('refuses a name that somebody else has, where names are unique', async () => {
    const { connection, ctx, prepare, requestFor, settle, world } = await bench(setup);
    const request = requestFor(subject, prepare(subject.kind));
    const id = world.foreign(subject.kind, cloudName(request.owner), withRoom(subject, request.spec, 1), { by: 'hand' });
    const before = world.truth();
    if (world.capability(subject.kind)?.idempotency !== 'unique-name') {
      const made = await connection.create(ctx, request);
      expect(made.status).toBe('done');
      expect(world.truth().filter(object => object.id === id)).toEqual(before.filter(object => object.id === id));
      return;
    }
    expect((await caught(world, connection.create(ctx, request))).class).toBe('already-exists');
    expect(world.truth()).toEqual(before);
    await settle();
    const found = await connection.find(ctx, request);
    expect(found).toMatchObject([{ id, owner: null }]);
  });

  it('makes one object of a create that is sent again', async () => {
    const { create, connection, ctx, finish, prepare, requestFor, world } = await bench(setup);
    const request = requestFor(subject, prepare(subject.kind));
    const first = await create(request);
    if (world.capability(subject.kind)?.idempotency === 'label-scan') {
      expect((await connection.find(ctx, request)).map(object => object.id)).toEqual([first.id]);
      return;
    }
    const second = await finish(await connection.create(ctx, request));
    expect(second?.id).toBe(first.id);
    expect(ofKind(world, subject)).toHaveLength(1);
  });

  it('finds both when the network delivers a create twice and the cloud cannot tell', async () => {
    const { connection, ctx, finish, prepare, requestFor, settle, world } = await bench(setup);
    if (!world.supports('sent-twice')) return expect(world.supports('sent-twice')).toBe(false);
    const request = requestFor(subject, prepare(subject.kind));
    const fired = world.arm({ fault: 'sent-twice', asked: 'create' });
    const copies = subject.kind !== 'subnet' && world.capability(subject.kind)?.idempotency === 'label-scan' ? 2 : 1;
    const call = connection.create(ctx, request);
    if (subject.kind === 'subnet' && world.capability('subnet')?.idempotency === 'label-scan') {
      expect((await caught(world, call)).class).toBe('invalid-input');
    } else {
      await finish(await call);
    }
    await settle();
    expect(fired()).toBe(1);
    expect(ofKind(world, subject)).toHaveLength(copies);
    expect(await connection.find(ctx, request)).toHaveLength(copies);
  });

  it.each(['create', 'update', 'delete', 'adopt'] as const)('marks that the cloud took %s before it reads the answer', async verb => {
    const { create, connection, ctx, prepare, requestFor, settle, world } = await bench(setup);
    const request = requestFor(subject, prepare(subject.kind));
    const spec = { ...request.spec, labels: { team: 'blue' } };
    const made = verb === 'create' ? null : await create(request);
    await settle();
    const seen: string[] = [];
    const crash = new Error('killed here');
    const reach: World['reach'] = async point => {
      seen.push(point);
      throw crash;
    };
    const change: UpdateRequest = { ...request, id: made?.id ?? '', before: request.spec, spec, fields: ['labels'] };
    const dying = world.context({ reach });
    const before = world.writes();
    const call = {
      create: () => connection.create(dying, request),
      update: () => connection.update(dying, change),
      delete: () => connection.delete(dying, change),
      adopt: () => connection.adopt(dying, change),
    }[verb]();
    await expect(call).rejects.toBe(crash);
    expect(seen).toEqual([`${verb}.accepted`]);
    expect(world.writes()).toBeGreaterThan(before);
    await settle();
    if (verb === 'create') expect(await connection.find(ctx, request)).toHaveLength(1);
    if (verb === 'delete') expect(ofKind(world, subject)).toEqual([]);
  });

  describe.each(['create', 'update', 'delete'] as const)('%s', asked => {
    const cases = FAULT_CASES.filter(one => one.expect[asked] !== undefined);
    for (const one of cases) {
      it(`with ${caseName(one)}`, async () => {
        await withFault(await bench(setup), subject, { asked, one, expected: one.expect[asked] as Expected });
      });
    }
  });
}

/** Two subnets of one network need different ranges. */
function withRoom(subject: Subject, spec: Spec, nth: number): Spec {
  return subject.kind === 'subnet' ? { ...spec, ipRange: `10.1.${100 + nth}.0/24` } : spec;
}

/** One call with one fault: what the caller is told, what really happened, and that the way back to certainty works. */
async function withFault(b: Bench, subject: Subject, test: { asked: 'create' | 'update' | 'delete'; one: FaultCase; expected: Expected }): Promise<void> {
  const { world, ctx, connection } = b;
  const { asked, one, expected } = test;
  if (!world.supports(one.fault)) return expect(world.supports(one.fault)).toBe(false);
  const request = b.requestFor(subject, b.prepare(subject.kind));
  const made = asked === 'create' ? null : await b.create(request);
  await b.settle();
  const spec = { ...request.spec, labels: { team: 'blue' } };
  const change: UpdateRequest = { ...request, id: made?.id ?? '', before: request.spec, spec, fields: ['labels'] };
  const call = (): Promise<Outcome> =>
    asked === 'create' ? connection.create(ctx, request) : asked === 'update' ? connection.update(ctx, change) : connection.delete(ctx, change);
  const fired = world.arm({ fault: one.fault, asked, ...(one.ms === undefined ? {} : { ms: one.ms }), ...(one.hint === undefined ? {} : { hint: one.hint }) });
  if (expected.told === 'done') {
    await b.finish(await call());
  } else {
    const error = await caught(world, call());
    expect(error.class).toBe(expected.told);
    if (one.hint !== undefined) expect(error.retryAfterMs).toBe(one.hint === 'none' ? undefined : one.ms);
    if (expected.told === 'partial') expect(error.partialId).toBe(ofKind(world, subject)[0]?.id);
  }
  expect(fired()).toBe(1);
  expectEffect(world, subject, { asked, happened: expected.effect });
  await b.settle();
  await recover(b, subject, { asked, request, change, partial: expected.told === 'partial' });
}

function expectEffect(world: ContractWorld, subject: Subject, test: { asked: Asked; happened: boolean }): void {
  const objects = ofKind(world, subject);
  if (test.asked === 'create') expect(objects).toHaveLength(test.happened ? 1 : 0);
  if (test.asked === 'delete') expect(objects).toHaveLength(test.happened ? 0 : 1);
  if (test.asked === 'update') expect(objects[0]?.labels['team']).toBe(test.happened ? 'blue' : undefined);
}

/** What the engine does after a fault: look, and send again only what is proved to be missing. */
async function recover(
  b: Bench,
  subject: Subject,
  test: { asked: 'create' | 'update' | 'delete'; request: CreateRequest; change: UpdateRequest; partial: boolean },
): Promise<void> {
  const { world, ctx, connection } = b;
  const { asked, request, change } = test;
  if (asked === 'create') {
    const found = await connection.find(ctx, request);
    expect(found.map(object => object.id)).toEqual(ofKind(world, subject).map(object => object.id));
    if (found.length === 0) await b.create(request);
    expect(ofKind(world, subject)).toHaveLength(1);
    if (found.length > 0) expect(found[0]?.phase).toBe(test.partial ? 'failed' : 'ready');
  } else if (asked === 'update') {
    await b.finish(await connection.update(ctx, change));
    expect(ofKind(world, subject)[0]?.labels['team']).toBe('blue');
  } else {
    expect(await b.finish(await connection.delete(ctx, change))).toBeNull();
    expect(ofKind(world, subject)).toEqual([]);
  }
}

function testAccount(setup: () => ContractWorld): void {
  it('names its account', async () => {
    const { connection } = await bench(setup);
    expect(connection.account).toMatch(/^[\w./-]{1,128}$/);
  });

  it('says what could be had', async () => {
    const { connection, ctx, prepare, requestFor, create, world } = await bench(setup);
    await create(requestFor(subjectOf('server'), prepare('server')));
    const catalogue = await connection.catalogue(ctx);
    expect(catalogue.sizes.find(size => size.name === world.words.size && size.kind === 'server')?.monthly).toBeGreaterThan(0);
    expect(catalogue.images.map(image => image.name)).toContain(world.words.image);
    expect(catalogue.zones).toContain(world.words.zone);
    expect(catalogue.quotas.filter(quota => quota.kind === 'server').every(quota => quota.used === 1)).toBe(true);
    expect(catalogue.currency).toMatch(/^[A-Z]{3}$/);
  });

  it('refuses what refers to nothing', async () => {
    const { connection, ctx, requestFor, world } = await bench(setup);
    const request = requestFor(subjectOf('subnet'), { network: 'net-404' });
    expect((await caught(world, connection.create(ctx, request))).class).toBe('invalid-input');
    expect(world.truth()).toEqual([]);
  });

  it('does not delete a network before its subnets', async () => {
    const { create, connection, ctx, finish, requestFor, world } = await bench(setup);
    const network = requestFor(subjectOf('network'), {});
    const { id } = await create(network);
    const subnet = requestFor(subjectOf('subnet'), { network: id });
    const inner = await create(subnet);
    expect((await caught(world, connection.delete(ctx, { ...network, id }))).class).toBe('dependency');
    expect(await finish(await connection.delete(ctx, { ...subnet, id: inner.id }))).toBeNull();
    expect(await finish(await connection.delete(ctx, { ...network, id }))).toBeNull();
    expect(world.truth()).toEqual([]);
  });

  it('does not wait longer than it may, and does not know then', async () => {
    const { connection, ctx, requestFor, settle, world } = await bench(setup);
    world.slow(30_000);
    const request = requestFor(subjectOf('ssh-key'), {});
    const start = world.clock.now();
    expect((await caught(world, connection.create(world.context({ timeoutMs: 5_000 }), request))).class).toBe('unknown-outcome');
    expect((await caught(world, connection.list(world.context({ timeoutMs: 5_000 }), WORKSPACE))).class).toBe('transient');
    expect(world.clock.now() - start).toBeLessThanOrEqual(10_000);
    world.slow(0);
    await settle();
    expect(await connection.find(ctx, request)).toHaveLength(1);
  });

  it('sends nothing after it was stopped', async () => {
    const { connection, requestFor, world } = await bench(setup);
    const context = world.context({ signal: AbortSignal.abort() });
    expect((await caught(world, connection.create(context, requestFor(subjectOf('ssh-key'), {})))).class).toBe('transient');
    expect(world.truth()).toEqual([]);
  });

  it('does not know what became of a create that was stopped on its way', async () => {
    const { connection, ctx, requestFor, settle, world } = await bench(setup);
    world.slow(1_000);
    const stop = new AbortController();
    const request = requestFor(subjectOf('ssh-key'), {});
    const call = caught(world, connection.create(world.context({ signal: stop.signal }), request));
    stop.abort();
    expect((await call).class).toBe('unknown-outcome');
    world.slow(0);
    await settle();
    expect(await connection.find(ctx, request)).toHaveLength(1);
  });
}

function testListing(setup: () => ContractWorld): void {
  /** More than two pages of keys. */
  const fill = async (b: Bench): Promise<readonly string[]> => {
    const subject = subjectOf('ssh-key');
    const ids: string[] = [];
    const count = b.world.pageSize * 2 + 1;
    for (let at = 0; at < count; at += 1) {
      const owner = ownerFor('ssh-key', `key-${at}`);
      ids.push(b.world.foreign('ssh-key', cloudName(owner), subject.spec({}, b.world.words), ownerLabels(owner)));
    }
    await b.settle();
    return ids;
  };

  it('shows only our workspace', async () => {
    const b = await bench(setup);
    const { connection, ctx, world } = b;
    const mine = await b.create(b.requestFor(subjectOf('network'), {}));
    const spec = subjectOf('network').spec({}, world.words);
    const twin = world.foreign('network', 'twin', spec, ownerLabels(ownerFor('network', 'x', { lineage: '999999999999' })));
    world.foreign('network', 'other', spec, ownerLabels(ownerFor('network', 'x', { workspace: 'other' })));
    world.foreign('network', 'other-env', spec, ownerLabels(ownerFor('network', 'x', { workspace: 'shop@test' })));
    world.foreign('network', 'nobody', spec, {});
    await b.settle();
    const listed = await connection.list(ctx, WORKSPACE);
    expect(listed.map(object => [object.id, object.owner?.lineage])).toEqual([
      [mine.id, 'abcdef012345'],
      [twin, '999999999999'],
    ]);
  });

  it('is empty only when there is nothing', async () => {
    const { connection, ctx } = await bench(setup);
    expect(await connection.list(ctx, WORKSPACE)).toEqual([]);
  });

  it('reads all pages', async () => {
    const b = await bench(setup);
    const ids = await fill(b);
    expect((await b.connection.list(b.ctx, WORKSPACE)).map(object => object.id).sort()).toEqual([...ids].sort());
  });

  const faults = FAULT_CASES.filter(one => one.expect.list !== undefined).flatMap(one => [1, 2, 3].map(page => ({ one, page })));
  it.each(faults.map(test => ({ ...test, name: caseName(test.one) })))('with $name on page $page', async ({ one, page }) => {
    const b = await bench(setup);
    const { world, connection, ctx } = b;
    if (!world.supports(one.fault)) return expect(world.supports(one.fault)).toBe(false);
    const ids = await fill(b);
    const fired = world.arm({ fault: one.fault, asked: 'list', nth: page, ...(one.ms === undefined ? {} : { ms: one.ms }), ...(one.hint === undefined ? {} : { hint: one.hint }) });
    if (one.expect.list?.told === 'done') {
      expect(await connection.list(ctx, WORKSPACE)).toHaveLength(ids.length);
    } else {
      const error = await caught(world, connection.list(ctx, WORKSPACE));
      expect(error.class).toBe(one.expect.list?.told);
    }
    expect(fired()).toBe(1);
    expect(await connection.list(ctx, WORKSPACE)).toHaveLength(ids.length);
  });

  it('is no listing when the world changes between two pages', async () => {
    const b = await bench(setup);
    const { world, connection } = b;
    const ids = await fill(b);
    let calls = 0;
    const context = b.ctx;
    const changing: CallContext = {
      ...context,
      fetch: (input, init) => {
        calls += 1;
        if (calls === 2) world.vanish(ids[0] ?? '');
        return context.fetch(input, init);
      },
    };
    const call = connection.list(changing, WORKSPACE);
    if ((world.capability('ssh-key')?.visibleAfterMs ?? 0) > 0) expect(await call).toHaveLength(ids.length);
    else expect((await caught(world, call)).class).toBe('transient');
    await b.settle();
    expect(await connection.list(context, WORKSPACE)).toHaveLength(ids.length - 1);
  });

  it('believes in an absence only when the cloud says so', async () => {
    const b = await bench(setup);
    const { world, connection, ctx } = b;
    const made = await b.create(b.requestFor(subjectOf('network'), {}));
    await b.settle();
    for (const fault of ['request-lost', 'error-500-before', 'html', 'empty', 'token-expired', 'rate-limited']) {
      const gone = (): Promise<unknown> => connection.read({ ...ctx, fetch: broken(ctx, fault) }, made);
      const error = await caught(world, gone());
      expect(['transient', 'unauthenticated', 'rate-limited']).toContain(error.class);
    }
    world.vanish(made.id);
    await b.settle();
    expect(await connection.read(ctx, made)).toBeNull();
  });
}

/** A `fetch` whose answers are useless in one of the ways that must not be taken for "there is nothing". */
function broken(ctx: CallContext, fault: string): CallContext['fetch'] {
  const answers: { readonly [fault: string]: () => Response } = {
    'error-500-before': () => new Response('{"error":{"code":"service_error"}}', { status: 500 }),
    html: () => new Response('<html>404</html>', { status: 404 }),
    empty: () => new Response('', { status: 200 }),
    'token-expired': () => new Response('{"error":{"code":"unauthorized"}}', { status: 401 }),
    'rate-limited': () => new Response('{}', { status: 429 }),
  };
  return (input, init) => {
    const answer = answers[fault];
    if (answer === undefined) return Promise.reject(new TypeError('fetch failed'));
    return init?.method === 'GET' ? Promise.resolve(answer()) : ctx.fetch(input, init);
  };
}

function testActions(setup: () => ContractWorld): void {
  it('follows many actions, and tells of each what became of it', async () => {
    const b = await bench(setup);
    const { world, connection, ctx } = b;
    const ids = b.prepare('server');
    const subject = subjectOf('server');
    world.actionsTake(3_000);
    const tokens = [];
    for (const name of ['a', 'b', 'c']) {
      const outcome = await connection.create(ctx, b.requestFor(subject, ids, name));
      if (outcome.status !== 'pending') throw new Error('the action was over at once');
      tokens.push(outcome.token);
    }
    expect((await connection.poll(ctx, tokens)).map(statusOf)).toEqual(['pending', 'pending', 'pending']);
    await world.clock.sleep(3_000);
    const results = await connection.poll(ctx, JSON.parse(JSON.stringify(tokens)));
    expect(results.map(statusOf)).toEqual(['done', 'done', 'done']);
    expect(results.map(result => (result as { object: Observed }).object.id)).toEqual(tokens.map(token => token.id));
  });

  it('resizes and deletes by actions', async () => {
    const b = await bench(setup);
    const { world, connection, ctx } = b;
    const request = b.requestFor(subjectOf('server'), b.prepare('server'));
    const made = await b.create(request);
    await b.settle();
    world.actionsTake(3_000);
    const spec = { ...request.spec, size: world.words.biggerSize };
    const update: UpdateRequest = { ...request, id: made.id, before: request.spec, spec, fields: ['size'] };
    const resizing = await connection.update(ctx, update);
    expect(resizing.status).toBe('pending');
    expect((await caught(world, connection.update(ctx, update))).class).toBe('locked');
    expect((await b.finish(resizing))?.spec['size']).toBe(world.words.biggerSize);
    const deleting = await connection.delete(ctx, { ...request, id: made.id });
    expect(deleting.status).toBe('pending');
    expect(await b.finish(deleting)).toBeNull();
    expect(ofKind(world, subjectOf('server'))).toEqual([]);
  });

  it('reports a creation that failed, with the object it left', async () => {
    const b = await bench(setup);
    const { world, connection, ctx } = b;
    const request = b.requestFor(subjectOf('server'), b.prepare('server'));
    world.actionsTake(2_000);
    const fired = world.arm({ fault: 'action-fails', asked: 'create' });
    const outcome = await connection.create(ctx, request);
    const error = await caught(world, b.finish(outcome));
    expect(error).toMatchObject({ class: 'partial', partialId: ofKind(world, subjectOf('server'))[0]?.id });
    expect(fired()).toBe(1);
    await b.settle();
    const [found] = await connection.find(ctx, request);
    expect(found?.phase).toBe('failed');
    expect(await b.finish(await connection.delete(ctx, { ...request, id: found?.id ?? '' }))).toBeNull();
  });

  it('keeps waiting for what never ends, and can still delete it', async () => {
    const b = await bench(setup);
    const { world, connection, ctx } = b;
    const request = b.requestFor(subjectOf('server'), b.prepare('server'));
    const fired = world.arm({ fault: 'action-stuck', asked: 'create' });
    const outcome = await connection.create(ctx, request);
    if (outcome.status !== 'pending') throw new Error('nothing is stuck');
    await world.clock.sleep(3_600_000);
    expect((await connection.poll(ctx, [outcome.token])).map(statusOf)).toEqual(['pending']);
    expect(fired()).toBe(1);
    expect(await b.finish(await connection.delete(ctx, { ...request, id: outcome.token.id }))).toBeNull();
    expect(ofKind(world, subjectOf('server'))).toEqual([]);
  });

  it('does not take silence about an action for its end', async () => {
    const b = await bench(setup);
    const { world, connection, ctx } = b;
    const subject = subjectOf('server');
    const ids = b.prepare('server');
    world.actionsTake(1_000);
    const tokens = [];
    for (const name of ['a', 'b']) {
      const outcome = await connection.create(ctx, b.requestFor(subject, ids, name));
      if (outcome.status === 'pending') tokens.push(outcome.token);
    }
    await world.clock.sleep(1_000);
    const fired = world.arm({ fault: 'half-done', asked: 'poll' });
    expect((await connection.poll(ctx, tokens)).map(statusOf)).toEqual(['done', 'transient']);
    expect(fired()).toBe(1);
    expect((await connection.poll(ctx, tokens)).map(statusOf)).toEqual(['done', 'done']);
  });

  it('finds a creation that is under way after its answer was lost', async () => {
    const b = await bench(setup);
    const { world, connection, ctx } = b;
    const request = b.requestFor(subjectOf('server'), b.prepare('server'));
    world.actionsTake(15_000);
    const fired = world.arm({ fault: 'answer-lost', asked: 'create' });
    expect((await caught(world, connection.create(ctx, request))).class).toBe('unknown-outcome');
    await b.settle();
    const found = await connection.find(ctx, request);
    expect(found).toMatchObject([{ phase: 'pending', owner: ownerOf(ownerLabels(request.owner)) }]);
    expect(fired()).toBe(1);
    if (world.capability('server')?.idempotency === 'label-scan') return;
    const again = await connection.create(ctx, request);
    expect(again).toMatchObject({ status: 'pending', token: { id: found[0]?.id } });
    expect((await b.finish(again))?.phase).toBe('ready');
  });
}

function statusOf(result: Outcome | ProviderFault): string {
  return result instanceof ProviderFault ? result.error.class : result.status;
}
