import { asFault } from '../../schemas/fault.ts';
import type { Pull, Remark } from '../../schemas/forge.ts';
import type { ReviewContext } from './context.ts';
import { ownComment } from './show.ts';

/** A review whose last report is out is remembered for so long, then its ref goes: 90 days. */
const KEPT_MS = 90 * 86_400_000;

/**
 * Forgets what was over long ago, so that refs do not grow for ever. Each is deleted only while it still is what was
 * read: a pull request that another process opens again in the same moment keeps its record. Nothing depends on it, so a
 * host that does not let refs be deleted is only told of.
 */
export async function forgetOld(ctx: ReviewContext): Promise<void> {
  const { clock } = ctx.ports.world;
  try {
    const old = await ctx.store.closedBefore(clock.now() - KEPT_MS);
    if (old.length === 0) return;
    const count = await ctx.store.forget(old);
    ctx.ports.log.write('note', 'reviews that were over long ago were forgotten', { found: old.length, count });
  } catch (error) {
    const fault = asFault(error);
    if (fault.code === 'bug') throw error;
    ctx.ports.log.write('warning', 'old reviews could not be forgotten', { what: fault.code });
  }
}

/** Whether this review was over and its record is gone: a comment on it now must not make it begin anew. */
export function isForgotten(pull: Pull, remarks: readonly Remark[]): boolean {
  const own = ownComment(remarks, pull.number);
  const stage = /^<!-- provisioning:stage (\w+) -->$/.exec(own?.body.split('\n', 2)[1] ?? '')?.[1];
  return pull.state !== 'open' && (stage === 'applied' || stage === 'closed');
}

/** Where to begin to read without a record: what stood there when our own comment was written last was answered then, and is not obeyed twice. */
export function readBefore(remarks: readonly Remark[], pull: number): string | null {
  const own = ownComment(remarks, pull);
  const read = own === null ? [] : remarks.filter(({ at }) => at <= own.editedAt);
  return read.reduce<string | null>((last, { id }) => (Number(id) > Number(last ?? 0) ? id : last), null);
}
