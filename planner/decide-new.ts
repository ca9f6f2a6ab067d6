import type { Finding } from '../schemas/plan.ts';
import type { Observed } from '../schemas/provider.ts';
import { type Case, type Decision, placed, stuck } from './decision.ts';
import { diffFields } from './fields.ts';
import type { Held } from './matching.ts';
import { plainText } from './show.ts';

/** A resource without a record: it is created, unless the object is already there. */
export function decideNew(facts: Case): Decision {
  const { scene, resource, after } = facts;
  if (resource.adopt !== undefined) return adoptNamed(facts, resource.adopt);
  const found = adoptStray(facts, undefined);
  if (found !== null) return found;
  return { verdict: 'create', resource, after, fields: [], why: scene.words.create };
}

/**
 * Takes over the one object that carries the label of this address but stands in no record. With several of them nobody
 * can tell which is meant, so both are shown and nothing is done. Null when there is none.
 */
export function adoptStray(facts: Case, held: Held | undefined): Decision | null {
  const { scene, resource, after, findings } = facts;
  const { provider, address } = resource;
  const strays = scene.sight.straysOf(provider, address);
  const [only, ...others] = strays;
  if (only === undefined) return null;
  if (others.length === 0) {
    const why = `${provider} has it as ${plainText(only.id)}, but it is not recorded`;
    return adopt(facts, { id: only.id, observed: only, why, ...(held === undefined ? {} : { held }) });
  }
  const ids = strays.map(stray => plainText(stray.id));
  findings.push({
    level: 'error',
    id: 'PR-DUPLICATE',
    address,
    what: `${strays.length} objects at ${provider} carry the label of ${address}: ${ids.join(', ')}`,
    why: 'which of them is meant cannot be told',
    fix: `write \`adopt: ${ids[0] ?? ''}\` under ${address} to keep that one, and delete the others at ${provider}`,
    ...placed(scene, address),
  });
  return stuck(resource, after, held);
}

/** Takes over the object that the files name. It need not have been seen: listings show only what already carries our label. */
function adoptNamed(facts: Case, id: string): Decision {
  const { scene, resource, after, findings } = facts;
  const { provider, kind, address } = resource;
  const taken = scene.sight.recordOf(provider, kind, id);
  if (taken !== undefined) {
    findings.push({
      level: 'error',
      id: 'PR-ADOPT',
      address,
      what: `${address} cannot take over ${plainText(id)}: it is recorded as ${taken}`,
      fix: `move ${taken} to ${address} instead`,
      ...placed(scene, address),
    });
    return stuck(resource, after, undefined);
  }
  const observed = scene.sight.find(provider, kind, id);
  return adopt(facts, {
    id,
    why: `the files name ${plainText(id)} at ${provider}`,
    ...(observed === undefined ? {} : { observed }),
  });
}

function adopt(
  { scene, resource, rules, after, findings }: Case,
  target: { readonly id: string; readonly why: string; readonly observed?: Observed; readonly held?: Held },
): Decision {
  const { observed } = target;
  const all = observed === undefined ? [] : diffFields({ desired: after, record: undefined, observed }, rules);
  const forcing = all.filter(field => field.effect === 'replace').map(field => field.path);
  if (forcing.length > 0) {
    const finding: Finding = {
      level: 'warning',
      id: 'PR-ADOPT-DIFFERS',
      address: resource.address,
      what: `${plainText(target.id)} differs from the files in ${forcing.join(', ')}`,
      why: 'once it is taken over, the next plan will replace it',
      fix: 'write into the files what the object has',
      ...placed(scene, resource.address),
    };
    findings.push(finding);
  }
  const fields = all.filter(field => field.effect !== 'replace');
  return { verdict: 'adopt', resource, after, fields, ...target };
}
