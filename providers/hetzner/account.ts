import type { CallContext } from '../../schemas/provider.ts';
import { ask, type Client } from './client.ts';
import { fault } from './faults.ts';
import { pagesOf } from './pages.ts';
import { LocationsPage, Network } from './replies.ts';
import { z } from 'zod';

/** A project, and what was learnt about it that does not change under us. */
export interface Account {
  readonly name: string;
  readonly client: Client;
  /** Network zone of each location; null until somebody asked. */
  zones: ReadonlyMap<string, string> | null;
  /** Ranges of the subnets of each network, as they were seen last. */
  readonly ranges: Map<number, readonly string[]>;
  /** The last write of labels to each network: they are read, merged and written whole, so one goes after the other. */
  readonly turns: Map<number, Promise<unknown>>;
}

/** The network zone of a location such as `fsn1`; a network zone is its own. */
export async function networkZone(ctx: CallContext, account: Account, zone: string): Promise<string> {
  account.zones ??= await zonesOf(ctx, account);
  const found = account.zones.get(zone) ?? ([...account.zones.values()].includes(zone) ? zone : undefined);
  if (found !== undefined) return found;
  const known = [...account.zones.keys(), ...new Set(account.zones.values())].join(', ');
  throw fault('invalid-input', 'unknown_zone', 'choose a zone', { why: `Hetzner Cloud has these zones: ${known}` });
}

async function zonesOf(ctx: CallContext, account: Account): Promise<ReadonlyMap<string, string>> {
  const locations = await pagesOf(ctx, account.client, {
    path: '/locations',
    reply: LocationsPage,
    items: page => page.locations,
    idOf: location => location.name,
  });
  return new Map(locations.map(({ name, network_zone }) => [name, network_zone]));
}

const NetworkReply = z.object({ network: Network });

/** One network as it is now; null when there is none. */
export async function networkOf(ctx: CallContext, account: Account, id: number, what: string): Promise<Network> {
  const { network } = await ask(ctx, account.client, {
    what,
    method: 'GET',
    path: `/networks/${id}`,
    reply: NetworkReply,
  });
  account.ranges.set(
    id,
    network.subnets.map(subnet => subnet.ip_range),
  );
  return network;
}

/** Waits for the former write of labels to a network, does this one, and lets the next one go on. */
export function inTurn<T>(account: Account, network: number, work: () => Promise<T>): Promise<T> {
  const before = account.turns.get(network) ?? Promise.resolve();
  const mine = before.then(work, work);
  account.turns.set(
    network,
    mine.catch(() => {}),
  );
  return mine;
}
