import type { Ports } from '../../reconciler/ports.ts';
import { type Connection, ProviderFault } from '../../schemas/provider.ts';
import type { StateWriter, WorkspaceState } from '../../schemas/state.ts';

/** A deliberately broken build: the product with one port that does not keep its promise. */
export type Mutant = (ports: Ports) => Ports;

function withConnection(change: (connection: Connection, ports: Ports) => Partial<Connection>): Mutant {
  return ports => {
    const providers = Object.entries(ports.providers).map(([name, provider]) => {
      const connect: typeof provider.connect = async (ctx, config) => {
        const connection = await provider.connect(ctx, config);
        return { ...connection, ...change(connection, ports) };
      };
      return [name, { ...provider, connect }] as const;
    });
    return { ...ports, providers: Object.fromEntries(providers) };
  };
}

function withWriter(change: (writer: StateWriter) => Partial<StateWriter>): Mutant {
  return ports => ({
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
  'an open intent is closed without a look': ports => ({
    ...ports,
    openState(options) {
      const state = ports.openState(options);
      return {
        ...state,
        read: async () => ({ ...(await state.read()), intents: new Map() }),
        take: async (...args) => {
          const writer = await state.take(...args);
          const open = [...writer.recorded.intents.keys()];
          const fault = { code: 'bug' as const, problems: [], data: {}, nothingChanged: false };
          if (open.length > 0)
            await writer.append(open.map(key => ({ step: 'fail' as const, key, fault, settled: true, objects: [] })));
          return writer;
        },
      };
    },
  }),
};
