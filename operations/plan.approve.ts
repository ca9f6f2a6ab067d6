import { z } from 'zod';
import { comparePlans } from '../planner/compare.ts';
import { look, PLAIN_OPTIONS, planView } from '../reconciler/view.ts';
import { stale } from '../reconciler/stale.ts';
import { Fault } from '../schemas/fault.ts';
import { Sha, Sha256, WorkspaceKey } from '../schemas/name.ts';
import { defineOperation } from './operation.ts';
import { COMMIT, TARGET, targetOf } from './target.ts';

export const planApprove = defineOperation({
  name: 'plan.approve',
  aliases: ['approve'],
  summary: 'Record that a plan may be applied. Refused when the plan is no longer the one with this digest.',
  example: 'provisioning approve 3f6c1a9b2e77',
  permission: 'plan:approve',
  safe: false,
  input: z.strictObject({
    digest: z
      .string()
      .regex(/^[0-9a-f]{12,64}$/, 'a digest has 12 to 64 hexadecimal digits')
      .describe('Digest of the plan, at least its first 12 digits.')
      .meta({ positional: true }),
    ...TARGET,
    ...COMMIT,
    allowDeletes: z
      .int()
      .min(0)
      .max(50_000)
      .optional()
      .describe('Acknowledges exactly this number of deletions, as in the plan.'),
    wait: z.int().min(0).max(3_600).default(60).describe('Seconds to wait while another process writes.'),
  }),
  output: z.strictObject({ workspace: WorkspaceKey, digest: Sha256, commit: Sha, by: z.string() }),
  async run(ports, input, call) {
    const target = await targetOf(ports, input);
    const view = await look(ports, target, call.signals.abort);
    const options = { ...PLAIN_OPTIONS, allowDeletes: input.allowDeletes ?? null };
    const { plan } = await planView(ports, view, options, call.signals.abort);
    if (!plan.digest.startsWith(input.digest)) {
      const kept = await ports.shelf.find(input.digest);
      throw stale(input.digest, plan, kept === null ? null : comparePlans(kept.plan, plan));
    }
    const error = plan.findings.find(finding => finding.level === 'error');
    if (error !== undefined)
      throw new Fault('refused', {
        id: error.id,
        what: error.what,
        ...(error.fix === undefined ? {} : { fix: error.fix }),
      });
    await ports.world.reach('approve.before');
    const writer = await view.store.take(ports.holder, { waitMs: input.wait * 1_000, signal: call.signals.stop });
    try {
      const approval = { digest: plan.digest, commit: plan.commit, by: call.actor, at: ports.world.clock.now() };
      await writer.pushed(await writer.append([{ step: 'approve', approval, plan }]));
      await ports.world.reach('approve.after');
    } finally {
      await writer.close({ release: true });
    }
    return { workspace: plan.workspace, digest: plan.digest, commit: plan.commit, by: call.actor };
  },
  text({ workspace, digest, by }) {
    return `Plan ${digest.slice(0, 12)} of ${workspace} is approved by ${by}. The reconciler applies it on its next pass, or run:\n  provisioning apply --plan ${digest.slice(0, 12)}\n`;
  },
});
