import { z } from 'zod';
import type { Catalogue } from '../../schemas/provider.ts';
import type { Account } from './account.ts';
import { type Call, ec2 } from './client.ts';
import { IMAGES } from './images.ts';
import { BALANCER_SIZE } from './refusals.ts';
import { Id, Word, allPages, listOf } from './pages.ts';
import { pricesOf } from './prices.ts';

/** What one region has: the sizes of its zones, the images that have a short name, and the prices that are known. */
export async function catalogue(call: Call, account: Account): Promise<Catalogue> {
  const prices = pricesOf(account.config.region);
  const zones = await zonesOf(call);
  const offers = await offersOf(call);
  const sizes = new Map<string, string[]>();
  for (const { InstanceType, Location } of offers)
    sizes.set(InstanceType, [...(sizes.get(InstanceType) ?? []), Location]);
  const servers = [...sizes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, where]) => ({
      name,
      kind: 'server',
      zones: where.sort(),
      stock: null,
      monthly: prices.servers[name] ?? 0,
    }));
  return {
    sizes: [
      ...servers,
      { name: BALANCER_SIZE, kind: 'load-balancer', zones: [], stock: null, monthly: prices.balancer },
    ],
    images: Object.keys(IMAGES).map(name => ({ name, zones })),
    zones,
    quotas: [],
    prices: prices.volumeGib === 0 ? [] : [{ kind: 'volume', per: 'gib', monthly: prices.volumeGib }],
    currency: 'USD',
  };
}

async function zonesOf(call: Call): Promise<readonly string[]> {
  const Filters = [
    { Name: 'zone-type', Values: ['availability-zone'] },
    { Name: 'state', Values: ['available'] },
  ];
  const reply = z.object({ AvailabilityZones: listOf(z.object({ ZoneName: Id })) });
  const { AvailabilityZones } = await ec2(call, 'DescribeAvailabilityZones', { Filters }, reply);
  return AvailabilityZones.map(zone => zone.ZoneName).sort();
}

const Offer = z.object({ InstanceType: Id, Location: Id });

function offersOf(call: Call): Promise<readonly z.infer<typeof Offer>[]> {
  const reply = z.object({ InstanceTypeOfferings: listOf(Offer), NextToken: Word });
  return allPages(
    call,
    offer => `${offer.InstanceType} ${offer.Location}`,
    async NextToken => {
      const input = { LocationType: 'availability-zone' as const, NextToken, MaxResults: 1_000 };
      const page = await ec2(call, 'DescribeInstanceTypeOfferings', input, reply);
      return { items: page.InstanceTypeOfferings, next: page.NextToken };
    },
  );
}
