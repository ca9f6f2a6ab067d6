import type { LedgerEntry } from '../../platform/demo-cloud/model.ts';
import { git, headOf } from './git.ts';
import { isAccepted } from './ledger.ts';
import { STATE_REF } from './site.ts';

/** One turn as the writer, as the chain tells it. */
export interface Epoch {
  readonly epoch: number;
  readonly pid: number;
  readonly at: number;
  /** The writer before did not give it up by itself. */
  readonly isForced: boolean;
}

/** Every turn as the writer, oldest first, from the messages of the chain. */
export async function epochsOf(remote: string): Promise<readonly Epoch[]> {
  if ((await headOf(remote, STATE_REF)) === null) return [];
  const trailer = (name: string): string => `%(trailers:key=${name},valueonly,separator=)`;
  const format = ['%s', trailer('Step'), trailer('Epoch'), trailer('At')].join('%x09');
  const log = await git(remote, 'log', '--reverse', `--format=${format}`, STATE_REF);
  const epochs: Epoch[] = [];
  let last = '';
  for (const line of log.split('\n')) {
    const [subject = '', step = '', epoch = '', at = ''] = line.split('\t');
    const pid = /process (\d+)$/.exec(subject)?.[1];
    if (step === 'take' && pid !== undefined) {
      epochs.push({
        epoch: Number(epoch),
        pid: Number(pid),
        at: Date.parse(at),
        isForced: last !== 'release' && last !== '',
      });
    }
    last = step;
  }
  return epochs;
}

/** Turns whose writer is not the one of the turn before. */
export function handOversOf(epochs: readonly Epoch[]): readonly Epoch[] {
  return epochs.filter((epoch, index) => index > 0 && epochs[index - 1]?.pid !== epoch.pid);
}

/**
 * Writes of an epoch after a newer one's. Each write is counted for the newest turn that its process had begun by then,
 * so whatever is found here is certainly too late. `pids` are the processes by the stamp of their requests.
 */
export function overlaps(
  ledger: readonly LedgerEntry[],
  epochs: readonly Epoch[],
  pids: readonly number[],
): { readonly stamped: number; readonly late: readonly string[] } {
  const late: string[] = [];
  let newest = 0;
  // What was done by others, before and after, carries no stamp.
  const stamped = ledger.filter(entry => isAccepted(entry) && entry.client !== null);
  for (const { method, path, client, at } of stamped) {
    const pid = pids[Number(client)];
    const own = epochs.filter(epoch => epoch.pid === pid && epoch.at <= at).at(-1);
    if (own === undefined) late.push(`${method} ${path} by process ${pid}, which was not the writer yet`);
    else if (own.epoch < newest) late.push(`${method} ${path} of epoch ${own.epoch} after epoch ${newest} had written`);
    else newest = own.epoch;
  }
  return { stamped: stamped.length, late };
}
