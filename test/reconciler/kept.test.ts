import { describe, expect, it } from 'vitest';
import { emptyRecorded, type RecordedObject } from '../../schemas/checkpoint.ts';
import type { KindName } from '../../schemas/name.ts';
import type { Connection, CreateRequest, KindCapability, Observed } from '../../schemas/provider.ts';
import type { Resource } from '../../schemas/resource.ts';
import { Settings, type Workspace } from '../../schemas/workspace.ts';
import type { Keeping } from '../../reconciler/keeping.ts';
import { withUnlabelled } from '../../reconciler/unlabelled.ts';
import { withVirtual } from '../../reconciler/virtual.ts';
import { observed, scriptCloud } from '../appliers/script-cloud.ts';
import { virtualClock, worldOn } from '../providers/virtual-clock.ts';

const KINDS: { readonly [kind: string]: KindCapability } = {
  'ssh-key': { idempotency: 'label-scan', visibleAfterMs: 0, virtual: true },
  firewall: { idempotency: 'label-scan', visibleAfterMs: 0, virtual: true },
  'floating-ip': { idempotency: 'ask', visibleAfterMs: 0, ownedBy: 'record' },
  server: { idempotency: 'label-scan', visibleAfterMs: 0 },
};

const KEY = { publicKey: 'ssh-ed25519 AAAA' };

function request(kind: KindName, name: string, spec: CreateRequest['spec'] = {}): CreateRequest {
  const owner = { workspace: 'shop', lineage: '0123456789ab', address: `${kind}/${name}`, opId: `op-${name}` };
  return { kind, owner, spec, protect: false };
}

function record(kind: KindName, name: string, more: Partial<RecordedObject> = {}): RecordedObject {
  const address = `${kind}/${name}`;
  return {
    key: address,
    address,
    kind,
    provider: 'cloud',
    account: 'acme',
    id: `id-${name}`,
    spec: {},
    outputs: {},
    needs: [],
    protect: false,
    opId: `op-${name}`,
    by: { run: 'r', key: `create ${address}` },
    ...more,
  };
}

function keepingOf(
  records: readonly RecordedObject[],
  adopt?: { readonly address: string; readonly id: string },
): Keeping {
  const resources = adopt === undefined ? [] : [{ address: adopt.address, adopt: adopt.id } as Resource];
  const workspace: Workspace = {
    name: 'shop',
    env: null,
    key: 'shop',
    settings: Settings.parse({}),
    providers: {},
    resources,
    moved: [],
    forget: [],
  };
  const objects = new Map(records.map(one => [one.key, one]));
  const recorded = { ...emptyRecorded('shop', '0123456789ab'), objects };
  return { provider: 'cloud', workspace, recorded, capability: kind => KINDS[kind] };
}

function stage() {
  const clock = virtualClock();
  const cloud = scriptCloud(clock);
  const asked: CreateRequest[] = [];
  const connection: Connection = {
    ...cloud.connection,
    // A cloud that cannot label addresses, lists them all, and cannot tell which create made which.
    list: async () => [...cloud.objects.values()],
    find: async (_ctx, { kind }) => [...cloud.objects.values()].filter(object => object.kind === kind),
    create: (ctx, given) => {
      asked.push(given);
      return cloud.connection.create(ctx, given);
    },
  };
  const ctx = {
    world: worldOn(clock),
    signal: new AbortController().signal,
    fetch: globalThis.fetch,
    timeoutMs: 1_000,
  };
  return { cloud, connection, asked, ctx };
}

const free = (id: string): Observed => observed({ id, kind: 'floating-ip', owner: null });

describe('kinds that the cloud has no object for', () => {
  it('are never asked about, and come with what refers to them', async () => {
    const { asked, cloud, connection, ctx } = stage();
    const kept = withVirtual(connection, keepingOf([]));
    const outcome = await kept.create(ctx, request('ssh-key', 'ops', KEY));
    const id = outcome.status === 'done' ? outcome.object.id : '';
    expect(id).toMatch(/^ssh-key-[0-9a-f]{20}$/);
    expect(cloud.ledger).toEqual([]);
    await kept.create(ctx, request('server', 'web', { sshKeys: [id], size: 'small' }));
    expect(asked.map(one => one.virtual)).toEqual([{ [id]: { labels: {}, ...KEY } }]);
    expect(await kept.read(ctx, { kind: 'ssh-key', id })).toMatchObject({ spec: KEY, phase: 'ready' });
    expect((await kept.find(ctx, request('ssh-key', 'ops', KEY))).map(object => object.id)).toEqual([id]);
    expect((await kept.list(ctx, 'shop')).map(object => object.kind)).toEqual(['server', 'ssh-key']);
  });

  it('have the same id after a crash, and another one for another content', async () => {
    const { connection, ctx } = stage();
    const idFor = async (spec: CreateRequest['spec']): Promise<string> => {
      const outcome = await withVirtual(connection, keepingOf([])).create(ctx, request('ssh-key', 'ops', spec));
      return outcome.status === 'done' ? outcome.object.id : '';
    };
    expect(await idFor(KEY)).toBe(await idFor(KEY));
    expect(await idFor(KEY)).not.toBe(await idFor({ publicKey: 'ssh-ed25519 BBBB' }));
  });

  it('are read from the record by the next pass, and forgotten when they are deleted', async () => {
    const { connection, ctx } = stage();
    const known = record('firewall', 'web', { spec: { rules: [] } });
    const kept = withVirtual(connection, keepingOf([known, record('firewall', 'far', { provider: 'other' })]));
    expect((await kept.list(ctx, 'shop')).map(object => object.id)).toEqual(['id-web']);
    expect(await kept.delete(ctx, { ...request('firewall', 'web'), id: 'id-web' })).toEqual({ status: 'gone' });
    expect(await kept.list(ctx, 'shop')).toEqual([]);
    expect(await kept.read(ctx, { kind: 'firewall', id: 'id-web' })).toBeNull();
  });

  it('cost nothing where a cloud has them all', () => {
    const { connection } = stage();
    const plain = { ...keepingOf([]), capability: () => KINDS['server'] };
    expect(withVirtual(connection, plain)).toBe(connection);
    expect(withUnlabelled(connection, plain)).toBe(connection);
  });
});

describe('kinds that cannot carry labels', () => {
  it('are ours by the record alone: others are not shown', async () => {
    const { cloud, connection, ctx } = stage();
    cloud.put(free('id-web'));
    cloud.put(free('somebody-elses'));
    const kept = withUnlabelled(connection, keepingOf([record('floating-ip', 'web', { protect: true })]));
    expect(await kept.list(ctx, 'shop')).toMatchObject([
      { id: 'id-web', owner: { address: 'floating-ip/web', opId: 'op-web' }, protected: true },
    ]);
    expect(await kept.read(ctx, { kind: 'floating-ip', id: 'somebody-elses' })).toMatchObject({ owner: null });
  });

  it('are ours once we made them', async () => {
    const { connection, ctx } = stage();
    const kept = withUnlabelled(connection, keepingOf([]));
    const outcome = await kept.create(ctx, request('floating-ip', 'web'));
    expect(outcome).toMatchObject({ status: 'done', object: { owner: { address: 'floating-ip/web' } } });
    expect(await kept.list(ctx, 'shop')).toHaveLength(1);
  });

  it('are shown as candidates without an owner, but never what another resource has', async () => {
    const { cloud, connection, ctx } = stage();
    for (const id of ['id-taken', 'a', 'b']) cloud.put(free(id));
    const kept = withUnlabelled(connection, keepingOf([record('floating-ip', 'taken')]));
    const found = await kept.find(ctx, request('floating-ip', 'web'));
    expect(found.map(({ id, owner }) => [id, owner])).toEqual([
      ['a', null],
      ['b', null],
    ]);
  });

  it('are ours when a person says so in the files', async () => {
    const { cloud, connection, ctx } = stage();
    for (const id of ['a', 'b']) cloud.put(free(id));
    const kept = withUnlabelled(connection, keepingOf([], { address: 'floating-ip/web', id: 'b' }));
    const found = await kept.find(ctx, request('floating-ip', 'web'));
    expect(found.map(({ id, owner }) => [id, owner?.opId])).toEqual([
      ['a', undefined],
      ['b', 'op-web'],
    ]);
  });

  it('are not deleted when they are protected or nobody recorded them', async () => {
    const { cloud, connection, ctx } = stage();
    for (const id of ['id-web', 'id-own', 'x']) cloud.put(free(id));
    const records = [record('floating-ip', 'web', { protect: true }), record('floating-ip', 'own')];
    const kept = withUnlabelled(connection, keepingOf(records));
    const remove = (name: string, id: string) => kept.delete(ctx, { ...request('floating-ip', name), id });
    await expect(remove('web', 'id-web')).rejects.toMatchObject({ error: { class: 'protected' } });
    await expect(remove('x', 'x')).rejects.toMatchObject({ error: { class: 'forbidden' } });
    expect(await remove('own', 'id-own')).toEqual({ status: 'gone' });
    expect([...cloud.objects.keys()]).toEqual(['id-web', 'x']);
  });
});
