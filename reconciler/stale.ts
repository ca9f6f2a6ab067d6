import type { PlanDifference } from '../planner/compare.ts';
import { Fault } from '../schemas/fault.ts';
import type { Json } from '../schemas/json.ts';
import type { Plan } from '../schemas/plan.ts';

/** The refusal to apply or approve a plan that is no longer what would be done; names every pinned input that differs. */
export function stale(wanted: string, now: Plan, differences: readonly PlanDifference[] | null): Fault {
  const short = now.digest.slice(0, 12);
  const problems =
    differences === null
      ? [{ id: 'RUN-UNKNOWN-PLAN', what: `no plan ${wanted.slice(0, 12)} is known here; the plan now is ${short}` }]
      : differences.map(difference => ({ id: 'RUN-STALE', what: difference.text }));
  const fix = `look at the new plan with \`provisioning plan\`, then use its digest ${short}`;
  const last = problems.length - 1;
  return new Fault(
    'refused',
    problems.map((problem, index) => (index === last ? { ...problem, fix } : problem)),
    {
      data: {
        reviewed: wanted,
        now: now.digest,
        differences: (differences ?? []).map(difference => difference.text) as Json,
      },
    },
  );
}
