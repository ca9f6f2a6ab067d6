import type { CallContext, Connection, CreateRequest, Observed, Outcome } from '../../../schemas/provider.ts';
import { ProviderFault } from '../../../schemas/provider.ts';
import type { Spec } from '../../../schemas/resource.ts';
import { upcloudWorld, type UpcloudWorld, ZONE } from './upcloud-world.ts';

export const IMAGE = 'Debian GNU/Linux 12 (Bookworm)';
export const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJDtTzUAHzmwM3xq5s1kSnAPq6kZ1Jd4cB6q9ZrS2p0m demo';
export const SSH_KEY = 'ssh-key-0123456789abcdef0123';
export const FIREWALL = 'firewall-0123456789abcdef0123';
export const VIRTUAL: { readonly [id: string]: Spec } = {
  [SSH_KEY]: { publicKey: KEY },
  [FIREWALL]: { rules: [{ direction: 'in', protocol: 'tcp', port: 22, sources: ['10.0.0.0/8', '2001:db8::/32'] }] },
};

export function ownerOf(kind: string, name: string) {
  return { workspace: 'shop@prod', lineage: 'abcdef012345', address: `${kind}/${name}`, opId: `op-${kind}-${name}` };
}

export function request(kind: string, name: string, spec: Spec): CreateRequest {
  return { kind, owner: ownerOf(kind, name), spec, protect: false, virtual: VIRTUAL };
}

export const SERVER: Spec = { size: '1xCPU-2GB', image: IMAGE, zone: ZONE, sshKeys: [SSH_KEY], firewalls: [FIREWALL] };

/** A world with a connection, and creating with all waiting in it. */
export async function bench(settings: Parameters<typeof upcloudWorld>[0] = {}, isChecked = true) {
  const world: UpcloudWorld = upcloudWorld(settings, isChecked);
  const connection: Connection = await world.connect();
  const ctx: CallContext = world.context();
  const finish = async (outcome: Outcome, over: Connection = connection): Promise<Observed | null> => {
    let current = outcome;
    for (let round = 0; current.status === 'pending'; round += 1) {
      if (round > 200) throw new Error('it never ended');
      await world.clock.sleep(current.token.pollMs);
      const [result] = await over.poll(ctx, [current.token]);
      if (result === undefined || result instanceof ProviderFault) throw result ?? new Error('no result');
      current = result;
    }
    return current.status === 'done' ? current.object : null;
  };
  const create = async (kind: string, name: string, spec: Spec): Promise<Observed> => {
    const object = await finish(await connection.create(ctx, request(kind, name, spec)));
    if (object === null) throw new Error('nothing was made');
    return object;
  };
  return { world, cloud: world.cloud, state: world.cloud.state, connection, ctx, finish, create };
}
