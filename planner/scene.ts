import type { Address, KindName } from '../schemas/name.ts';
import type { Change, Finding } from '../schemas/plan.ts';
import type { Resource } from '../schemas/resource.ts';
import type { CapabilityOf, PlanInput } from './input.ts';
import { type Matching, matchRecords } from './matching.ts';
import { type KindRules, rulesOf } from './rules.ts';
import { type Sightings, sightingsOf } from './sightings.ts';
import { byText } from './sort.ts';

export type RulesOf = (provider: string, kind: KindName) => KindRules | undefined;

/** The inputs of one planning with the indexes that every step needs. */
export interface Scene {
  readonly input: PlanInput;
  /** What the files describe, also when everything is to be destroyed. */
  readonly described: ReadonlyMap<Address, Resource>;
  /** What shall exist: what is described, or nothing at all. */
  readonly resources: ReadonlyMap<Address, Resource>;
  readonly matching: Matching;
  readonly sight: Sightings;
  readonly rules: RulesOf;
  /** Providers in use that nothing may be changed at, with the reason. Sorted. */
  readonly barred: ReadonlyMap<string, Finding>;
  /** Why something comes and why something goes, in the words of what is planned. */
  readonly words: { readonly create: string; readonly remove: string };
  place(address: Address, path?: readonly string[]): Change['at'];
}

/** Indexes the inputs once. Nothing is decided here. */
export function openScene(input: PlanInput): Scene {
  const { workspace } = input.loaded;
  const described = new Map(workspace.resources.map(resource => [resource.address, resource]));
  const resources = input.options.destroy ? new Map<Address, Resource>() : described;
  const barred = barredProviders(input);
  const usable = Object.fromEntries(Object.entries(input.observations).filter(([provider]) => !barred.has(provider)));
  return {
    input,
    described,
    resources,
    matching: matchRecords(workspace, resources, input.recorded.objects),
    sight: sightingsOf(usable, input.recorded),
    rules: cachedRules(input.capability),
    barred,
    words: {
      create: input.recorded.objects.size === 0 ? 'first apply' : 'new in the files',
      remove: input.options.destroy ? 'everything is to be destroyed' : 'removed from the files',
    },
    place: (address, path) => {
      const at = input.loaded.locate(address, path);
      return at === undefined ? undefined : { file: at.file, line: at.line, column: at.column };
    },
  };
}

/** The rules of each kind at each provider, made once. Undefined where the provider does not offer the kind. */
export function cachedRules(capability: CapabilityOf): RulesOf {
  const known = new Map<string, Map<KindName, KindRules | undefined>>();
  return (provider, kind) => {
    const kinds = known.get(provider) ?? new Map<KindName, KindRules | undefined>();
    known.set(provider, kinds);
    if (kinds.has(kind)) return kinds.get(kind);
    const offered = capability(provider, kind);
    const rules = offered === undefined ? undefined : rulesOf(kind, offered);
    kinds.set(kind, rules);
    return rules;
  };
}

/** Accounts recorded for each provider, sorted. */
function recordedAccounts(input: PlanInput): Map<string, Set<string>> {
  const accounts = new Map<string, Set<string>>();
  for (const { provider, account } of input.recorded.objects.values()) {
    const known = accounts.get(provider);
    if (known === undefined) accounts.set(provider, new Set([account]));
    else known.add(account);
  }
  return accounts;
}

function barredProviders(input: PlanInput): Map<string, Finding> {
  const accounts = recordedAccounts(input);
  const barred = new Map<string, Finding>();
  const used = new Set([...input.loaded.workspace.resources.map(resource => resource.provider), ...accounts.keys()]);
  for (const provider of [...used].sort(byText)) {
    const observation = input.observations[provider];
    if (observation === undefined) continue;
    if (observation.status === 'unavailable') {
      barred.set(provider, {
        level: 'warning',
        id: 'PR-UNAVAILABLE',
        what: `${provider} could not be looked at: ${observation.why}`,
        why: 'what cannot be seen is neither created nor deleted, so its changes are left out',
        fix: 'plan again when it answers',
      });
      continue;
    }
    const others = [...(accounts.get(provider) ?? [])].filter(account => account !== observation.account).sort(byText);
    if (others.length === 0) continue;
    barred.set(provider, {
      level: 'error',
      id: 'PR-ACCOUNT',
      what: `${provider} is signed in to account ${observation.account}, but its objects are recorded in ${others.join(', ')}`,
      why: 'in another account everything would look deleted',
      fix: `use the credentials of account ${others[0] ?? ''}`,
    });
  }
  return barred;
}
