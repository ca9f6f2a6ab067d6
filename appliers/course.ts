import type { Intent } from '../schemas/checkpoint.ts';
import type { Fault } from '../schemas/fault.ts';
import type { KindName } from '../schemas/name.ts';
import type { Change, Plan } from '../schemas/plan.ts';
import type { ChangeState } from '../schemas/progress.ts';
import type { CallContext, Connection, KindCapability } from '../schemas/provider.ts';
import type { StateWriter } from '../schemas/state.ts';
import type { Intents } from './intents.ts';
import type { Polling } from './polling.ts';
import type { Rest } from './rest.ts';
import type { Slots } from './slots.ts';
import type { Survey } from './survey.ts';

/** What the changes of one run share. */
export interface Course {
  readonly plan: Plan;
  readonly runId: string;
  readonly writer: StateWriter;
  readonly context: CallContext;
  readonly slots: Slots;
  readonly intents: Intents;
  /** Waiting between two attempts; a stop ends it. */
  readonly rest: Rest;
  /** Intents that a former process left open: nothing is sent for them before a look-up. */
  readonly leftover: ReadonlyMap<string, Intent>;
  connection(provider: string): Connection;
  capability(provider: string, kind: KindName): KindCapability | undefined;
  polling(provider: string): Polling;
  survey(provider: string): Survey;
  /** Deletions that go with this one. */
  company(change: Change): readonly Change[];
  /** True when nothing new may be sent: a person stopped the run, it is held, or another one took over. */
  stopping(): boolean;
  /** Why nothing more is sent to this provider, or for this kind there. */
  blocked(change: Change): Fault | undefined;
  block(scope: { readonly provider: string; readonly kind?: KindName }, fault: Fault): void;
  tell(change: Change, state: ChangeState, more?: Told): void;
}

export interface Told {
  readonly retryMs?: number;
  readonly why?: string;
}

/** How a change ended in this run. `stopped`: it was not begun, or its outcome is left to the next run. `withdrawn`: it certainly was not done, and nothing may be sent any more. */
export type Ending =
  | { readonly status: 'done' }
  | { readonly status: 'failed'; readonly fault: Fault }
  | { readonly status: 'stopped' }
  | { readonly status: 'withdrawn' };
