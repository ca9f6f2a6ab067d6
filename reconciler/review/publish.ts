import type { Remark } from '../../schemas/forge.ts';
import type { ReviewContext, Scene } from './context.ts';
import { markPlan } from './marks.ts';
import type { Outcome } from './outcome.ts';
import { ownComment, writeComment } from './show.ts';
import { viewOf } from './view.ts';

/**
 * Remembers what is about to be shown, shows it, and remembers when it was shown. An approval counts only from then on,
 * so dying in between costs an approver at most a second word, never a plan that nobody saw.
 */
export async function show(
  ctx: ReviewContext,
  scene: Scene,
  outcomes: readonly Outcome[] | null = null,
): Promise<Scene> {
  const stored = await remember(ctx, scene);
  const view = await viewOf(ctx, stored, outcomes);
  const { remark, isCut } = await writeComment(ctx, view, stored);
  const plans = stored.record.plans.map(one => ({ ...one, isCut: isCut.includes(one.workspace) }));
  const shownAt = stored.record.shownAt ?? Math.max(remark.at, remark.editedAt);
  const shown = await remember(ctx, { ...stored, record: { ...stored.record, plans, shownAt, comment: remark.id } });
  if (scene.pull.state === 'open') await markPlan(ctx, view, remark, scene.pull);
  return { ...shown, remarks: withRemark(stored.remarks, remark, scene.pull.number) };
}

function withRemark(remarks: readonly Remark[], remark: Remark, pull: number): readonly Remark[] {
  const known = ownComment(remarks, pull);
  return known === null ? [...remarks, remark] : remarks.map(one => (one === known ? remark : one));
}

/** Stores the record when it says something new. */
export async function remember(ctx: ReviewContext, scene: Scene): Promise<Scene> {
  await ctx.ports.world.reach('record.before');
  const version = await ctx.store.write(scene.record, scene.version);
  await ctx.ports.world.reach('record.after');
  return { ...scene, version };
}
