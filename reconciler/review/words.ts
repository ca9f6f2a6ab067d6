import type { Access, Pull, Remark } from '../../schemas/forge.ts';
import type { ReviewContext } from './context.ts';
import { commandOf } from './command.ts';
import type { Words } from './judge.ts';

/** Asks the host what was said about a pull request, and what each who spoke may do. Nothing of it is remembered. */
export async function hear(ctx: ReviewContext, pull: Pull, remarks: readonly Remark[]): Promise<Words> {
  const { forge } = ctx;
  const [reviews, labels, push] = await Promise.all([
    forge.reviews(pull.number),
    forge.labelEvents(pull.number),
    pull.head.isFork ? Promise.resolve(null) : forge.lastPush(pull.head.branch),
  ]);
  const speakers = new Set([
    ...reviews.map(review => review.by),
    ...labels.map(event => event.by),
    ...remarks.filter(remark => !remark.isOwn && commandOf(remark) !== null).map(remark => remark.by),
  ]);
  const access = new Map<string, Access>();
  for (const login of speakers) access.set(login, await forge.access(login));
  // A push that is older than the head is no answer to who pushed that.
  return { reviews, labels, remarks, push: push?.sha === pull.head.sha ? push : null, access };
}
