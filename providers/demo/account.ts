import type { KindName } from '../../schemas/name.ts';
import type { ProviderFault } from '../../schemas/provider.ts';
import type { Client } from './client.ts';
import type { Traits } from './config.ts';
import { fault } from './faults.ts';
import type { DemoKind } from './kind.ts';
import { demoKindOf } from './kinds.ts';

/** One configured account: where it is, and what this cloud offers against double creates. */
export interface Account extends Traits {
  readonly client: Client;
}

/** The kind, or a fault that says that the demo cloud does not have it. */
export function kindFor(kind: KindName): DemoKind {
  const found = demoKindOf(kind);
  if (found === undefined)
    throw fault('unsupported', 'unknown_kind', kind, { why: 'the demo cloud does not have this kind' });
  return found;
}

/** The fault for an object that is not there: final where reads see every write, a matter of time where they do not. */
export function absent(account: Account, what: string): ProviderFault {
  if (account.visibleAfterMs === 0) return fault('not-found', 'not_found', what);
  return fault('transient', 'not_visible', what, { why: 'it cannot be seen yet, or is gone' });
}
