import type { z, ZodType } from 'zod';
import type { CallContext, Catalogue } from '../../schemas/provider.ts';
import type { Account } from './account.ts';
import { ask } from './client.ts';
import { pagesOf } from './pages.ts';
import { BalancerTypesPage, ImagesPage, LocationsPage, type Page, PricingReply, ServerTypesPage } from './replies.ts';

/** 1/10,000 of the currency, as prices are counted here. */
function money(text: string): number {
  return Math.round(Number(text) * 10_000);
}

type ServerType = z.infer<typeof ServerTypesPage>['server_types'][number];
type BalancerType = z.infer<typeof BalancerTypesPage>['load_balancer_types'][number];

/** One offer for each location of a type. How many there are is not told, only whether there are any. */
function offers(kind: 'server' | 'load-balancer', type: ServerType | BalancerType): Catalogue['sizes'] {
  const places = 'locations' in type ? (type.locations ?? []) : [];
  const soldOut = places.filter(({ available }) => available === false).map(({ name }) => name);
  return type.prices.map(({ location, price_monthly }) => ({
    name: type.name,
    kind,
    zones: [location],
    stock: soldOut.includes(location) ? 0 : null,
    monthly: money(price_monthly.net),
  }));
}

export async function catalogue(ctx: CallContext, { client }: Account): Promise<Catalogue> {
  const pages = <P extends z.infer<typeof Page>, T extends { readonly name: string | null }>(
    path: string,
    reply: ZodType<P>,
    items: (page: P) => readonly T[],
  ): Promise<readonly T[]> => pagesOf(ctx, client, { path, reply, items, idOf: one => String(one.name) });
  const [types, balancers, images, locations, { pricing }] = await Promise.all([
    pages('/server_types', ServerTypesPage, page => page.server_types),
    pages('/load_balancer_types', BalancerTypesPage, page => page.load_balancer_types),
    // An image has the same name for both kinds of processor.
    pages('/images?type=system&status=available&architecture=x86&sort=id:asc', ImagesPage, page => page.images),
    pages('/locations', LocationsPage, page => page.locations),
    ask(ctx, client, { what: 'read the prices', method: 'GET', path: '/pricing', reply: PricingReply }),
  ]);
  const address = pricing.floating_ips?.find(({ type }) => type === 'ipv4')?.prices[0]?.price_monthly.net;
  return {
    sizes: [
      ...types.flatMap(type => offers('server', type)),
      ...balancers.flatMap(type => offers('load-balancer', type)),
    ],
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
