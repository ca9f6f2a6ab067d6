import type { Recorded, RecordedObject } from '../schemas/checkpoint.ts';
import type { KindName } from '../schemas/name.ts';
import type { Owner } from '../schemas/owner.ts';
import type { KindCapability } from '../schemas/provider.ts';
import type { Workspace } from '../schemas/workspace.ts';

/** What our record can say about objects that their cloud cannot label, or does not have at all. */
export interface Keeping {
  /** Name of the provider in the workspace file. */
  readonly provider: string;
  readonly workspace: Workspace;
  readonly recorded: Recorded;
  readonly capability: (kind: KindName) => KindCapability | undefined;
}

/** The recorded objects of one provider and of certain kinds, each with its owner. */
export function recordedOf(
  { provider, recorded }: Keeping,
  isWanted: (kind: KindName) => boolean,
): readonly { readonly record: RecordedObject; readonly owner: Owner }[] {
  return [...recorded.objects.values()]
    .filter(record => record.provider === provider && isWanted(record.kind))
    .map(record => {
      const { address, opId } = record;
      return { record, owner: { workspace: recorded.workspace, lineage: recorded.lineage, address, opId } };
    });
}
