import type { Recorded, RecordedObject } from '../schemas/checkpoint.ts';
import type { Json } from '../schemas/json.ts';
import type { Address, KindName } from '../schemas/name.ts';
import type { Position } from '../schemas/position.ts';
import type { Observations, Observed } from '../schemas/provider.ts';
import type { CapabilityOf } from './input.ts';
import { type KindRules, rulesOf } from './rules.ts';
import { cachedRules } from './scene.ts';
import { plainText, showValue } from './show.ts';
import { type Sightings, sightingsOf } from './sightings.ts';
import { byText, sortedBy, sortedUnique } from './sort.ts';
import { isEmpty, ownPart, sameValue } from './values.ts';
import { ASTRAY } from '../schemas/kind.ts';

/**
 * changed: fields differ. missing: gone. recreated: gone, but another object carries its label. orphan: ours by its
 * label, in no record. duplicate: several objects carry one address. foreign: another lineage of the same name.
 * failed: the provider reports it as broken. unlabelled: it no longer carries our label. unavailable: nothing can be said.
 */
export type DriftStatus =
  | 'changed'
  | 'missing'
  | 'recreated'
  | 'orphan'
  | 'duplicate'
  | 'foreign'
  | 'failed'
  | 'unlabelled'
  | 'unavailable';

/** One field as it was recorded and as it is. */
export interface DriftField {
  readonly path: string;
  readonly recorded: Json;
  readonly observed: Json;
}

/** One way in which the world is not as it was left. */
export interface DriftEntry {
  readonly status: DriftStatus;
  readonly provider: string;
  /** Absent for an unavailable provider, and for an object whose label holds no address. */
  readonly address?: Address;
  readonly kind?: KindName;
  /** The provider's ids of the objects concerned, sorted. */
  readonly ids: readonly string[];
  readonly fields: readonly DriftField[];
  /** Where the resource is described, when the caller can say. */
  readonly at?: Position;
  /** One sentence for people, without a full stop. */
  readonly text: string;
}

export interface DriftReport {
  /** Recorded objects that could be compared. */
  readonly checked: number;
  /** Recorded objects at providers that did not answer. */
  readonly unchecked: number;
  /** Sorted by address, then by provider and status. */
  readonly entries: readonly DriftEntry[];
}

/** Recorded against observed. Nothing is concluded about a provider that was not seen completely. */
export function findDrift(input: {
  readonly recorded: Recorded;
  readonly observations: Observations;
  readonly locate?: (address: Address) => Position | undefined;
  /** Lets the rules of each provider count; without it the kinds' own do. */
  readonly capability?: CapabilityOf;
}): DriftReport {
  const { recorded, observations } = input;
  const sight = sightingsOf(observations, recorded);
  const entries: DriftEntry[] = [...unavailable(recorded, observations)];
  const rules = rulesFor(input.capability);
  let checked = 0;
  for (const record of recorded.objects.values()) {
    if (!comparable(record, observations)) continue;
    checked += 1;
    const entry = compareObject(record, sight, rules(record));
    if (entry !== null) entries.push(entry);
  }
  entries.push(...unrecorded(recorded, sight, entries));
  const located = entries.map(entry => {
    const at = entry.address === undefined ? undefined : input.locate?.(entry.address);
    return at === undefined ? entry : { ...entry, at };
  });
  const order = (entry: DriftEntry) => [entry.address ?? '', entry.provider, entry.status, ...entry.ids].join('\u0000');
  return { checked, unchecked: recorded.objects.size - checked, entries: sortedBy(located, order) };
}

function rulesFor(capability: CapabilityOf | undefined): (record: RecordedObject) => KindRules | undefined {
  const offered = capability === undefined ? undefined : cachedRules(capability);
  return ({ provider, kind }) => offered?.(provider, kind) ?? rulesOf(kind, undefined);
}

function comparable({ provider, account }: RecordedObject, observations: Observations): boolean {
  const observation = observations[provider];
  return observation?.status === 'complete' && observation.account === account;
}

function unavailable(recorded: Recorded, observations: Observations): DriftEntry[] {
  const accounts = new Map<string, string[]>();
  for (const { provider, account } of recorded.objects.values()) {
    accounts.set(provider, sortedUnique([...(accounts.get(provider) ?? []), account]));
  }
  const entries: DriftEntry[] = [];
  for (const provider of sortedUnique([...accounts.keys(), ...Object.keys(observations)])) {
    const observation = observations[provider];
    const known = accounts.get(provider) ?? [];
    const say = (text: string) => entries.push({ status: 'unavailable', provider, ids: [], fields: [], text });
    if (observation === undefined) say(`${provider} was not asked, so nothing is known about its objects`);
    else if (observation.status === 'unavailable')
      say(`${provider} could not be looked at: ${plainText(observation.why)}`);
    else if (known.some(account => account !== observation.account)) {
      say(
        `${provider} is signed in to account ${observation.account}, but objects are recorded in ${known.join(', ')}`,
      );
    }
  }
  return entries;
}

function compareObject(record: RecordedObject, sight: Sightings, rules: KindRules | undefined): DriftEntry | null {
  const { address, provider, kind, id } = record;
  const entry = { provider, address, kind, ids: [id], fields: [] };
  const observed = sight.find(provider, kind, id);
  if (observed === undefined) {
    const strays = record.key === address ? sight.straysOf(provider, address) : [];
    const others = strays.map(stray => stray.id);
    if (others.length === 0)
      return { ...entry, status: 'missing', text: `${record.key} is gone: ${provider} no longer has ${plainText(id)}` };
    const text = `${record.key} was made anew outside: ${plainText(id)} is gone, ${others.map(plainText).join(', ')} carries its label`;
    return { ...entry, status: 'recreated', ids: sortedUnique([id, ...others]), text };
  }
  if (observed.phase === 'failed')
    return { ...entry, status: 'failed', text: `${provider} reports ${record.key} as failed` };
  if (observed.unseen !== undefined)
    return {
      ...entry,
      status: 'unavailable',
      text: `${record.key} could not be looked at: ${plainText(observed.unseen)}`,
    };
  const fields = changedFields(record, observed, rules);
  if (fields.length > 0) {
    const shown = fields.map(
      field => `${plainText(field.path)} ${showValue(field.recorded, 40)} -> ${showValue(field.observed, 40)}`,
    );
    return { ...entry, status: 'changed', fields, text: `${record.key}: ${shown.join('; ')}${authorOf(observed)}` };
  }
  if (observed.owner !== null) return null;
  return { ...entry, status: 'unlabelled', text: `${record.key} no longer carries our label at ${provider}` };
}

/** Who changed it last, as far as the cloud tells. */
function authorOf({ changed }: Observed): string {
  if (changed === undefined) return '';
  const at = new Date(changed.at).toISOString().slice(0, 16).replace('T', ' ');
  return `, changed last by ${plainText(changed.by)} on ${at} UTC`;
}

/** Only what was applied counts, and of it only what the provider shows. */
function changedFields(record: RecordedObject, observed: Observed, rules: KindRules | undefined): DriftField[] {
  const fields: DriftField[] = [];
  for (const path of Object.keys(record.spec)) {
    const rule = rules?.field(path) ?? { effect: 'live' };
    const before = record.spec[path] ?? null;
    const now = ownPart(observed.spec[path], rule, [before]);
    if (
      now === undefined ||
      rule.writeOnly === true ||
      (isEmpty(before) && isEmpty(now)) ||
      sameValue(now, before, rule)
    )
      continue;
    fields.push({ path, recorded: before, observed: now });
  }
  const astray = observed.astray ?? [];
  if (astray.length > 0) fields.push({ path: ASTRAY, recorded: [], observed: [...astray] });
  return fields.sort((a, b) => byText(a.path, b.path));
}

/** Objects with our label that stand in no record: one alone is an orphan, several of one address are duplicates. */
function unrecorded(recorded: Recorded, sight: Sightings, known: readonly DriftEntry[]): DriftEntry[] {
  const told = new Set(
    known
      .filter(entry => entry.status === 'recreated')
      .flatMap(entry => entry.ids.map(id => `${entry.provider} ${id}`)),
  );
  const groups = new Map<string, { provider: string; observed: Observed[] }>();
  for (const { provider, observed } of sight.strays) {
    if (told.has(`${provider} ${observed.id}`)) continue;
    const address = observed.owner?.address ?? '';
    const key = `${provider} ${address === '' ? observed.id : address}`;
    const group = groups.get(key) ?? { provider, observed: [] };
    group.observed.push(observed);
    groups.set(key, group);
  }
  const entries = [...groups.values()].map(group => strayEntry(recorded, group));
  for (const { provider, observed } of sight.foreign) {
    const text = `${plainText(observed.id)} at ${provider} belongs to another workspace of the same name (lineage ${observed.owner?.lineage ?? ''})`;
    entries.push({ status: 'foreign', provider, kind: observed.kind, ids: [observed.id], fields: [], text });
  }
  return entries;
}

function strayEntry(
  recorded: Recorded,
  { provider, observed }: { provider: string; observed: readonly Observed[] },
): DriftEntry {
  const [first] = observed as readonly [Observed, ...Observed[]];
  const address = first.owner?.address ?? '';
  const record = recorded.objects.get(address);
  const beside = record !== undefined && record.provider === provider ? [record.id] : [];
  const ids = sortedUnique([...observed.map(object => object.id), ...beside]);
  const named = address === '' ? { kind: first.kind } : { address, kind: first.kind };
  const name = address === '' ? `a ${first.kind}` : address;
  const list = ids.map(plainText).join(', ');
  return ids.length > 1
    ? {
        status: 'duplicate',
        provider,
        ...named,
        ids,
        fields: [],
        text: `${ids.length} objects at ${provider} carry the label of ${name}: ${list}`,
      }
    : {
        status: 'orphan',
        provider,
        ...named,
        ids,
        fields: [],
        text: `${list} at ${provider} carries the label of ${name}, but stands in no record`,
      };
}
