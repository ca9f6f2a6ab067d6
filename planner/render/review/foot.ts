import type { ReviewView, WorkspaceView } from '../../../schemas/review.ts';
import { code } from '../escape.ts';

/** Workspaces whose digests are listed. */
const LISTED = 40;

const COMMANDS = [
  ['plan', 'plan again; for a fork: with all accounts'],
  ['approve', 'agree to exactly these plans, where comments approve'],
  ['apply', 'agree to a plan that changed after the review'],
  ['hold', 'start nothing new in these workspaces'],
  ['resume', 'end the hold'],
  ['exclude <address>', 'leave out a resource and what needs it'],
  ['allow-deletes <number>', 'acknowledge exactly so many deletions'],
  ['rollback', 'take back what this pull request changed'],
  ['help', 'list the commands'],
] as const;

/** The fold at the end: what can be asked for, and which commits and plans this is about. */
export function reviewFoot({ head, base, workspaces }: ReviewView): string {
  const rows = COMMANDS.map(([command, text]) => `| \`/provisioning ${command}\` | ${text} |\n`).join('');
  const plans = workspaces.flatMap(one => (one.plan === null ? [] : [planLine(one)]));
  const more = plans.length > LISTED ? [`- and ${plans.length - LISTED} more`] : [];
  return [
    '\n<details><summary>Commands, commits and plans</summary>\n',
    `| Comment | What it does |\n|---|---|\n${rows}`,
    `- head ${code(head)}`,
    `- base ${code(base.sha)} of ${code(base.branch)}`,
    ...plans.slice(0, LISTED),
    ...more,
    '\n</details>\n',
  ].join('\n');
}

function planLine({ workspace, plan }: WorkspaceView): string {
  return `- plan of ${code(workspace)} ${code(plan?.digest ?? '')}`;
}
