import type { FieldRule, Kind } from '../schemas/kind.ts';
import { kindNamed } from '../schemas/kinds/index.ts';
import { isTaskserv, type KindName } from '../schemas/name.ts';
import type { KindCapability } from '../schemas/provider.ts';

/** A kind as one provider has it: its own rules with the provider's overrides on top. */
export interface KindRules {
  readonly kind: Kind;
  readonly createFirst: boolean;
  /** Names of the fields whose value one object has alone. */
  readonly exclusive: readonly string[];
  field(name: string): FieldRule;
}

/** Fields without a rule are those of task services, whose parameters are changed on the running host. */
const LIVE: FieldRule = { effect: 'live' };

const plain = new WeakMap<Kind, KindRules>();

/** The rules of a kind under a capability; undefined for a kind that this version does not know. */
export function rulesOf(name: KindName, capability: KindCapability | undefined): KindRules | undefined {
  const kind = kindNamed(name);
  if (kind === undefined) return undefined;
  if (capability?.override !== undefined) return buildRules(kind, capability.override);
  const known = plain.get(kind) ?? buildRules(kind, undefined);
  plain.set(kind, known);
  return known;
}

function buildRules(kind: Kind, override: KindCapability['override']): KindRules {
  const known = new Map<string, FieldRule>();
  for (const field of new Set([...Object.keys(kind.fields), ...Object.keys(override?.fields ?? {})])) {
    known.set(field, { ...LIVE, ...kind.fields[field], ...override?.fields?.[field] });
  }
  const { outputs, holdsData = kind.holdsData, createFirst = kind.createFirst } = override ?? {};
  return {
    kind: { ...kind, holdsData, outputs: { ...kind.outputs, ...outputs } },
    createFirst,
    exclusive: [...known].filter(([, rule]) => rule.exclusive === true).map(([field]) => field),
    field: field => known.get(field) ?? LIVE,
  };
}

/** What a kind is called when its loss is described: the data on a server's own disk, on a volume, of a service. */
export function contentsOf(kind: KindName): string {
  if (isTaskserv(kind)) return 'the data of the service';
  return kind === 'server' ? 'the data on its own disk' : `the data on the ${kind}`;
}
