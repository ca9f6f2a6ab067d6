import type { CallContext, Connection, CreateRequest, Observed, Outcome } from '../../../schemas/provider.ts';
import { ProviderFault } from '../../../schemas/provider.ts';
import type { Spec } from '../../../schemas/resource.ts';
import { hetznerWorld, type HetznerWorld } from './hetzner-world.ts';

export const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJDtTzUAHzmwM3xq5s1kSnAPq6kZ1Jd4cB6q9ZrS2p0m demo';
export const SERVER: Spec = { size: 'cx23', image: 'debian-12', zone: 'fsn1' };

export function request(kind: string, name: string, spec: Spec): CreateRequest {
  const owner = {
    workspace: 'shop@prod',
    lineage: 'abcdef012345',
    address: `${kind}/${name}`,
    opId: `op-${kind}-${name}`,
  };
  return { kind, owner, spec, protect: false };
}

/** A world with a connection, and creating with all waiting in it. */
export async function bench(settings: Parameters<typeof hetznerWorld>[0] = {}) {
  const world: HetznerWorld = hetznerWorld(settings);
  const connection: Connection = await world.connect();
  const ctx: CallContext = world.context();
  /** The end of an outcome, as the engine comes to it: over restarts too when `over` is another connection. */
  const end = async (outcome: Outcome, over: Connection = connection): Promise<Outcome | ProviderFault> => {
    let current = outcome;
    for (let round = 0; current.status === 'pending'; round += 1) {
      if (round > 200) throw new Error('it never ended');
      await world.clock.sleep(current.token.pollMs);
      const [result] = await over.poll(ctx, [current.token]);
      if (result === undefined) throw new Error('no result');
      if (result instanceof ProviderFault) return result;
      current = result;
    }
    return current;
  };
  const finish = async (outcome: Outcome): Promise<Observed> => {
    const last = await end(outcome);
    if (last instanceof ProviderFault) throw last;
    if (last.status !== 'done') throw new Error('nothing is left');
    return last.object;
  };
  const create = async (kind: string, name: string, spec: Spec): Promise<Observed> =>
    finish(await connection.create(ctx, request(kind, name, spec)));
  /** Commands of the actions that were run on servers, in their order. */
  const commands = (): readonly string[] =>
    world.cloud
      .ledger()
      .filter(({ method, status, path }) => method === 'POST' && status === 201 && path.includes('/actions/'))
      .map(({ path }) => path.split('/').at(-1) ?? '');
  return { world, cloud: world.cloud, state: world.cloud.state, connection, ctx, end, finish, create, commands };
}
