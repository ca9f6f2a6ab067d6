import { isTaskserv, type KindName } from '../schemas/name.ts';
import { type Change, type FieldChange, type Inverse, RISKS, type Risk } from '../schemas/plan.ts';
import type { Json } from '../schemas/json.ts';
import type { Spec } from '../schemas/resource.ts';
import { digestOf } from './digest.ts';
import { contentsOf, type KindRules } from './rules.ts';
import { isHidden } from './show.ts';

/** The worse of two risks. */
export function worse(a: Risk, b: Risk): Risk {
  return RISKS.indexOf(a) >= RISKS.indexOf(b) ? a : b;
}

/** The risk of the worst change; `none` for no change. */
export function worstRisk(changes: readonly Pick<Change, 'risk'>[]): Risk {
  return changes.reduce<Risk>((worst, change) => worse(worst, change.risk), 'none');
}

/** What changing these fields in place interrupts. */
export function updateRisk(fields: readonly FieldChange[]): Risk {
  if (fields.length === 0) return 'none';
  return fields.some(field => field.effect === 'restart') ? 'restart' : 'in-place';
}

const YES: Pick<Inverse, 'reversible' | 'loses'> = { reversible: 'yes', loses: [] };

/** A create and a forgotten record are taken back without loss. */
export function simpleInverse(action: 'create' | 'forget'): Inverse {
  return { action: action === 'create' ? 'delete' : 'adopt', ...YES };
}

/** What was taken over is let go again, with the values that it got meanwhile. */
export function adoptInverse(fields: readonly FieldChange[]): Inverse {
  if (fields.length === 0) return { action: 'forget', ...YES };
  return { action: 'forget', reversible: 'partly', loses: fields.map(field => `the former ${field.path}`) };
}

/** Fields that can only grow, and fields whose former value is known by digest alone, cannot be set back. */
export function updateInverse(fields: readonly FieldChange[], rules: KindRules | undefined): Inverse {
  const lost = fields.filter(field => !canSetBack(field, rules)).map(field => `the former ${field.path}`);
  if (lost.length === 0) return { action: 'update', ...YES };
  const all = lost.length === fields.length;
  return { action: all ? null : 'update', reversible: all ? 'no' : 'partly', loses: lost };
}

/** Whether the former value of a field can be applied again. */
export function canSetBack(field: FieldChange, rules: KindRules | undefined): boolean {
  if (isHidden(field.before)) return false;
  const rule = rules?.field(field.path);
  if (rule?.growOnly !== true) return true;
  return !(typeof field.before === 'number' && typeof field.after === 'number' && field.before < field.after);
}

/** What deleting an object of a kind loses for good, and whether one like it can be made again. */
export function deleteInverse(kind: KindName, spec: Spec, rules: KindRules | undefined): Inverse {
  const secret = Object.keys(spec).filter(field => isHidden(spec[field]));
  const loses = [
    ...(rules?.kind.holdsData === false ? [] : [contentsOf(kind)]),
    ...addressesOf(rules),
    ...secret.map(field => `the former ${field}`),
  ];
  if (secret.length > 0) return { action: null, reversible: 'no', loses };
  return { action: 'create', reversible: loses.length === 0 ? 'yes' : 'partly', loses };
}

function addressesOf(rules: KindRules | undefined): string[] {
  const outputs = rules?.kind.outputs ?? {};
  if (rules === undefined || isTaskserv(rules.kind.name)) return [];
  const names: { readonly [output: string]: string } = {
    ip: 'the address',
    publicIp: 'the public address',
    privateIp: 'the private address',
  };
  return Object.keys(names)
    .filter(output => outputs[output]?.lifetime === 'stable')
    .map(output => names[output] as string);
}

/** A former spec with every hidden value filled in that stands, unchanged, in a later one. */
export function reveal(before: Spec, later: Spec | null): Spec {
  const revealed: { [field: string]: Json } = { ...before };
  for (const [field, value] of Object.entries(before)) {
    const candidate = later?.[field];
    if (!isHidden(value) || candidate === undefined || isHidden(candidate)) continue;
    if ((value as { $sha256: string }).$sha256 === digestOf(candidate)) revealed[field] = candidate;
  }
  return revealed;
}
