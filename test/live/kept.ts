import { withUnlabelled } from '../../reconciler/unlabelled.ts';
import { withVirtual } from '../../reconciler/virtual.ts';
import { emptyRecorded } from '../../schemas/checkpoint.ts';
import type { KindName } from '../../schemas/name.ts';
import type { Connection, KindCapability } from '../../schemas/provider.ts';
import { Settings } from '../../schemas/workspace.ts';

/** A connection as the reconciler uses it, for a workspace without a record. */
export function keptByRecord(
  connection: Connection,
  name: string,
  capability: (kind: KindName) => KindCapability | undefined,
): Connection {
  const workspace = {
    name,
    env: null,
    key: name,
    settings: Settings.parse({}),
    providers: {},
    resources: [],
    moved: [],
    forget: [],
  };
  const keeping = { provider: 'live', workspace, recorded: emptyRecorded(name, '11fe7e571111'), capability };
  return withVirtual(withUnlabelled(connection, keeping), keeping);
}
