import type { FaultJson } from './fault.ts';
import type { Json } from './json.ts';
import type { Address, KindName, Sha, Sha256, WorkspaceKey } from './name.ts';
import type { Action, Plan } from './plan.ts';
import type { PendingToken } from './provider.ts';
import type { Spec } from './resource.ts';

/** One object as it was left by the last change: the unit of recorded state, one file each. */
export interface RecordedObject {
  /** The address, or `<address>#<id>` for an object that was replaced and still has to be deleted. */
  readonly key: string;
  readonly address: Address;
  readonly kind: KindName;
  readonly provider: string;
  readonly account: string;
  readonly id: string;
  /** Applied spec with every reference resolved; write-only fields as `{ $sha256 }` of their value. */
  readonly spec: Spec;
  readonly outputs: { readonly [output: string]: Json };
  /** Addresses this object needed when it was applied: once the resource leaves the files, only this knows the order of deletion. */
  readonly needs: readonly Address[];
  readonly protect: boolean;
  readonly opId: string;
  /** The object exists, but its creation did not finish: the next plan replaces or repairs it. */
  readonly tainted?: boolean;
  /** The change that wrote this. */
  readonly by: { readonly run: string; readonly key: string };
}

/** Permission to call, durable on the remote before the call is made. It is open until an outcome removes it. */
export interface Intent {
  /** Key of the change in the plan of the open run. */
  readonly key: string;
  readonly action: Action;
  readonly address: Address;
  readonly kind: KindName;
  readonly provider: string;
  readonly id?: string;
  readonly opId: string;
  readonly run: string;
  readonly epoch: number;
  /** Wall time in ms from which absence may be believed after the provider's visibility time; set by a successor that cannot know when the call was sent. */
  readonly graceFrom?: number;
  readonly token?: PendingToken;
}

/** Who writes. Shown to whoever has to wait. */
export interface Holder {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
}

/** Somebody agreed to the plan with this digest, for this commit. `at` is wall time in milliseconds. */
export interface Approval {
  readonly digest: Sha256;
  readonly commit: Sha;
  readonly by: string;
  readonly at: number;
}

/** How a run ended. `stopped` can go on; `superseded` cannot, because newer files ask for something else. */
export type RunOutcome = 'done' | 'failed' | 'stopped' | 'superseded';

/** One run in short: what was applied, when, by whose approval, and which changes failed. Times are wall milliseconds. */
export interface RunRecord {
  readonly id: string;
  readonly purpose: Plan['purpose'];
  readonly plan: Sha256;
  readonly commit: Sha;
  readonly changes: number;
  readonly startedAt: number;
  readonly approvedBy: string | null;
  /** The run that this one takes back. */
  readonly rollbackOf: string | null;
  readonly failed: { readonly [key: string]: FaultJson };
  readonly endedAt: number | null;
  readonly outcome: RunOutcome | null;
}

/** One fact. One checkpoint is one commit on the state chain, except for intents, which share one. */
export type Step =
  | { readonly step: 'take'; readonly holder: Holder }
  | { readonly step: 'release' }
  /** The approved plan travels along, so that whoever applies can say what differs when it went stale. */
  | { readonly step: 'approve'; readonly approval: Approval; readonly plan: Plan }
  | { readonly step: 'begin'; readonly run: RunRecord; readonly plan: Plan }
  | { readonly step: 'intend'; readonly intents: readonly Intent[] }
  | { readonly step: 'token'; readonly key: string; readonly token: PendingToken }
  /** Writes `objects` and removes the objects under `remove`; closes the intent of `key`. */
  | {
      readonly step: 'done';
      readonly key: string;
      readonly objects: readonly RecordedObject[];
      readonly remove: readonly string[];
    }
  /** Closes the intent when `settled`; otherwise the outcome is unknown and the intent stays open for the next look-up. */
  | {
      readonly step: 'fail';
      readonly key: string;
      readonly fault: FaultJson;
      readonly settled: boolean;
      readonly objects: readonly RecordedObject[];
    }
  | { readonly step: 'end'; readonly outcome: RunOutcome; readonly at: number }
  | { readonly step: 'hold'; readonly by: string; readonly why: string; readonly at: number }
  | { readonly step: 'unhold'; readonly by: string; readonly at: number }
  /** Recorded state was made anew from the labels of the real objects. */
  | { readonly step: 'rebuild'; readonly objects: readonly RecordedObject[]; readonly by: string }
  /** A new root for the chain; the former history stays readable under its own ref. */
  | { readonly step: 'compact'; readonly before: Sha };

/** One commit of the state chain: a step with its place in the chain. `at` is wall time in milliseconds. */
export interface Checkpoint {
  readonly sequence: number;
  readonly epoch: number;
  readonly at: number;
  readonly run: string | null;
  readonly plan: Sha256 | null;
  readonly body: Step;
}

/** Recorded state: the fold of all checkpoints. */
export interface Recorded {
  readonly workspace: WorkspaceKey;
  readonly lineage: string;
  readonly epoch: number;
  readonly sequence: number;
  /** Head commit of the chain; null before the first checkpoint. */
  readonly head: Sha | null;
  /** Git tree of the objects alone: equal trees are equal records, whatever else was committed since. */
  readonly tree: Sha;
  readonly writer: (Holder & { readonly since: number }) | null;
  /** By `RecordedObject.key`. */
  readonly objects: ReadonlyMap<string, RecordedObject>;
  /** Open intents by change key. */
  readonly intents: ReadonlyMap<string, Intent>;
  /** The newest run, finished or not. */
  readonly run: RunRecord | null;
  readonly approvals: readonly Approval[];
  readonly hold: { readonly by: string; readonly why: string; readonly at: number } | null;
}

/** The tree that Git gives to an empty folder. */
export const EMPTY_TREE: Sha = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

/** Recorded state before the first checkpoint. */
export function emptyRecorded(workspace: WorkspaceKey, lineage: string): Recorded {
  return {
    workspace,
    lineage,
    epoch: 0,
    sequence: 0,
    head: null,
    tree: EMPTY_TREE,
    writer: null,
    objects: new Map(),
    intents: new Map(),
    run: null,
    approvals: [],
    hold: null,
  };
}
