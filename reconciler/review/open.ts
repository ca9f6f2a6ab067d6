import type { GitSource } from '../../platform/git/port.ts';
import type { Signals } from '../apply.ts';
import type { Selection } from '../discover.ts';
import type { Ports } from '../ports.ts';
import type { ReviewContext } from './context.ts';

/** Reviews of the repository that a source mirrors; null when its Git host or a credential for it is not known. */
export async function openReview(
  ports: Ports,
  of: {
    readonly source: GitSource;
    readonly branch: string;
    readonly selection: Selection;
    readonly signals: Signals;
  },
): Promise<ReviewContext | null> {
  const review = await ports.openReview({ url: of.source.url, branch: of.branch });
  return review === null ? null : { ...review, ...of, ports, stateRemote: of.source.url };
}
