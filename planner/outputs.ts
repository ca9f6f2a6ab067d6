import type { Json } from '../schemas/json.ts';
import type { Address } from '../schemas/name.ts';
import { splitRef } from '../schemas/resource.ts';
import type { Decision } from './decision.ts';
import { isUnknown } from './resolve.ts';
import type { RulesOf } from './scene.ts';

/**
 * The value that a reference has after the plan was applied, as far as that is certain now. Undefined for what only an
 * apply can tell: outputs of new objects, and volatile ones of objects that are changed.
 */
export function outputAfter(ref: string, decisions: ReadonlyMap<Address, Decision>, rules: RulesOf): Json | undefined {
  const { address, output } = splitRef(ref);
  const target = decisions.get(address);
  if (target === undefined) return undefined;
  const rule = rules(target.resource.provider, target.resource.kind)?.kind.outputs[output];
  if (rule?.sameAs !== undefined) {
    const value = target.after[rule.sameAs];
    if (value !== undefined) return isUnknown(value) ? undefined : value;
  }
  const certain = rule?.lifetime === 'stable' || target.fields.length === 0;
  return staysKnown(target, certain) ? currentOutput(target, output) : undefined;
}

/** Why a reference can never get a value, in words; null while an apply may still give it one. */
export function absence(ref: string, decisions: ReadonlyMap<Address, Decision>, rules: RulesOf): string | null {
  const { address, output } = splitRef(ref);
  const target = decisions.get(address);
  if (target === undefined) return `there is no ${address}`;
  const rule = rules(target.resource.provider, target.resource.kind)?.kind.outputs[output];
  const settled = target.verdict === 'keep' || (target.verdict === 'update' && rule?.lifetime === 'stable');
  return settled ? `${address} exists, but its provider shows no such output` : null;
}

function staysKnown({ verdict, held }: Decision, certain: boolean): boolean {
  if (verdict === 'keep') return true;
  if (verdict === 'stuck') return held !== undefined;
  return (verdict === 'update' || verdict === 'adopt') && certain;
}

/** What the object shows now, or what was recorded of it. */
function currentOutput({ observed, held, id }: Decision, output: string): Json | undefined {
  return observed?.outputs[output] ?? held?.record.outputs[output] ?? (output === 'id' ? id : undefined);
}
