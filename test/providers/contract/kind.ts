import { describe, expect, it } from 'vitest';
import { cloudName, ownerLabels } from '../../../schemas/owner.ts';
import type { Observed, UpdateRequest } from '../../../schemas/provider.ts';
import type { Spec } from '../../../schemas/resource.ts';
import type { World } from '../../../schemas/world.ts';
import {
  WORKSPACE,
  bench,
  caught,
  expectSpec,
  isRecorded,
  isRepeatable,
  ofKind,
  ownerFor,
  updateFor,
} from './bench.ts';
import { type Expected, FAULT_CASES, caseName } from './fault-table.ts';
import type { Subject } from './subjects.ts';
import { itWhere } from './where.ts';
import { withFault } from './with-fault.ts';
import type { ContractWorld } from './world.ts';

/** What every kind of a provider must do. */
export function testKind(setup: () => ContractWorld, subject: Subject): void {
  const { supports } = setup();
  /** What is proved by labels cannot be asked of an object that has none: the engine proves it by its record. */
  const isLabelled = !isRecorded(setup(), subject.kind);
  it('creates, reads and lists one and the same object', async () => {
    const { create, connection, ctx, prepare, requestFor, settle, world } = await bench(setup);
    const request = requestFor(subject, prepare(subject.kind));
    const made = await create(request);
    await settle();
    const seen = await connection.read(ctx, made);
    const listed = (await connection.list(ctx, WORKSPACE)).find(object => object.id === made.id);
    const owner = isLabelled ? request.owner : null;
    expect(made).toMatchObject({ kind: subject.kind, owner, phase: 'ready', protected: false });
    expectSpec(made, request.spec);
    expect(made.outputs['id']).toBe(made.id);
    expect(seen).toEqual(made);
    expect(listed).toEqual(made);
    expect(ofKind(world, subject).map(object => object.id)).toEqual([made.id]);
  });

  it.each(changesOf(setup(), subject))('changes $field in place ($at)', async change => {
    const { create, connection, ctx, finish, prepare, requestFor, settle, world } = await bench(setup);
    const ids = prepare(subject.kind);
    const request = requestFor(subject, ids);
    const made = await create(request);
    await settle();
    const value = change.value(ids, world.words);
    const spec = Object.fromEntries(
      Object.entries({ ...request.spec, [change.field]: value }).filter(([, one]) => one !== null),
    );
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

  it.each(setup().lacks?.[subject.kind] ?? [])('refuses %s, which this cloud has nothing for', async field => {
    const { connection, ctx, prepare, requestFor, world } = await bench(setup);
    const ids = prepare(subject.kind);
    const before = world.truth();
    const spec = { [field]: subject.spec(ids, world.words)[field] ?? null };
    const request = requestFor(subject, ids);
    const call = connection.create(ctx, { ...request, spec: { ...request.spec, ...spec } });
    expect((await caught(world, call)).class).toBe('unsupported');
    expect(world.truth()).toEqual(before);
  });

  itWhere(isLabelled)('follows a new address and keeps the labels of others', async () => {
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

  itWhere(isLabelled)('protects against deletion until an update lifts it', async () => {
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

  itWhere(isLabelled)('adopts an object that nobody owns, and keeps its name and labels', async () => {
    const { connection, ctx, finish, prepare, requestFor, settle, world } = await bench(setup);
    const request = requestFor(subject, prepare(subject.kind));
    const id = world.foreign(subject.kind, 'made-by-hand', request.spec, { by: 'hand' });
    await settle();
    const adopted = await finish(await connection.adopt(ctx, { ...request, id, before: request.spec, fields: [] }));
    expect(adopted).toMatchObject({ id, name: 'made-by-hand', owner: request.owner });
    expect(world.truth().find(object => object.id === id)?.labels).toEqual({
      by: 'hand',
      ...ownerLabels(request.owner),
    });
    expect((await connection.list(ctx, WORKSPACE)).map(object => object.id)).toContain(id);
  });

  itWhere(isLabelled)('leaves what belongs to somebody else alone', async () => {
    const { connection, ctx, prepare, requestFor, settle, world } = await bench(setup);
    const request = requestFor(subject, prepare(subject.kind));
    const strangers = [
      {},
      ownerLabels(ownerFor(subject.kind, 'x', { workspace: 'other' })),
      ownerLabels(ownerFor(subject.kind, 'x', { lineage: '999999999999' })),
    ];
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
    const { connection, create, ctx, prepare, requestFor, settle, world } = await bench(setup);
    const request = requestFor(subject, prepare(subject.kind));
    const id = world.foreign(subject.kind, cloudName(request.owner), withRoom(subject, request.spec, 1), {
      by: 'hand',
    });
    const before = world.truth();
    if (world.capability(subject.kind)?.idempotency !== 'unique-name') {
      expect((await create(request)).id).not.toBe(id);
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
    if (isRepeatable(world, subject.kind)) {
      expect((await connection.find(ctx, request)).map(object => object.id)).toEqual([first.id]);
      return;
    }
    const second = await finish(await connection.create(ctx, request));
    expect(second?.id).toBe(first.id);
    expect(ofKind(world, subject)).toHaveLength(1);
  });

  itWhere(supports('sent-twice'))(
    'finds both when the network delivers a create twice and the cloud cannot tell',
    async () => {
      const { connection, ctx, finish, prepare, requestFor, settle, world } = await bench(setup);
      const request = requestFor(subject, prepare(subject.kind));
      const fired = world.arm({ fault: 'sent-twice', asked: 'create' });
      const copies = subject.kind !== 'subnet' && isRepeatable(world, subject.kind) ? 2 : 1;
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
    },
  );

  it.each((['create', 'update', 'delete', 'adopt'] as const).filter(verb => isLabelled || verb !== 'adopt'))(
    'marks that the cloud took %s before it reads the answer',
    async verb => {
      const b = await bench(setup);
      const { create, connection, ctx, drive, prepare, requestFor, settle, world } = b;
      const ids = prepare(subject.kind);
      const request = requestFor(subject, ids);
      const made = verb === 'create' ? null : await create(request);
      await settle();
      const seen: string[] = [];
      const crash = new Error('killed here');
      const reach: World['reach'] = async point => {
        seen.push(point);
        throw crash;
      };
      const change = updateFor(world, subject, { request, ids, id: made?.id ?? '' });
      const dying = world.context({ reach });
      const before = world.writes();
      const call = {
        create: () => connection.create(dying, request),
        update: () => connection.update(dying, change),
        delete: async () => drive(dying, await connection.delete(dying, change), true),
        adopt: () => connection.adopt(dying, change),
      }[verb]();
      await expect(call).rejects.toBe(crash);
      expect(seen).toEqual([`${verb}.accepted`]);
      expect(world.writes()).toBeGreaterThan(before);
      await settle();
      if (verb === 'create') expect(await connection.find(ctx, request)).toHaveLength(1);
      if (verb === 'delete') expect(ofKind(world, subject)).toEqual([]);
    },
  );

  describe.each(['create', 'update', 'delete'] as const)('%s', asked => {
    const cases = FAULT_CASES.filter(one => one.expect[asked] !== undefined);
    for (const one of cases) {
      itWhere(supports(one.fault))(`with ${caseName(one)}`, async () => {
        await withFault(await bench(setup), subject, { asked, one, expected: one.expect[asked] as Expected });
      });
    }
  });
}

/** The changes that this cloud can make without a replacement. */
function changesOf(world: ContractWorld, subject: Subject) {
  const fields = world.capability(subject.kind)?.override?.fields ?? {};
  const lacks = world.lacks?.[subject.kind] ?? [];
  return subject.changes
    .map((change, at) => ({ ...change, at }))
    .filter(({ field }) => fields[field]?.effect !== 'replace' && !lacks.includes(field));
}

/** Two subnets of one network need different ranges. */
function withRoom(subject: Subject, spec: Spec, nth: number): Spec {
  return subject.kind === 'subnet' ? { ...spec, ipRange: `10.1.${100 + nth}.0/24` } : spec;
}
