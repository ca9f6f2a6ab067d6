import type { RecordedObject } from '../schemas/checkpoint.ts';
import type { KindName } from '../schemas/name.ts';
import type { Change, Finding, Price } from '../schemas/plan.ts';
import type { Catalogue } from '../schemas/provider.ts';
import type { Spec } from '../schemas/resource.ts';
import type { Catalogues } from './input.ts';
import { addTo, sortedUnique } from './sort.ts';

/**
 * Price per month of one object in 1/10,000 of the currency. Zero for a kind that the catalogue does not price at all,
 * undefined when it prices the kind but not this one.
 */
export type Monthly = (kind: KindName, spec: Spec) => number | undefined;

/** A catalogue as a price list. */
export function priceList(catalogue: Catalogue): Monthly {
  const sizes = new Map<KindName, Catalogue['sizes'][number][]>();
  const prices = new Map<KindName, Catalogue['prices'][number][]>();
  for (const size of catalogue.sizes) addTo(sizes, size.kind, size);
  for (const price of catalogue.prices) addTo(prices, price.kind, price);
  return (kind, spec) => {
    const offered = sizes.get(kind) ?? [];
    const size = offered.length === 0 ? 0 : sizePrice(offered, spec);
    let total = size;
    for (const price of prices.get(kind) ?? []) {
      const amount = price.per === 'object' ? 1 : spec['sizeGib'];
      total = total === undefined || typeof amount !== 'number' ? undefined : total + price.monthly * amount;
    }
    return total;
  };
}

function sizePrice(offered: readonly Catalogue['sizes'][number][], spec: Spec): number | undefined {
  const named = offered.filter(size => size.name === spec['size']);
  const here = named.find(size => size.zones.length === 0 || size.zones.includes(String(spec['zone'])));
  return (here ?? named[0])?.monthly;
}

/**
 * What everything costs per month before and after the plan. Null without a catalogue, and when catalogues count in
 * different currencies, because such sums cannot be added. What is never charged counts in none. Of objects that do not change, those without a price are left out of both sums.
 */
export function priceOf(
  catalogues: Catalogues,
  objects: readonly RecordedObject[],
  changes: readonly Change[],
): { price: Price | null; findings: Finding[] } {
  const currencies = sortedUnique(Object.values(catalogues).flatMap(({ currency }) => currency ?? []));
  const [currency, ...others] = currencies;
  if (currency === undefined) return { price: null, findings: [] };
  if (others.length > 0) {
    const what = `prices are in ${currencies.join(' and ')}, so there is no sum`;
    return { price: null, findings: [{ level: 'note', id: 'PR-CURRENCIES', what }] };
  }
  const monthly = allPrices(catalogues);
  const present = new Map(objects.map(({ key, provider, kind, spec }) => [key, monthly(provider, kind, spec)]));
  let before = 0;
  for (const price of present.values()) before += price ?? 0;
  const { delta, unknown } = differences(changes, { monthly, present });
  const price = { currency, before, after: before + delta, unknown };
  const findings: Finding[] = unknown.map(address => {
    return { level: 'note', id: 'PR-PRICE', address, what: `the price of ${address} is not known` };
  });
  return { price, findings };
}

function differences(
  changes: readonly Change[],
  facts: { readonly monthly: ReturnType<typeof allPrices>; readonly present: ReadonlyMap<string, number | undefined> },
): { delta: number; unknown: string[] } {
  const unknown = new Set<string>();
  let delta = 0;
  for (const change of changes) {
    const record = recordKey(change);
    const goes = record !== null && facts.present.has(record) ? facts.present.get(record) : 0;
    const comes = change.after === null ? 0 : facts.monthly(change.provider, change.kind, change.after);
    if (goes === undefined || comes === undefined) unknown.add(change.address);
    else delta += comes - goes;
  }
  return { delta, unknown: sortedUnique(unknown) };
}

/** The record whose price a change ends; a create or an adoption ends none. */
function recordKey(change: Change): string | null {
  if (change.action === 'update') return change.movedFrom ?? change.address;
  return change.action === 'delete' || change.action === 'forget' ? change.key.slice(change.action.length + 1) : null;
}

function allPrices(catalogues: Catalogues): (provider: string, kind: KindName, spec: Spec) => number | undefined {
  const lists = new Map(Object.entries(catalogues).map(([provider, catalogue]) => [provider, priceList(catalogue)]));
  return (provider, kind, spec) => lists.get(provider)?.(kind, spec);
}
