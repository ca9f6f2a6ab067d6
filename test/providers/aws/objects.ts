import type { Settings } from '../../fakes/aws/model.ts';
import type { KindName } from '../../../schemas/name.ts';
import {
  type CallContext,
  type Connection,
  type CreateRequest,
  type Observed,
  type Outcome,
  type ProviderError,
  ProviderFault,
  type UpdateRequest,
} from '../../../schemas/provider.ts';
import type { Spec } from '../../../schemas/resource.ts';
import { awsWorld } from './aws-world.ts';

export const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJDtTzUAHzmwM3xq5s1kSnAPq6kZ1Jd4cB6q9ZrS2p0m';
export const WORKSPACE = 'shop@prod';

export function ownerFor(kind: KindName, name: string) {
  return { workspace: WORKSPACE, lineage: 'abcdef012345', address: `${kind}/${name}`, opId: `op-${kind}-${name}` };
}

export function request(kind: KindName, spec: Spec, name = 'x'): CreateRequest {
  return { kind, owner: ownerFor(kind, name), spec, protect: false };
}

/** The update of what a request made; the fields are those that the new spec says. */
export function updateOf(made: Observed, asked: CreateRequest, change: Spec): UpdateRequest {
  const spec = { ...asked.spec, ...change };
  return { ...asked, id: made.id, before: asked.spec, spec, fields: Object.keys(change) };
}

/** The error of a call that must fail. */
export async function errorOf(call: Promise<unknown>): Promise<ProviderError> {
  const error = await call.then(
    () => new Error('the call succeeded'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProviderFault)) throw error;
  return error.error;
}

/** A world with a connection, and the verbs with all waiting in them. */
export async function bench(settings: Partial<Settings> = {}) {
  const world = awsWorld(settings);
  const { clock, cloud } = world;
  const ctx: CallContext = world.context();
  const connection = await world.connect(ctx);
  const finish = async (outcome: Outcome, by: Connection = connection): Promise<Observed | null> => {
    let current = outcome;
    for (let round = 0; current.status === 'pending'; round += 1) {
      if (round > 200) throw new Error('it never ended');
      await clock.sleep(current.token.pollMs);
      // Tokens live in a file between two looks.
      const [result] = await by.poll(ctx, [JSON.parse(JSON.stringify(current.token))]);
      if (result === undefined) throw new Error('poll gave no result');
      if (!(result instanceof ProviderFault)) current = result;
      else if (result.error.class !== 'transient') throw result;
    }
    return current.status === 'done' ? current.object : null;
  };
  const create = async (asked: CreateRequest, by: Connection = connection): Promise<Observed> => {
    const object = await finish(await by.create(ctx, asked), by);
    if (object === null) throw new Error('nothing was made');
    return object;
  };
  const remove = async ({ kind, id, owner }: Observed): Promise<void> => {
    if (owner === null) throw new Error('nobody owns it');
    await finish(await connection.delete(ctx, { kind, id, owner }));
  };
  /** A network that can be reached, with a subnet and a server in it. */
  const site = async (over: Spec = {}) => {
    const network = await create(request('network', { ipRange: '10.9.0.0/16' }, 'site'));
    const subnet = await create(request('subnet', { network: network.id, ipRange: '10.9.1.0/24' }, 'site'));
    const asked = request('server', { size: 't3.micro', image: 'debian-12', subnet: subnet.id, ...over }, 'site');
    return { network, subnet, asked, server: await create(asked) };
  };
  /** What was done since the count, without the questions. */
  const count = (): number => cloud.ledger().length;
  const writesSince = (from: number): readonly string[] =>
    cloud
      .ledger()
      .slice(from)
      .map(({ action }) => action)
      .filter(action => !/^(?:Describe|Get)/.test(action));
  return { world, clock, cloud, state: cloud.state, ctx, connection, finish, create, remove, site, count, writesSince };
}

export type Bench = Awaited<ReturnType<typeof bench>>;
