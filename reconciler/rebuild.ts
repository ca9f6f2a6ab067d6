import type { RecordedObject } from '../schemas/checkpoint.ts';
import { Fault, type Problem } from '../schemas/fault.ts';
import type { Observations, Observed } from '../schemas/provider.ts';
import type { Workspace } from '../schemas/workspace.ts';

/**
 * Recorded objects as far as labels tell them. What is needed by what comes from the files, where the address is still
 * described; specs are the observed ones, so the next plan shows every difference.
 * Throws Fault `refused` when a provider could not be listed, an address has two objects, or two lineages are found.
 */
export function rebuiltObjects(
  workspace: Workspace,
  observations: Observations,
): { readonly lineage: string; readonly objects: readonly RecordedObject[] } {
  const problems: Problem[] = [];
  const found = new Map<string, RecordedObject>();
  const lineages = new Set<string>();
  const resources = new Map(workspace.resources.map(resource => [resource.address, resource]));
  for (const [provider, observation] of Object.entries(observations)) {
    if (observation.status === 'unavailable') {
      problems.push({
        id: 'ST-UNSEEN',
        what: `provider "${provider}" could not be listed: ${observation.why}`,
        fix: 'rebuild when it answers',
      });
      continue;
    }
    for (const object of observation.objects) {
      const owner = object.owner;
      if (owner === null || owner.workspace !== workspace.key) continue;
      lineages.add(owner.lineage);
      const address = owner.address;
      const other = found.get(address);
      if (address === '')
        problems.push({
          id: 'ST-NO-ADDRESS',
          what: `${object.kind} ${object.id} has no address label`,
          fix: 'label it or delete it',
        });
      else if (other !== undefined)
        problems.push({
          id: 'ST-DUPLICATE',
          what: `${address} has two objects: ${other.id} and ${object.id}`,
          fix: 'delete one of them',
        });
      else
        found.set(
          address,
          recordedFrom(object, { provider, account: observation.account, needs: resources.get(address)?.needs ?? [] }),
        );
    }
  }
  if (lineages.size > 1) {
    problems.push({
      id: 'ST-LINEAGE',
      what: `objects of two state chains carry the name ${workspace.key}: ${[...lineages].sort().join(', ')}`,
      fix: 'two workspaces of one name use this account; rename one',
    });
  }
  if (problems.length > 0) throw new Fault('refused', problems);
  return { lineage: [...lineages][0] ?? '', objects: [...found.values()].sort((a, b) => (a.key < b.key ? -1 : 1)) };
}

function recordedFrom(
  object: Observed,
  from: { readonly provider: string; readonly account: string; readonly needs: readonly string[] },
): RecordedObject {
  const owner = object.owner;
  const address = owner?.address ?? '';
  return {
    key: address,
    address,
    kind: object.kind,
    provider: from.provider,
    account: from.account,
    id: object.id,
    spec: object.spec,
    outputs: object.outputs,
    needs: from.needs,
    protect: object.protected,
    opId: owner?.opId ?? '',
    by: { run: 'rebuild', key: `adopt ${address}` },
  };
}
