import { z } from 'zod';
import { renderPlanText } from '../planner/render/text.ts';
import { applyPlan } from '../reconciler/apply.ts';
import { gateFault } from '../reconciler/gate.ts';
import { planRollback } from '../reconciler/rollback.ts';
import { look } from '../reconciler/view.ts';
import { Fault } from '../schemas/fault.ts';
import { answer, APPLY_FLAGS, AppliedOutput, appliedExit, appliedText } from './applying.ts';
import { defineOperation } from './operation.ts';
import { TARGET, targetOf } from './target.ts';

export const rollbackRun = defineOperation({
  name: 'rollback.run',
  aliases: ['rollback'],
  summary: 'Take back what the newest run did, as far as it can be taken back.',
  example: 'provisioning rollback',
  permission: 'apply:rollback',
  safe: false,
  input: z.strictObject({
    ...TARGET,
    autoApprove: APPLY_FLAGS.autoApprove,
    wait: APPLY_FLAGS.wait,
    show: z.boolean().default(false).describe('Only show what would be taken back.'),
  }),
  output: AppliedOutput,
  async run(ports, input, call) {
    const target = await targetOf(ports, input);
    const view = await look(ports, target, call.signals.abort);
    const { run, plan } = await planRollback(ports, view);
    if (input.show || plan.changes.length === 0) return answer(plan, null, 0);
    const errors = plan.findings.filter(finding => finding.level === 'error');
    if (errors.length > 0) {
      throw gateFault(
        { open: false, because: 'blocked', problems: errors.map(({ id, what }) => ({ id, what })) },
        plan,
      );
    }
    if (!input.autoApprove) {
      const detail = renderPlanText(plan, { colour: false, width: 100 });
      const agreed = await call.confirm({ title: `Take back run ${run.id} of ${plan.workspace}?`, detail });
      if (!agreed) throw new Fault('refused', { id: 'RUN-DECLINED', what: 'the rollback was not confirmed' });
    }
    const report = await applyPlan(ports, view, plan, {
      actor: call.actor,
      signals: call.signals,
      progress: call.progress,
      waitMs: input.wait * 1_000,
      approvedBy: call.actor,
      rollbackOf: run.id,
    });
    return answer(plan, report, view.session.tally.writes);
  },
  text(output, rendering) {
    if (output.run === null) return renderPlanText(output.plan, rendering);
    return appliedText(output, rendering);
  },
  exitCode: appliedExit,
});
