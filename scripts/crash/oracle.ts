import type { CloudObject, LedgerEntry } from '../../platform/demo-cloud/model.ts';
import { isObject, type Json, sameJson } from '../../schemas/json.ts';
import { LABEL } from '../../schemas/owner.ts';
import { administer, type Site } from './site.ts';
import { addressOf, type Thing } from './thing.ts';

/** How the world differs from what was asked for. Everything empty is what the proof wants. */
export interface Verdict {
  /** Addresses with more than one object, now or, as the ledger tells, for a while: what was made twice was paid for twice. */
  readonly duplicates: readonly string[];
  /** Objects that nobody asked for. */
  readonly orphans: readonly string[];
  /** Addresses without an object. */
  readonly lost: readonly string[];
  /** Objects that are not as asked for, or not ready. */
  readonly wrong: readonly string[];
}

/** Compares the truth of the clouds with the things that shall exist. Nothing that the program believes takes part. */
export function judge(site: Site, wanted: readonly Thing[]): Verdict {
  const verdict = { duplicates: [] as string[], orphans: [] as string[], lost: [] as string[], wrong: [] as string[] };
  const worlds = site.clouds.map((cloud, index) => {
    // Time passes in the cloud only with a request.
    administer(site, 'GET', 'health', undefined, index);
    return cloud.core.objects();
  });
  for (const cloud of site.clouds)
    verdict.duplicates.push(...doubles(cloud.core.ledger(), new Set(site.shape.replaced)));
  const claimed = new Set<CloudObject>();
  const places = new Map<string, CloudObject>();
  for (const thing of wanted) {
    const found = (worlds[thing.cloud ?? 0] ?? []).filter(object => labelOf(object) === addressLabel(thing));
    for (const object of found) claimed.add(object);
    const [only] = found;
    if (only === undefined) verdict.lost.push(addressOf(thing));
    else places.set(addressOf(thing), only);
    if (found.length > 1) verdict.duplicates.push(`${addressOf(thing)}: ${found.map(object => object.id).join(', ')}`);
  }
  for (const object of worlds.flat()) {
    if (!claimed.has(object)) verdict.orphans.push(`${object.id} (${labelOf(object) ?? 'no label'})`);
  }
  for (const thing of wanted) {
    const object = places.get(addressOf(thing));
    if (object !== undefined) verdict.wrong.push(...faultsOf(object, thing, places));
  }
  return verdict;
}

/**
 * Addresses of which two objects lived at one time, by the ledger. A planned replacement may have two for a while, where
 * the new one is made first.
 */
export function doubles(ledger: readonly LedgerEntry[], replaced: ReadonlySet<string>): readonly string[] {
  const living = new Map<string, string>();
  const found: string[] = [];
  for (const { effect, address } of ledger) {
    for (const [verb, id = ''] of effect.split(', ').map(part => part.split(' '))) {
      if (verb === 'deleted') living.delete(id);
      if (verb !== 'created' || address === null) continue;
      const others = [...living].filter(([, known]) => known === address).map(([other]) => other);
      if (others.length > (replaced.has(address) ? 1 : 0))
        found.push(`${address} was ${[...others, id].join(' and ')} at one time`);
      living.set(id, address);
    }
  }
  return found;
}

export function isClean(verdict: Verdict): boolean {
  return Object.values(verdict).every(list => (list as readonly string[]).length === 0);
}

export function shownVerdict(verdict: Verdict): string {
  const parts = Object.entries(verdict).filter(([, list]) => (list as readonly string[]).length > 0);
  return parts.map(([what, list]) => `${what}: ${(list as readonly string[]).slice(0, 6).join(', ')}`).join('; ');
}

function labelOf(object: CloudObject): string | undefined {
  return object.labels[LABEL.address];
}

function addressLabel(thing: Thing): string {
  return `${thing.kind}.${thing.name}`;
}

const READY: ReadonlySet<string> = new Set(['available', 'running', 'active']);

function faultsOf(object: CloudObject, thing: Thing, places: ReadonlyMap<string, CloudObject>): string[] {
  const address = addressOf(thing);
  const faults: string[] = [];
  if (!READY.has(object.state) || object.action !== null) faults.push(`${address} is ${object.state}`);
  const held = fieldsOf(object);
  for (const [field, value] of Object.entries(thing.holds)) {
    const expected = resolved(value, places);
    if (!sameJson(held[field] ?? null, expected)) {
      faults.push(`${address}.${field} is ${JSON.stringify(held[field])}, not ${JSON.stringify(expected)}`);
    }
  }
  for (const [label, value] of Object.entries(thing.labels ?? {})) {
    const expected = resolved(value, places);
    if (object.labels[label] !== expected)
      faults.push(`${address} has the label ${label}=${String(object.labels[label])}, not ${String(expected)}`);
  }
  return faults;
}

/** Lists of ids have no order. */
function fieldsOf(object: CloudObject): { readonly [field: string]: Json } {
  const entries = Object.entries(object.fields).map(([field, value]) => [field, ordered(value)]);
  return Object.fromEntries(entries) as { readonly [field: string]: Json };
}

function ordered(value: Json): Json {
  const isIds = Array.isArray(value) && value.every(item => typeof item === 'string');
  return isIds ? [...(value as string[])].sort() : value;
}

/** `@server/web` becomes the id of that object, `@server/web:private_ip` its output. */
function resolved(value: Json, places: ReadonlyMap<string, CloudObject>): Json {
  if (typeof value === 'string' && value.startsWith('@')) {
    const [address = '', output] = value.slice(1).split(':');
    const object = places.get(address);
    return output === undefined ? (object?.id ?? null) : (object?.outputs[output] ?? null);
  }
  if (Array.isArray(value)) return ordered(value.map(item => resolved(item as Json, places)));
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolved(item as Json, places)]));
  }
  return value;
}
