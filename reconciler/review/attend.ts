import { asFault } from '../../schemas/fault.ts';
import type { PassOptions } from '../pass.ts';
import type { PassReport } from '../report.ts';
import type { Target } from '../target.ts';
import { advance } from './advance.ts';
import type { ReviewContext } from './context.ts';
import { syncDrift } from './drift-issue.ts';

/** Brings one workspace to the head of its branch, and its standing issue about drift into line with what was seen. */
export async function attend(ctx: ReviewContext, target: Target, options: PassOptions): Promise<PassReport> {
  const report = await advance(ctx, target, options);
  try {
    await syncDrift(ctx, target, report);
  } catch (error) {
    const fault = asFault(error);
    if (fault.code === 'bug') throw error;
    ctx.ports.log.write('warning', 'the issue about drift could not be written', {
      workspace: report.workspace ?? '',
      what: fault.problems[0]?.what ?? fault.code,
    });
  }
  return report;
}
