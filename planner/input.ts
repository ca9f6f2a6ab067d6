import type { Recorded } from '../schemas/checkpoint.ts';
import type { KindName, Sha } from '../schemas/name.ts';
import type { Change, HostStep, Plan, PlanOptions } from '../schemas/plan.ts';
import type { Catalogue, KindCapability, Observations } from '../schemas/provider.ts';
import type { Loaded } from '../schemas/workspace.ts';
import type { UpstreamValues } from './foresee.ts';
import type { Referrer } from './referrers.ts';

/** What a provider of the workspace file can do for a kind; undefined when it does not offer the kind or is not configured. */
export type CapabilityOf = (provider: string, kind: KindName) => KindCapability | undefined;

/** By provider name of the workspace file. A provider that is missing here was not asked, and its resources have no price. */
export type Catalogues = { readonly [provider: string]: Catalogue };

/** Everything a plan depends on. Nothing else may influence it: no clock, no environment, no file. */
export interface PlanInput {
  readonly loaded: Loaded;
  readonly commit: Sha;
  /** Git tree of the workspace folder in that commit. */
  readonly tree: Sha;
  readonly recorded: Recorded;
  readonly observations: Observations;
  readonly capability: CapabilityOf;
  readonly catalogues: Catalogues;
  readonly options: PlanOptions;
  /** Version of this program. */
  readonly tool: string;
  /** What is known of the outputs of other workspaces that the files refer to. */
  readonly upstream?: UpstreamValues;
  /** Who refers to what this workspace made, as far as something of it goes. */
  readonly referrers?: readonly Referrer[];
  /** What a change of a service does on its server; pure. */
  readonly steps?: StepsOf;
}

/** What a change does on a server; empty for everything that is not on one. */
export type StepsOf = (change: Change) => readonly HostStep[];

/** What is needed to take a run back. */
export interface RollbackInput {
  /** The plan of the run that `recorded.run` names. */
  readonly plan: Plan;
  readonly recorded: Recorded;
  readonly observations: Observations;
  readonly capability: CapabilityOf;
  readonly catalogues: Catalogues;
  readonly tool: string;
  readonly commit: Sha;
  readonly tree: Sha;
}
