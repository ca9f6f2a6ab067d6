import type { FieldChange } from '../schemas/plan.ts';
import type { Observed } from '../schemas/provider.ts';
import { adoptStray } from './decide-new.ts';
import { type Case, type Decision, placed, type Verdict } from './decision.ts';
import { diffFields } from './fields.ts';
import type { Held } from './matching.ts';
import { contentsOf } from './rules.ts';
import { whyFields } from './why.ts';

/** A resource with a record: it stays, is changed, or is made anew. */
export function decideHeld(facts: Case, held: Held): Decision {
  const { scene, resource, after } = facts;
  const { record } = held;
  const observed = scene.sight.find(record.provider, record.kind, record.id);
  if (observed === undefined && scene.sight.complete(record.provider)) return recreate(facts, held);
  const found = { resource, after, held, id: record.id, ...(observed === undefined ? undefined : { observed }) };
  const lagging: string[] = [];
  const fields = differences(facts, held, { observed, lagging });
  const forced = replaceBecause(facts, held, { fields, observed });
  if (forced !== null) {
    const broken = isBroken(held, observed) ? ({ broken: true } as const) : undefined;
    return { ...found, verdict: 'replace', fields, why: forced, ...broken };
  }
  const reasons = besides(facts, held, observed);
  if (fields.length > 0) reasons.unshift(whyFields(fields));
  const verdict: Verdict = reasons.length === 0 ? 'keep' : 'update';
  const behind = verdict === 'keep' && lagging.length > 0 ? { lagging } : undefined;
  return { ...found, verdict, fields, why: reasons.join('; '), ...behind };
}

/** Why the object cannot stay; null when it can. */
function replaceBecause(
  { host, resource }: Case,
  { record }: Held,
  { fields, observed }: { readonly fields: readonly FieldChange[]; readonly observed: Observed | undefined },
): string | null {
  if (record.tainted === true) return 'its creation did not finish';
  if (observed?.phase === 'failed') return `${record.provider} reports it as failed`;
  // Deleting it again only waits for its end, and a deletion that got stuck half-way is finished.
  if (observed?.phase === 'deleting') return 'it is being deleted';
  if (host?.verdict === 'replace' || host?.verdict === 'create') return `its server ${resource.on ?? ''} is made anew`;
  return fields.some(field => field.effect === 'replace') ? whyFields(fields) : null;
}

function isBroken({ record }: Held, observed: Observed | undefined): boolean {
  return record.tainted === true || observed?.phase === 'failed' || observed?.phase === 'deleting';
}

function differences(
  { rules, resource, after }: Case,
  { record }: Held,
  { observed, lagging }: { readonly observed: Observed | undefined; readonly lagging: string[] },
): FieldChange[] {
  const fields = diffFields({ desired: after, record, observed }, rules, lagging);
  if (resource.provider === record.provider) return fields;
  const elsewhere: FieldChange = {
    path: 'provider',
    before: record.provider,
    after: resource.provider,
    effect: 'replace',
  };
  return [elsewhere, ...fields];
}

/** Reasons for an update that are no field: a new address, protection, lost labels. */
function besides({ resource, scene }: Case, { record, movedFrom }: Held, observed: Observed | undefined): string[] {
  const reasons: string[] = [];
  if (movedFrom !== undefined) reasons.push(`moved from ${movedFrom}`);
  if (record.protect !== resource.protect) reasons.push(`protection switched ${resource.protect ? 'on' : 'off'}`);
  if (
    observed !== undefined &&
    movedFrom === undefined &&
    !labelled(observed, scene.input.recorded.workspace, record.address)
  ) {
    reasons.push('its ownership labels were changed outside');
  }
  return reasons;
}

/** Whether an object still names us. An address that was too long for a label is empty. */
function labelled({ owner }: Observed, workspace: string, address: string): boolean {
  if (owner === null) return false;
  return owner.workspace === workspace && (owner.address === address || owner.address === '');
}

/** The complete listing lacks it: somebody deleted it outside. */
function recreate(facts: Case, held: Held): Decision {
  const { scene, resource, after, rules, findings } = facts;
  const { record } = held;
  const found = adoptStray(facts, held);
  if (found !== null) return found;
  if (rules.kind.holdsData) {
    findings.push({
      level: 'warning',
      id: 'PR-DATA-GONE',
      address: resource.address,
      what: `${resource.address} was deleted outside; it is created again, empty`,
      why: `${contentsOf(resource.kind)} is gone with ${record.id}`,
      ...placed(scene, resource.address),
    });
  }
  const why = `deleted outside: ${record.provider} no longer has ${record.id}`;
  return { verdict: 'create', resource, after, fields: [], why, held, missing: true };
}
