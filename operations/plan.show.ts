import { z } from 'zod';
import { renderDownstreamText } from '../planner/render/downstream.ts';
import { renderPlanMarkdown } from '../planner/render/markdown.ts';
import { renderPlanMermaid } from '../planner/render/mermaid.ts';
import { renderPlanText } from '../planner/render/text.ts';
import { previewDownstream } from '../reconciler/downstream.ts';
import { look, planView } from '../reconciler/view.ts';
import { EXIT_PENDING } from '../schemas/fault.ts';
import { Address } from '../schemas/name.ts';
import { Plan } from '../schemas/plan.ts';
import { Downstream } from '../schemas/review.ts';
import { Review } from '../schemas/workspace.ts';
import { defineOperation } from './operation.ts';
import { COMMIT, TARGET, targetOf } from './target.ts';

/** Flags that narrow a plan or acknowledge what it deletes. */
export const PLAN_FLAGS = {
  target: z.array(Address).default([]).describe('Only this address and what it needs. May be given more than once.'),
  exclude: z.array(Address).default([]).describe('Not this address, nor what needs it. May be given more than once.'),
  allowDeletes: z.int().min(0).max(50_000).optional().describe('Acknowledges exactly this number of deletions.'),
};

export const planShow = defineOperation({
  name: 'plan.show',
  aliases: ['plan'],
  summary: 'Show what an apply would do. Changes nothing.',
  example: 'provisioning plan -C infrastructure/shop --env prod',
  permission: 'plan:read',
  safe: true,
  input: z.strictObject({
    ...TARGET,
    ...COMMIT,
    ...PLAN_FLAGS,
    destroy: z.boolean().default(false).describe('Plan the deletion of everything that is recorded.'),
    format: z.enum(['text', 'markdown', 'mermaid']).default('text').describe('How to print the plan.'),
    detailedExitcode: z.boolean().default(false).describe('Exit with 10 when there is something to do.'),
  }),
  output: z.strictObject({
    plan: Plan,
    format: z.enum(['text', 'markdown', 'mermaid']),
    review: Review,
    uncommitted: z.array(z.string()),
    /** Workspaces that read what this plan changes; absent when there are none. */
    downstream: z.array(Downstream).optional(),
  }),
  async run(ports, input, call) {
    const target = await targetOf(ports, input);
    const [view, uncommitted] = await Promise.all([
      look(ports, target, call.signals.abort),
      input.commit === undefined ? target.source.dirty(target.prefix) : [],
    ]);
    const options = {
      targets: input.target,
      excludes: input.exclude,
      destroy: input.destroy,
      allowDeletes: input.allowDeletes ?? null,
    };
    const { plan } = await planView(ports, view, options, call.signals.abort);
    await ports.shelf.keep(plan);
    const downstream = await previewDownstream(ports, view, plan);
    return {
      plan,
      format: input.format,
      review: view.workspace.settings.review,
      uncommitted: [...uncommitted],
      ...(downstream.length === 0 ? {} : { downstream: [...downstream] }),
    };
  },
  text({ plan, format, review, uncommitted, downstream = [] }, { colour, width }) {
    if (format === 'markdown') return renderPlanMarkdown(plan);
    if (format === 'mermaid') return renderPlanMermaid(plan);
    const asksFirst = review === 'required';
    const count = uncommitted.length;
    const note =
      count === 0
        ? ''
        : `\nNot in this plan: ${count} file${count === 1 ? '' : 's'} not committed (${uncommitted.slice(0, 3).join(', ')}).\n`;
    return renderPlanText(plan, { colour, width, asksFirst }) + renderDownstreamText(downstream, width) + note;
  },
  exitCode({ plan }, { detailedExitcode }) {
    return detailedExitcode && plan.changes.length > 0 ? EXIT_PENDING : 0;
  },
});
