import type { Recorded } from '../schemas/checkpoint.ts';
import { Fault, type Problem } from '../schemas/fault.ts';
import { LIMITS } from '../schemas/limits.ts';
import type { Plan } from '../schemas/plan.ts';
import type { Settings } from '../schemas/workspace.ts';

export type Gate =
  | { readonly open: true; readonly approvedBy: string | null }
  /** `blocked`: findings forbid it. `unapproved`: somebody must approve. `held`: somebody said stop. `given-up`: this very state failed before. */
  | {
      readonly open: false;
      readonly because: 'blocked' | 'unapproved' | 'held' | 'given-up';
      readonly problems: readonly Problem[];
    };

/**
 * May this plan be applied now? Pure: the approval is read from recorded state, the time is given.
 * `attended` is true when a person asked for this very apply, which lifts the refusal to repeat a failed one.
 */
export function gate(input: {
  readonly plan: Plan;
  readonly recorded: Recorded;
  readonly settings: Settings;
  readonly nowMs: number;
  readonly attended: boolean;
  /** What a Git host says about the approval, where one is used: it takes the place of the workspace's own setting. */
  readonly agreed?: Gate;
}): Gate {
  const { plan, recorded, settings } = input;
  const errors = plan.findings.filter(finding => finding.level === 'error');
  if (errors.length > 0) return { open: false, because: 'blocked', problems: errors.map(asProblem) };
  if (recorded.hold !== null) {
    const what = `${plan.workspace} is on hold by ${recorded.hold.by}: ${recorded.hold.why}`;
    return { open: false, because: 'held', problems: [{ id: 'RUN-HELD', what, fix: 'provisioning resume' }] };
  }
  if (settings.review === 'required' && input.agreed === undefined) return approval(plan, recorded, input.nowMs);
  if (input.agreed?.open === false) {
    const recordedOne = approval(plan, recorded, input.nowMs);
    return recordedOne.open ? recordedOne : input.agreed;
  }
  if (!input.attended && rolledBack(plan, recorded)) {
    const what = `commit ${plan.commit.slice(0, 12)} failed before and was rolled back`;
    const fix = 'push a commit that mends it, or run `provisioning apply`';
    return { open: false, because: 'given-up', problems: [{ id: 'RUN-GIVEN-UP', what, fix }] };
  }
  return input.agreed ?? { open: true, approvedBy: null };
}

function approval(plan: Plan, recorded: Recorded, nowMs: number): Gate {
  const found = recorded.approvals.find(known => known.digest === plan.digest);
  if (found !== undefined && nowMs - found.at <= LIMITS.planMaxAgeMs) return { open: true, approvedBy: found.by };
  const short = plan.digest.slice(0, 12);
  const fix = `provisioning approve ${short}`;
  const what =
    found === undefined
      ? `plan ${short} is not approved`
      : `the approval of plan ${short} is older than ${LIMITS.planMaxAgeMs / 3_600_000} hours`;
  return { open: false, because: 'unapproved', problems: [{ id: 'RUN-UNAPPROVED', what, fix }] };
}

/** True when the newest run was the rollback of a run for the same commit: applying it again would only fail again. */
function rolledBack(plan: Plan, recorded: Recorded): boolean {
  const run = recorded.run;
  return run !== null && run.purpose === 'rollback' && run.commit === plan.commit;
}

function asProblem(finding: Plan['findings'][number]): Problem {
  return {
    id: finding.id,
    what: finding.what,
    ...(finding.at === undefined ? {} : { at: finding.at }),
    ...(finding.why === undefined ? {} : { why: finding.why }),
    ...(finding.fix === undefined ? {} : { fix: finding.fix }),
  };
}

export function gateFault(closed: Extract<Gate, { open: false }>, plan: Plan): Fault {
  return new Fault('refused', closed.problems, { data: { because: closed.because, digest: plan.digest } });
}
