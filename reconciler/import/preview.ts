import { makePlan } from '../../planner/plan.ts';
import { plainText } from '../../planner/show.ts';
import { objectKey } from '../../schemas/export/existing.ts';
import { entryAddress } from '../../schemas/export/files.ts';
import type { Address } from '../../schemas/name.ts';
import { PLAIN_OPTIONS } from '../view.ts';
import type { Ports } from '../ports.ts';
import type { ImportPlace } from './place.ts';
import type { Scan } from './scan.ts';
import { isDescribed, type Settled } from './settle.ts';

/** What the first plan over the new files will do. */
export interface Preview {
  readonly adoptions: number;
  /** Adopted objects that the files ask to be other than they are, for example because defaults set a label. */
  readonly differences: readonly { readonly address: Address; readonly fields: readonly string[] }[];
  /** What the plan will say about the new resources, in sentences. */
  readonly findings: readonly string[];
}

/** Plans the adoption in memory, from what the scan saw. It is shown and thrown away: the real plan is made from a commit. */
export function previewAdoption(
  ports: Ports,
  place: ImportPlace,
  { scan, settled }: { readonly scan: Scan; readonly settled: Settled },
): Preview {
  const { recorded } = place;
  const { provider } = scan;
  const { key } = place.workspace;
  const isNew = isDescribed(settled.description);
  const objects = scan.observed.filter(
    object => object.owner?.workspace === key || isNew(objectKey({ provider, kind: object.kind, id: object.id })),
  );
  const plan = makePlan({
    loaded: settled.loaded,
    commit: '0'.repeat(40),
    tree: '0'.repeat(40),
    recorded,
    observations: { [provider]: { status: 'complete', account: scan.account, objects } },
    capability: (name, kind) => (name === provider ? scan.capability(name, kind) : undefined),
    catalogues: {},
    options: PLAIN_OPTIONS,
    tool: ports.tool,
  });
  const adoptions = plan.changes.filter(
    change =>
      change.action === 'adopt' &&
      isNew(objectKey({ provider: change.provider, kind: change.kind, id: change.id ?? '' })),
  );
  const addresses = new Set(settled.description.entries.map(entryAddress));
  return {
    adoptions: adoptions.length,
    differences: adoptions
      .filter(change => change.fields.length > 0)
      .map(({ address, fields }) => ({ address, fields: fields.map(field => field.path) })),
    findings: plan.findings
      .filter(finding => finding.address !== undefined && addresses.has(finding.address))
      .map(({ what, why }) => plainText(why === undefined ? what : `${what}: ${why}`)),
  };
}
