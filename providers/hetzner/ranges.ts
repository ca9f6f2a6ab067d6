import { BlockList } from 'node:net';
import { type CallContext, ProviderFault } from '../../schemas/provider.ts';
import { type Account, networkOf } from './account.ts';

/** Where something stands in a private network. */
interface Stand {
  readonly network: number;
  readonly ip?: string | null | undefined;
}

/** The id that we give a subnet, which has none at Hetzner: `7-10.0.1.0/24`. */
export function subnetId(network: number, range: string): string {
  return `${network}-${range}`;
}

export function splitSubnetId(id: string): { readonly network: number; readonly range: string } | undefined {
  const match = /^(\d{1,16})-([0-9.]+\/\d{1,2})$/.exec(id);
  return match === null ? undefined : { network: Number(match[1]), range: match[2] ?? '' };
}

/** The range of the subnet that an address belongs to; undefined when it stands in none that is known. */
export async function subnetAt(
  ctx: CallContext,
  account: Account,
  stand: Stand | undefined,
): Promise<string | undefined> {
  if (stand?.ip == null) return undefined;
  const ip = stand.ip;
  const inside = (): string | undefined => (account.ranges.get(stand.network) ?? []).find(range => holds(range, ip));
  const known = inside();
  if (known !== undefined) return known;
  try {
    await networkOf(ctx, account, stand.network, 'read network');
  } catch (error) {
    if (!(error instanceof ProviderFault) || error.error.class !== 'not-found') throw error;
  }
  return inside();
}

/** The same as an id of ours. */
export async function subnetIdAt(
  ctx: CallContext,
  account: Account,
  stand: Stand | undefined,
): Promise<string | undefined> {
  const range = await subnetAt(ctx, account, stand);
  return range === undefined || stand === undefined ? undefined : subnetId(stand.network, range);
}

function holds(range: string, ip: string): boolean {
  const [start = '', length = ''] = range.split('/');
  const list = new BlockList();
  list.addSubnet(start, Number(length));
  return list.check(ip);
}
