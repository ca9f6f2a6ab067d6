import { type Existing, type LeftOut, objectKey } from '../../schemas/export/existing.ts';
import type { CapabilityOf } from '../../planner/input.ts';
import { driversOf, findingsOf } from '../../schemas/terraform/found.ts';
import type { TerraformState } from '../../schemas/terraform/state.ts';
import type { Ports } from '../ports.ts';
import { describedBy } from './described.ts';
import type { ImportPlace } from './place.ts';

/** What a state file adds to a workspace. */
export interface StateScan {
  readonly found: readonly Existing[];
  readonly leftOut: readonly LeftOut[];
  /** How many of its objects the workspace describes or records already. */
  readonly known: number;
  readonly capability: CapabilityOf;
}

/** Drivers of a state file that this version of the program has. */
export function knownDrivers(ports: Ports, state: TerraformState): string[] {
  return driversOf(state).filter(driver => Object.hasOwn(ports.providers, driver));
}

/** Sorts the objects of a state file by what import does with them. Asks no cloud. */
export function scanState(ports: Ports, place: ImportPlace, state: TerraformState): StateScan {
  const { workspace, providers } = place;
  const { found, leftOut } = findingsOf(state, driver => {
    const provider = providers.get(driver);
    if (provider !== undefined) return { provider };
    const isKnown = Object.hasOwn(ports.providers, driver);
    return { why: isKnown ? `the workspace has no provider ${driver}` : `this version has no provider ${driver}` };
  });
  const { ids } = describedBy(place);
  const fresh = found.filter(object => !ids.has(objectKey(object)));
  return {
    found: fresh,
    leftOut,
    known: found.length - fresh.length,
    capability: (provider, kind) => {
      const entry = workspace.providers[provider];
      return entry === undefined ? undefined : ports.providers[entry.driver]?.capability(kind, entry.config);
    },
  };
}
