import type { Kind } from '../kind.ts';
import { kindNamed } from '../kinds/index.ts';
import { CLOUD_KINDS } from '../name.ts';

/** The steps of `server.db-1.privateIp` or `taskserv.postgres.db.endpoint`, taken apart. */
export interface KindPath {
  /** The kind as it is named; it may not exist. */
  readonly kindName: string;
  readonly kind: Kind | undefined;
  readonly name: string;
  readonly rest: readonly string[];
}

/** Takes apart the steps of a reference to a resource. */
export function kindPath(steps: readonly string[]): KindPath {
  const isService = steps[0] === 'taskserv';
  const kindName = isService ? `taskserv.${steps[1] ?? ''}` : (steps[0] ?? '');
  const [name = '', ...rest] = steps.slice(isService ? 2 : 1);
  const kind = isService || CLOUD_KINDS.some(known => known === kindName) ? kindNamed(kindName) : undefined;
  return { kindName, kind, name, rest };
}
