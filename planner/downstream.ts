import type { Recorded } from '../schemas/checkpoint.ts';
import type { Address, WorkspaceKey } from '../schemas/name.ts';
import type { Plan } from '../schemas/plan.ts';
import type { Position } from '../schemas/position.ts';
import type { Downstream, DownstreamEffect, DownstreamUse } from '../schemas/review.ts';
import { type UpstreamRef, upstreamShown } from '../schemas/upstream.ts';
import { foresee } from './foresee.ts';
import { cutText, plainText, showValue } from './show.ts';

/** One reference of a workspace to another one. */
export interface Reading {
  readonly upstream: WorkspaceKey;
  readonly to: UpstreamRef;
  readonly by: Address;
  readonly at?: Position;
}

/** A workspace that others may read. */
export interface Source {
  readonly recorded: Recorded;
  /** Null when its files cannot be planned. */
  readonly plan: Plan | null;
}

/** From least to most. */
const EFFECTS: readonly DownstreamEffect[] = ['unaffected', 'possible', 'certain'];

/**
 * What plans do to one workspace that reads their outputs; null when it reads none of them. `sources` are the workspaces
 * with a plan; `reached` those further down that have none of their own, with what was said of them. Whoever reads on
 * from there can only be told that something may change.
 */
export function downstreamOf(
  workspace: WorkspaceKey,
  readings: readonly Reading[],
  known: {
    readonly sources: ReadonlyMap<WorkspaceKey, Source>;
    readonly reached: ReadonlyMap<WorkspaceKey, Downstream>;
  },
): Downstream | null {
  const uses: DownstreamUse[] = [];
  for (const { upstream, to, by, at } of readings) {
    const source = known.sources.get(upstream);
    const before = known.reached.get(upstream);
    const verdict = source !== undefined ? fromPlan(source, to) : before === undefined ? null : further(before);
    if (verdict === null) continue;
    const place = at === undefined ? {} : { at: { file: at.file, line: at.line, column: at.column } };
    uses.push({ by, ref: upstreamShown(to), upstream, ...verdict, ...place });
  }
  if (uses.length === 0) return null;
  const effect = EFFECTS[Math.max(...uses.map(use => EFFECTS.indexOf(use.effect)))] ?? 'unaffected';
  return { workspace, effect, uses };
}

type Verdict = Pick<DownstreamUse, 'effect' | 'text'>;

function fromPlan({ recorded, plan }: Source, to: UpstreamRef): Verdict {
  if (plan === null) return { effect: 'possible', text: 'its workspace cannot be planned' };
  const outlook = foresee({ recorded, plan }, to);
  switch (outlook.fate) {
    case 'stays':
      return { effect: 'unaffected', text: `stays ${showValue(outlook.value, 40)}` };
    case 'changes':
      return { effect: 'certain', text: `${showValue(outlook.before, 40)} becomes ${showValue(outlook.value, 40)}` };
    case 'goes':
      return { effect: 'certain', text: `has no value any more: ${outlook.why}` };
    case 'later':
      return { effect: 'possible', text: `known after apply: ${outlook.why}` };
    case 'absent':
      return { effect: 'unaffected', text: `has no value, before or after: ${cutText(plainText(outlook.why), 80)}` };
  }
}

function further({ workspace, effect }: Downstream): Verdict {
  return effect === 'unaffected'
    ? { effect, text: `${workspace} is unaffected` }
    : { effect: 'possible', text: `${workspace} may change it` };
}
