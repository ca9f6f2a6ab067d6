import type { GitSource } from '../../platform/git/port.ts';
import type { Pull, Remark } from '../../schemas/forge.ts';
import type { ReviewRecord } from '../../schemas/review.ts';
import type { Signals } from '../apply.ts';
import type { Selection } from '../discover.ts';
import type { Ports, ReviewPorts } from '../ports.ts';

/** One repository under review, with the branch that pull requests go to. */
export interface ReviewContext extends ReviewPorts {
  readonly ports: Ports;
  readonly source: GitSource;
  readonly stateRemote: string;
  readonly branch: string;
  readonly selection: Selection;
  readonly signals: Signals;
}

/** What is known of one pull request at this moment. */
export interface Scene {
  readonly pull: Pull;
  readonly remarks: readonly Remark[];
  readonly record: ReviewRecord;
  /** Version of the stored record; null when it was never stored. */
  readonly version: string | null;
}
