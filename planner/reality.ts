import { nearest } from '../schemas/nearest.ts';
import type { Change, Finding } from '../schemas/plan.ts';
import type { Catalogue } from '../schemas/provider.ts';
import type { Catalogues } from './input.ts';
import { plainText } from './show.ts';
import { addTo, byText } from './sort.ts';

/** Error findings about what the provider does not have: an unknown size, image or zone, too little stock, a quota that is used up. */
export function reality(catalogues: Catalogues, changes: readonly Change[]): Finding[] {
  const byProvider = new Map<string, Change[]>();
  for (const change of changes) addTo(byProvider, change.provider, change);
  const findings: Finding[] = [];
  for (const provider of [...byProvider.keys()].sort(byText)) {
    const catalogue = catalogues[provider];
    if (catalogue === undefined) continue;
    const shop: Shop = { provider, catalogue };
    const here = byProvider.get(provider) ?? [];
    for (const change of here) findings.push(...offers(shop, change));
    findings.push(...stock(shop, here), ...quotas(shop, here));
  }
  return findings;
}

interface Shop {
  readonly provider: string;
  readonly catalogue: Catalogue;
}

/** Fields that a change newly asks for: all of a new object, those that differ of another. */
function asksFor(change: Change, field: string): string | undefined {
  const value = change.after?.[field];
  if (typeof value !== 'string') return undefined;
  const isNew = change.action === 'create' || change.fields.some(({ path }) => path === field);
  return isNew ? value : undefined;
}

function offers(shop: Shop, change: Change): Finding[] {
  const { sizes, images, zones } = shop.catalogue;
  const zone = typeof change.after?.['zone'] === 'string' ? change.after['zone'] : undefined;
  const ofKind = sizes.filter(size => size.kind === change.kind);
  const findings: Finding[] = [];
  const asked = asksFor(change, 'zone');
  if (asked !== undefined && zones.length > 0 && !zones.includes(asked)) {
    findings.push(unknownName(shop, change, { field: 'zone', value: asked, known: zones }));
    return findings;
  }
  const size = asksFor(change, 'size');
  if (size !== undefined && ofKind.length > 0)
    findings.push(...named(shop, change, { field: 'size', value: size, zone, offered: ofKind }));
  const image = asksFor(change, 'image');
  const unmade = images.find(({ name, make }) => name === image && make !== undefined);
  if (unmade !== undefined) {
    const what = `image ${plainText(unmade.name)} is not built`;
    findings.push({ ...about(change, 'PR-NOT-BUILT'), what, fix: `run \`${unmade.make}\`` });
  }
  if (image !== undefined && images.length > 0)
    findings.push(...named(shop, change, { field: 'image', value: image, zone, offered: images }));
  return findings;
}

function named(
  shop: Shop,
  change: Change,
  wish: {
    readonly field: string;
    readonly value: string;
    readonly zone: string | undefined;
    readonly offered: readonly { readonly name: string; readonly zones: readonly string[] }[];
  },
): Finding[] {
  const { field, value, zone, offered } = wish;
  const matching = offered.filter(offer => offer.name === value);
  if (matching.length === 0)
    return [unknownName(shop, change, { field, value, known: offered.map(offer => offer.name) })];
  if (zone === undefined || matching.some(offer => offer.zones.length === 0 || offer.zones.includes(zone))) return [];
  const elsewhere = [...new Set(matching.flatMap(offer => offer.zones))].sort(byText);
  return [
    {
      ...about(change, 'PR-NOT-IN-ZONE'),
      what: `${shop.provider} does not offer the ${field} ${plainText(value)} in ${plainText(zone)}`,
      fix:
        elsewhere.length === 0
          ? `choose another ${field}`
          : `choose another ${field}, or one of the zones ${elsewhere.slice(0, 5).join(', ')}`,
    },
  ];
}

function unknownName(
  shop: Shop,
  change: Change,
  wish: { readonly field: string; readonly value: string; readonly known: readonly string[] },
): Finding {
  const names = [...new Set(wish.known)].sort(byText);
  const meant = nearest(wish.value, names);
  return {
    ...about(change, `PR-UNKNOWN-${wish.field.toUpperCase()}`),
    what: `${shop.provider} has no ${wish.field} named ${plainText(wish.value)}`,
    fix:
      meant === undefined
        ? `choose one of ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', ...' : ''}`
        : `did you mean ${meant}?`,
  };
}

function about(change: Change, id: string): Pick<Finding, 'level' | 'id' | 'address' | 'at'> {
  return { level: 'error', id, address: change.address, ...(change.at === undefined ? {} : { at: change.at }) };
}

/** New objects of one size must not be more than there are. A size that several offers share by zone has the stock of its zone. */
function stock({ provider, catalogue }: Shop, changes: readonly Change[]): Finding[] {
  const wanted = new Map<Catalogue['sizes'][number], Change[]>();
  for (const change of changes) {
    const size = asksFor(change, 'size');
    if (size === undefined) continue;
    const offered = catalogue.sizes.filter(offer => offer.kind === change.kind && offer.name === size);
    const zone = change.after?.['zone'];
    const here = offered.find(offer => typeof zone === 'string' && offer.zones.includes(zone)) ?? offered[0];
    if (here !== undefined) addTo(wanted, here, change);
  }
  const findings: Finding[] = [];
  for (const [offer, askers] of wanted) {
    const [first] = askers;
    if (first === undefined || offer.stock === null || askers.length <= offer.stock) continue;
    const where = offer.zones.length === 0 ? '' : ` (${offer.zones.join(', ')})`;
    findings.push({
      ...about(first, 'PR-STOCK'),
      what: `${provider} has ${offer.stock} of the size ${offer.name}${where}, this plan needs ${askers.length}`,
      fix: 'choose another size or zone, or fewer of them',
    });
  }
  return findings.sort((a, b) => byText(a.what, b.what));
}

/** What is deleted before a replacement frees its place; what is deleted at the end comes too late. */
function quotas({ provider, catalogue }: Shop, changes: readonly Change[]): Finding[] {
  const findings: Finding[] = [];
  for (const quota of catalogue.quotas) {
    const creates = changes.filter(change => change.kind === quota.kind && change.action === 'create');
    const freed = creates.filter(
      change => change.replaces !== undefined && change.needs.includes(change.replaces),
    ).length;
    const more = creates.length - freed;
    const [first] = creates;
    if (first === undefined || more <= 0 || quota.used + more <= quota.limit) continue;
    findings.push({
      ...about(first, 'PR-QUOTA'),
      what: `this plan needs ${more} more of the kind ${quota.kind} at ${provider}: ${quota.used} of ${quota.limit} are used`,
      fix: `ask ${provider} for a higher quota of at least ${quota.used + more}, or describe fewer`,
    });
  }
  return findings;
}
