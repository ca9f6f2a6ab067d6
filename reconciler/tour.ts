import type { ProgressEvent } from '../schemas/progress.ts';
import type { Signals } from './apply.ts';
import type { DriftEntry, ShortPass } from './report.ts';

/** How the tour goes. */
export interface DemoOptions {
  readonly once: boolean;
  readonly example: string;
  /** The tour goes through a pull request. */
  readonly pullRequest: boolean;
  readonly actor: string;
  readonly signals: Signals;
  readonly progress: (event: ProgressEvent) => void;
}

/** What it showed. */
export interface DemoReport {
  readonly workspace: string;
  readonly stateRef: string;
  readonly changes: number;
  readonly checkpoints: { commit: string; subject: string }[];
  readonly firstPass: ShortPass;
  readonly secondPass: ShortPass;
  readonly drift: DriftEntry[];
  readonly repaired: ShortPass;
  /** Of a tour through a pull request: what its one comment said before the merge, and after the apply. */
  readonly pull: { readonly number: number; readonly preview: string; readonly report: string } | null;
  readonly durationMs: number;
}
