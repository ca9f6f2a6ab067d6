import type { Address } from '../schemas/name.ts';
import type { Change, Finding } from '../schemas/plan.ts';
import type { Scene } from './scene.ts';
import { plainText } from './show.ts';
import { sortedUnique } from './sort.ts';

/** Findings about objects that carry our label and stand in no record, and about providers that were not looked at. */
export function ownership(scene: Scene, changes: readonly Change[], settled: ReadonlySet<Address>): Finding[] {
  return [
    ...foreigners(scene),
    ...orphans(scene, changes, settled),
    ...unseen(scene),
    ...unreached(scene),
    ...interrupted(scene),
  ];
}

function foreigners(scene: Scene): Finding[] {
  const { foreign } = scene.sight;
  const [first] = foreign;
  if (first === undefined) return [];
  const { workspace, lineage } = scene.input.recorded;
  const ids = foreign
    .slice(0, 3)
    .map(({ observed }) => plainText(observed.id))
    .join(', ');
  const others = sortedUnique(foreign.map(({ observed }) => observed.owner?.lineage ?? '')).join(', ');
  return [
    {
      level: 'error',
      id: 'PR-FOREIGN',
      what: `another workspace named ${workspace} uses this account: ${foreign.length === 1 ? '1 object carries' : `${foreign.length} objects carry`} the lineage ${others}, ours is ${lineage} (${ids}${foreign.length > 3 ? ', ...' : ''})`,
      why: 'with one name for both, each would take the objects of the other for its own',
      fix: 'rename this workspace; if its record was lost instead: provisioning state rebuild',
    },
  ];
}

/** Strays that no change takes over. `settled` are addresses that have a finding about them already. */
function orphans(scene: Scene, changes: readonly Change[], settled: ReadonlySet<Address>): Finding[] {
  const adopted = new Set(
    changes
      .filter(change => change.action === 'adopt')
      .map(change => `${change.provider} ${change.kind} ${change.id ?? ''}`),
  );
  const findings: Finding[] = [];
  for (const { provider, observed } of scene.sight.strays) {
    const address = observed.owner?.address ?? '';
    if (observed.phase === 'deleting' || settled.has(address)) continue;
    if (adopted.has(`${provider} ${observed.kind} ${observed.id}`)) continue;
    const record = scene.matching.held.get(address)?.record;
    const beside = record === undefined ? '' : `; recorded for it is ${plainText(record.id)}`;
    const name = address === '' ? `a ${observed.kind}` : address;
    findings.push({
      level: 'warning',
      id: 'PR-ORPHAN',
      ...(address === '' ? {} : { address }),
      what: `${plainText(observed.id)} at ${provider} carries the label of ${name} but stands in no record${beside}`,
      why: 'it costs money and nobody looks after it; it is left alone until somebody decides',
      fix: `delete it at ${provider}, or describe it with \`adopt: ${plainText(observed.id)}\``,
    });
  }
  return findings;
}

/** What stands on a server that does not answer. */
function unreached({ input, sight }: Scene): Finding[] {
  const findings: Finding[] = [];
  for (const { address, provider, kind, id } of input.recorded.objects.values()) {
    const why = sight.find(provider, kind, id)?.unseen;
    if (why === undefined) continue;
    findings.push({
      level: 'warning',
      id: 'PR-UNREACHED',
      address,
      what: `${address} could not be looked at: ${plainText(why)}`,
      why: 'it is taken to be as it was recorded',
      fix: 'make the server answer, then plan again',
    });
  }
  return findings;
}

/** Without a look, desired state can only be compared with the record. */
function unseen(scene: Scene): Finding[] {
  const used = new Set<string>();
  for (const { provider } of scene.resources.values()) used.add(provider);
  for (const { provider } of scene.input.recorded.objects.values()) used.add(provider);
  const missing = sortedUnique(used).filter(provider => scene.input.observations[provider] === undefined);
  if (missing.length === 0) return [];
  return [
    {
      level: 'warning',
      id: 'PR-NOT-OBSERVED',
      what: `${missing.join(', ')} ${missing.length === 1 ? 'was' : 'were'} not looked at; this plan compares with the record alone`,
      fix: 'plan again with credentials before you apply',
    },
  ];
}

function interrupted(scene: Scene): Finding[] {
  const open = [...scene.input.recorded.intents.values()];
  if (open.length === 0) return [];
  const keys = sortedUnique(open.map(intent => intent.key));
  return [
    {
      level: 'note',
      id: 'PR-INTERRUPTED',
      what: `an interrupted run left ${open.length === 1 ? '1 change' : `${open.length} changes`} open: ${keys.slice(0, 5).join(', ')}${keys.length > 5 ? ', ...' : ''}`,
      fix: 'the next apply finishes it first, and then plans again',
    },
  ];
}
