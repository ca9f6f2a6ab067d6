import { z, type ZodType } from 'zod';
import type { KindName } from '../../schemas/name.ts';
import type { CallContext, Catalogue } from '../../schemas/provider.ts';
import type { Account } from './account.ts';
import { ask } from './client.ts';
import { pagesOf } from './pages.ts';
import {
  AccountReply,
  BalancerPlansReply,
  BalancersReply,
  NetworksReply,
  PricesReply,
  RoutersReply,
  ZonesReply,
} from './replies.ts';

/** UpCloud bills a plan for 28 days of a month at most; everything else for every hour of it. */
const PLAN_HOURS = 672;
const MONTH_HOURS = 720;

const Item = z.object({ amount: z.number().positive(), price: z.number().min(0) });

type Prices = readonly { readonly [item: string]: unknown }[];

/** Credits per hour as the 1/10,000 of the currency per month: a credit is one hundredth of it. */
function monthly(zone: Prices[number], item: string, hours: number): number {
  const price = Item.safeParse(zone[item]);
  return price.success ? Math.round((price.data.price / price.data.amount) * hours * 100) : 0;
}

/** What a list tells that is the same everywhere, or else its highest price: a plan must not promise too little. */
function highest(zones: Prices, item: string): number {
  return Math.max(0, ...zones.map(zone => monthly(zone, item, MONTH_HOURS)));
}

/** Prices of kinds that have no sizes, by the name in the price list. */
const PRICED: readonly (readonly [KindName, 'object' | 'gib', string])[] = [
  ['floating-ip', 'object', 'ipv4_address'],
  ['subnet', 'object', 'network_private_vlan'],
  ['volume', 'gib', 'storage_maxiops'],
];

export async function catalogue(ctx: CallContext, account: Account): Promise<Catalogue> {
  const read = <T>(path: string, reply: ZodType<T>): Promise<T> =>
    ask(ctx, account.client, { what: 'read the catalogue', method: 'GET', path, reply });
  const [plans, templates, { zones }, { prices }, balancerPlans, quotas] = await Promise.all([
    account.shelf.plans(ctx),
    account.shelf.templates(ctx),
    read('/zone', ZonesReply),
    read('/price', PricesReply),
    pagesOf(ctx, account, {
      path: '/load-balancer/plans',
      query: null,
      reply: BalancerPlansReply,
      idOf: one => one.name,
    }),
    quotasOf(ctx, account, read),
  ]);
  const names = zones.zone.map(zone => zone.id);
  return {
    sizes: [
      ...plans.flatMap(plan => sizesOf(plan.name, prices.zone)),
      ...balancerPlans.map(({ name }) => ({ name, kind: 'load-balancer', zones: [], stock: null, monthly: 0 })),
    ],
    images: templates.map(template => ({ name: template.title, zones: [] })),
    zones: names,
    quotas,
    prices: PRICED.flatMap(([kind, per, item]) => {
      const price = highest(prices.zone, item);
      return price === 0 ? [] : [{ kind, per, monthly: price }];
    }),
    currency: account.currency,
  };
}

/** One plan, once for each price it has, with the zones that ask it. */
function sizesOf(name: string, zones: Prices): Catalogue['sizes'] {
  const byPrice = new Map<number, string[]>();
  for (const zone of zones) {
    const price = monthly(zone, `server_plan_${name}`, PLAN_HOURS);
    if (price > 0 && typeof zone['name'] === 'string')
      byPrice.set(price, [...(byPrice.get(price) ?? []), zone['name']]);
  }
  if (byPrice.size === 0) return [{ name, kind: 'server', zones: [], stock: null, monthly: 0 }];
  return [...byPrice].map(([price, where]) => ({ name, kind: 'server', zones: where, stock: null, monthly: price }));
}

/** The limits of the account that count objects; cores, memory and disk space are limited too, but no kind counts them. */
async function quotasOf(
  ctx: CallContext,
  account: Account,
  read: <T>(path: string, reply: ZodType<T>) => Promise<T>,
): Promise<Catalogue['quotas']> {
  const [told, { networks }, { routers }, balancers] = await Promise.all([
    read('/account', AccountReply),
    read('/network', NetworksReply),
    read('/router', RoutersReply),
    pagesOf(ctx, account, { path: '/load-balancer', query: null, reply: BalancersReply, idOf: one => one.uuid }),
  ]);
  const limits = told.account.resource_limits;
  const used: readonly (readonly [KindName, string, number])[] = [
    ['subnet', 'networks', networks.network.filter(network => network.type === 'private').length],
    ['network', 'routers', routers.router.filter(router => router.type === 'normal').length],
    ['load-balancer', 'load_balancers', balancers.length],
  ];
  return used.flatMap(([kind, name, count]) => {
    const limit = limits[name];
    return typeof limit === 'number' ? [{ kind, limit, used: count }] : [];
  });
}
