import type { HostSession } from '../../schemas/host.ts';
import { nameOf } from '../../schemas/name.ts';
import { type CallContext, type Connection, type Observed, ProviderFault } from '../../schemas/provider.ts';
import { hostTarget, type ServerOutputs } from '../hosts.ts';
import type { Serving } from './serving.ts';

/** A server as it is reached. */
export interface Server {
  readonly id: string;
  /** Its name in the workspace. */
  readonly name: string;
  readonly outputs: ServerOutputs;
}

/** The servers of one provider by id, from what was seen of them last. */
export interface Servers {
  /** Takes in what the cloud showed. */
  saw(objects: readonly Observed[]): void;
  /** Null when the cloud no longer has it. */
  find(ctx: CallContext, id: string): Promise<Server | null>;
  open(server: Server): Promise<HostSession>;
  /** Opens it anew: a connection from before shows nothing of who can still get in. */
  reopen(server: Server): Promise<HostSession>;
}

/** Finds servers through the cloud that they are in, and opens them over SSH. */
export function openServers(connection: Connection, serving: Serving): Servers {
  const seen = new Map<string, Server>();
  const byAddress = new Map<string, string>();
  for (const { kind, id, address } of serving.recorded.objects.values())
    if (kind === 'server') byAddress.set(id, address);
  const take = (object: Observed): Server => {
    const address = byAddress.get(object.id) ?? object.owner?.address ?? '';
    const server = { id: object.id, name: address === '' ? object.name : nameOf(address), outputs: object.outputs };
    seen.set(object.id, server);
    return server;
  };
  const named = (name: string): ServerOutputs | undefined => {
    for (const server of seen.values()) if (server.name === name) return server.outputs;
    return serving.recorded.objects.get(`server/${name}`)?.outputs;
  };
  const open = async (server: Server): Promise<HostSession> => {
    const { ssh } = serving.workspace.settings;
    const target = () => hostTarget(server.name, server.outputs, { ssh, serverOf: named });
    const session = await ours(() => serving.openHost(target()));
    return { ...session, run: command => ours(() => session.run(command)) };
  };
  return {
    saw(objects) {
      for (const object of objects) if (object.kind === 'server') take(object);
    },
    async find(ctx, id) {
      const known = seen.get(id);
      if (known !== undefined && isReachable(known)) return known;
      const object = await connection.read(ctx, { kind: 'server', id });
      return object === null ? null : take(object);
    },
    open,
    async reopen(server) {
      await (await open(server)).close();
      return open(server);
    },
  };
}

function isReachable({ outputs }: Server): boolean {
  return typeof outputs['publicIp'] === 'string' || typeof outputs['privateIp'] === 'string';
}

/** A host that refuses us is no reason to leave its whole cloud alone. */
async function ours<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    const { class: kind } = error.error;
    if (kind !== 'forbidden' && kind !== 'unauthenticated') throw error;
    throw new ProviderFault({ ...error.error, class: 'invalid-input' }, error);
  }
}
