import type { RunOutcome } from '../schemas/checkpoint.ts';
import type { FaultJson } from '../schemas/fault.ts';
import type { KindName } from '../schemas/name.ts';
import type { Plan } from '../schemas/plan.ts';
import type { ProgressEvent } from '../schemas/progress.ts';
import type { CallContext, Connection, KindCapability } from '../schemas/provider.ts';
import type { StateWriter } from '../schemas/state.ts';

/** Everything that a run needs from outside. */
export interface RunInput {
  readonly plan: Plan;
  /** A new id begins a run; the id of the recorded, unfinished run goes on with it. */
  readonly runId: string;
  readonly writer: StateWriter;
  /** Throws ProviderFault for a provider that cannot be used now. */
  connection(provider: string): Connection;
  capability(provider: string, kind: KindName): KindCapability | undefined;
  readonly context: CallContext;
  readonly limits: { readonly parallel: number; readonly perProvider: number };
  /** `stop`: start nothing new, let what is in flight finish. `abort`: do not wait for it either. */
  readonly signals: { readonly stop: AbortSignal; readonly abort: AbortSignal };
  /**
   * The files ask for something else by now: nothing is sent any more. It is only settled what became of the calls that a
   * former process sent, and the run ends as `superseded`.
   */
  readonly settleOnly?: boolean;
  held(): boolean;
  progress(event: ProgressEvent): void;
  readonly approvedBy: string | null;
  readonly rollbackOf: string | null;
}

/** What a run did. */
export interface RunReport {
  readonly outcome: RunOutcome;
  /** Keys, in the order in which they were done. */
  readonly done: readonly string[];
  readonly failed: readonly { readonly key: string; readonly fault: FaultJson }[];
  readonly skipped: readonly { readonly key: string; readonly because: string }[];
  readonly durationMs: number;
}
