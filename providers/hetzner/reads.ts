import { cloudName, LABEL, workspaceLabel } from '../../schemas/owner.ts';
import type { WorkspaceKey } from '../../schemas/name.ts';
import type { CallContext, Catalogue, FindRequest, Observed } from '../../schemas/provider.ts';
import { ask } from './client.ts';
import type { HetznerKind } from './kind.ts';
import type { Hetzner } from './kinds.ts';
import { pagesOf } from './pages.ts';
import { BalancerTypesPage, ImagesPage, LocationsPage, PricingReply, ServerTypesPage } from './replies.ts';
import { fingerprintOf } from './ssh-key.ts';

/** Everything of ours: the networks come first, because they tell where the subnets are that servers stand in. */
export async function list(ctx: CallContext, hetzner: Hetzner, workspace: WorkspaceKey): Promise<readonly Observed[]> {
  const objects = await everything(ctx, hetzner, `${LABEL.workspace}==${workspaceLabel(workspace)}`);
  // Subnets are found in all networks, also in those of others.
  return objects.filter(object => object.owner?.workspace === workspace);
}

export function scan(ctx: CallContext, hetzner: Hetzner): Promise<readonly Observed[]> {
  return everything(ctx, hetzner, null);
}

async function everything(ctx: CallContext, { kinds }: Hetzner, selector: string | null): Promise<readonly Observed[]> {
  const first = (await kinds.get('subnet')?.list(ctx, selector)) ?? [];
  const others = [...kinds].filter(([kind]) => kind !== 'subnet');
  const rest = await Promise.all(others.map(([, rules]) => rules.list(ctx, selector)));
  return [...first, ...rest.flat()];
}

/** By the name, which only one object of a kind can have. */
export async function find(ctx: CallContext, hetzner: Hetzner, request: FindRequest): Promise<readonly Observed[]> {
  const rules = hetzner.kindFor(request.kind);
  if (request.kind === 'ssh-key') return findKey(ctx, rules, request);
  if (request.kind !== 'subnet') return rules.where(ctx, { name: cloudName(request.owner) });
  const sight = await rules.look(ctx, `${String(request.spec['network'])}-${String(request.spec['ipRange'])}`);
  return sight === null ? [] : [sight.observed];
}

/** A key cannot be there twice either, whatever its name. */
async function findKey(ctx: CallContext, rules: HetznerKind, { owner, spec }: FindRequest): Promise<readonly Observed[]> {
  const named = await rules.where(ctx, { name: cloudName(owner) });
  const fingerprint = fingerprintOf(String(spec['publicKey'] ?? ''));
  return named.length > 0 ? named : rules.where(ctx, { fingerprint });
}

export async function read(
  ctx: CallContext,
  hetzner: Hetzner,
  object: { readonly kind: string; readonly id: string },
): Promise<Observed | null> {
  return (await hetzner.kindFor(object.kind).look(ctx, object.id))?.observed ?? null;
}

/** 1/10,000 of the currency, as prices are counted here. */
function money(text: string): number {
  return Math.round(Number(text) * 10_000);
}

export async function catalogue(ctx: CallContext, { account }: Hetzner): Promise<Catalogue> {
  const { client } = account;
  const [types, balancers, images, locations, { pricing }] = await Promise.all([
    pagesOf(ctx, client, {
      path: '/server_types',
      reply: ServerTypesPage,
      items: page => page.server_types,
      idOf: one => one.name,
    }),
    pagesOf(ctx, client, {
      path: '/load_balancer_types',
      reply: BalancerTypesPage,
      items: page => page.load_balancer_types,
      idOf: one => one.name,
    }),
    pagesOf(ctx, client, {
      path: '/images?type=system&status=available&architecture=x86&sort=id:asc',
      reply: ImagesPage,
      items: page => page.images,
      idOf: one => String(one.name),
    }),
    pagesOf(ctx, client, {
      path: '/locations',
      reply: LocationsPage,
      items: page => page.locations,
      idOf: one => one.name,
    }),
    ask(ctx, client, { what: 'read the prices', method: 'GET', path: '/pricing', reply: PricingReply }),
  ]);
  const offer =
    (kind: 'server' | 'load-balancer', stockOf: (type: string, zone: string) => number | null) =>
    (type: (typeof types)[number] | (typeof balancers)[number]) =>
      type.prices.map(({ location, price_monthly }) => ({
        name: type.name,
        kind,
        zones: [location],
        stock: stockOf(type.name, location),
        monthly: money(price_monthly.net),
      }));
  const soldOut = new Set(
    types.flatMap(type =>
      (type.locations ?? []).filter(({ available }) => available === false).map(({ name }) => `${type.name} ${name}`),
    ),
  );
  // How many there are is not told, only whether there are any.
  const stockOf = (type: string, zone: string): number | null => (soldOut.has(`${type} ${zone}`) ? 0 : null);
  const address = pricing.floating_ips?.find(({ type }) => type === 'ipv4')?.prices[0]?.price_monthly.net;
  return {
    sizes: [...types.flatMap(offer('server', stockOf)), ...balancers.flatMap(offer('load-balancer', () => null))],
    images: images.flatMap(({ name }) => (name === null ? [] : [{ name, zones: [] }])),
    zones: [...new Set(locations.flatMap(({ name, network_zone }) => [name, network_zone]))],
    quotas: [],
    prices: [
      { kind: 'volume', per: 'gib', monthly: money(pricing.volume.price_per_gb_month.net) },
      ...(address === undefined
        ? []
        : [{ kind: 'floating-ip' as const, per: 'object' as const, monthly: money(address) }]),
    ],
    currency: pricing.currency,
  };
}
