import type { MemoryRemote } from '../../platform/state/memory-remote.ts';
import type { Ports } from '../../reconciler/ports.ts';
import { type Connection, type Provider, ProviderFault } from '../../schemas/provider.ts';
import type { StateWriter, WorkspaceState } from '../../schemas/state.ts';

/** A deliberately broken build: the product with one port that does not keep its promise. */
export interface Mutant {
  readonly ports?: (ports: Ports) => Ports;
  readonly remote?: (remote: MemoryRemote) => MemoryRemote;
}

function withConnection(change: (connection: Connection, ports: Ports) => Partial<Connection>): Mutant {
  const broken = (ports: Ports): Ports => {
    const providers = Object.entries(ports.providers).map(([name, provider]) => {
      const connect: typeof provider.connect = async (ctx, config, secrets) => {
        const connection = await provider.connect(ctx, config, secrets);
        return { ...connection, ...change(connection, ports) };
      };
      return [name, { ...provider, connect }] as const;
    });
    return { ...ports, providers: Object.fromEntries(providers) };
  };
  return { ports: broken };
}

function withProviders(change: (provider: Provider) => Partial<Provider>): Mutant {
  const broken = (ports: Ports): Ports => ({
    ...ports,
    providers: Object.fromEntries(
      Object.entries(ports.providers).map(([name, provider]) => [name, { ...provider, ...change(provider) }]),
    ),
  });
  return { ports: broken };
}

function withState(change: (state: WorkspaceState) => Partial<WorkspaceState>): Mutant {
  const broken = (ports: Ports): Ports => ({
    ...ports,
    openState(options) {
      const state = ports.openState(options);
      return { ...state, ...change(state) };
    },
  });
  return { ports: broken };
}

function withWriter(change: (writer: StateWriter) => Partial<StateWriter>): Mutant {
  const broken = (ports: Ports): Ports => ({
    ...ports,
    openState(options) {
      const state = ports.openState(options);
      const take: WorkspaceState['take'] = async (...args) => {
        const writer = await state.take(...args);
        return Object.defineProperties(
          Object.create(writer) as StateWriter,
          Object.getOwnPropertyDescriptors(change(writer)),
        );
      };
      return { ...state, take };
    },
  });
  return { ports: broken };
}

/** Each breaks one of the rules that keep a crash from costing a machine. */
export const MUTANTS: { readonly [what: string]: Mutant } = {
  'no look-up before creating again': withConnection(() => ({ find: async () => [] })),
  'a new operation id for every attempt': withConnection((connection, ports) => ({
    create: (ctx, request) =>
      connection.create(ctx, { ...request, owner: { ...request.owner, opId: ports.world.randomHex(14) } }),
  })),
  'an unknown outcome is sent again': withConnection(connection => ({
    create: async (ctx, request) => {
      try {
        return await connection.create(ctx, request);
      } catch (error) {
        if (error instanceof ProviderFault && error.error.class === 'unknown-outcome')
          return connection.create(ctx, request);
        throw error;
      }
    },
  })),
  'a listing that failed is empty': withConnection(connection => ({
    list: (ctx, workspace) => connection.list(ctx, workspace).catch(() => []),
    read: async (ctx, object) => connection.read(ctx, object).catch(() => null),
  })),
  'a listing loses its last object': withConnection(connection => ({
    list: async (ctx, workspace) => (await connection.list(ctx, workspace)).slice(0, -1),
    read: async () => null,
  })),
  'a delete is believed without being done': withConnection(() => ({ delete: async () => ({ status: 'gone' }) })),
  'objects are created without labels': withConnection((connection, ports) => ({
    create: async (ctx, request) => {
      const outcome = await connection.create(ctx, request);
      const id = outcome.status === 'done' ? outcome.object.id : outcome.status === 'pending' ? outcome.token.id : '';
      await ports.fetch(`http://cloud.invalid/admin/objects/${id}`, {
        method: 'PATCH',
        body: JSON.stringify({ labels: { 'provisioning/address': null, 'provisioning/workspace': null } }),
      });
      return outcome;
    },
  })),
  'an update is believed without being done': withConnection(connection => ({
    update: async (ctx, { kind, id, spec }) => {
      const object = await connection.read(ctx, { kind, id });
      return object === null ? { status: 'gone' } : { status: 'done', object: { ...object, spec } };
    },
    list: async () => [],
  })),
  'a successor believes that nothing was sent': withWriter(() => ({ sentAt: () => undefined })),
  'the outcome of a create is not recorded': withWriter(writer => ({
    append: steps => writer.append(steps.filter(step => step.step !== 'done' || !step.key.startsWith('create'))),
  })),
  'a replaced object is forgotten': withWriter(writer => ({
    append: steps =>
      writer.append(
        steps.map(step =>
          step.step === 'done'
            ? { ...step, objects: step.objects.filter(object => object.key === object.address) }
            : step,
        ),
      ),
  })),
  'an open intent is closed without a look': withState(state => ({
    read: async () => ({ ...(await state.read()), intents: new Map() }),
    take: async (...args) => {
      const writer = await state.take(...args);
      const open = [...writer.recorded.intents.keys()];
      const fault = { code: 'bug' as const, problems: [], data: {}, nothingChanged: false };
      const steps = open.map(key => ({ step: 'fail' as const, key, fault, settled: true, objects: [] }));
      if (open.length > 0) await writer.append(steps);
      return writer;
    },
  })),
  'a call does not wait until its intent is on the remote': withWriter(() => ({ pushed: async () => {} })),
  'the lease is not looked at before a call': withWriter(() => ({ alive: () => true })),
  'the remote takes any push': {
    remote: remote => ({
      ...remote,
      log(world) {
        const log = remote.log(world);
        return { ...log, push: update => log.push({ ...update, from: remote.refs.get(update.ref) ?? null }) };
      },
    }),
  },
  'a new object is expected to be visible at once': withProviders(provider => ({
    capability(kind, config) {
      const known = provider.capability(kind, config);
      return known === undefined ? undefined : { ...known, visibleAfterMs: 0 };
    },
  })),
  'the order of the plan is not kept': {
    ports: ports => ({
      ...ports,
      shelf: {
        ...ports.shelf,
        keep: async plan => plan.changes.forEach(change => change.needs.splice(0)),
      },
    }),
  },
  'what a run has done is done again when it goes on': withWriter(writer => ({
    get recorded() {
      const objects = new Map(
        [...writer.recorded.objects].map(([key, object]) => [key, { ...object, by: { ...object.by, run: 'another' } }]),
      );
      return { ...writer.recorded, objects };
    },
  })),
};
