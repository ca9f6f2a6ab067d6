import type { RunView, StepView } from '../../../schemas/review.ts';
import type { Plan } from '../../../schemas/plan.ts';
import { cutText } from '../../show.ts';
import { code, prose } from '../escape.ts';
import { counted, durationText } from './words.ts';

/** Each state of a step by sign and word: colour alone tells nobody anything. */
export const STEP_SIGNS: { readonly [status in StepView['status']]: string } = {
  waiting: '·',
  running: '▶',
  done: '✓',
  failed: '✗',
  skipped: '–',
};

const OUTCOMES: { readonly [outcome in RunView['outcome']]: string } = {
  running: '▶ applying',
  done: '✓ applied',
  failed: '✗ failed',
  stopped: '… stopped, goes on later',
  'rolled-back': '✗ failed and taken back',
  superseded: '– superseded by a later run',
};

/** Head of the table of steps. */
export const STEP_HEAD = '| | Step | Change | Reason |\n|---|---|---|---|\n';

/** One step as a row below `STEP_HEAD`. */
export function stepRow({ status, key, text }: StepView): string {
  return `| ${STEP_SIGNS[status]} | ${status} | ${code(key)} | ${prose(cutText(text, 300))} |\n`;
}

/** `✓ applied, 4 of 4 steps, 4 checkpoints, 3 min 20 s`. */
export function runText({ outcome, steps, checkpoints, durationMs }: RunView): string {
  const done = steps.filter(({ status }) => status === 'done').length;
  return [
    OUTCOMES[outcome],
    `${done} of ${counted(steps.length, 'step')}`,
    ...(checkpoints > 0 ? [counted(checkpoints, 'checkpoint')] : []),
    ...(durationMs === null ? [] : [durationText(durationMs)]),
  ].join(', ');
}

/** A bar of twenty signs: how much of the work is settled. */
export function progressBar(done: number, total: number): string {
  const filled = total === 0 ? 20 : Math.floor((done * 20) / total);
  return `${'█'.repeat(filled)}${'░'.repeat(20 - filled)}`;
}

/**
 * What cannot be had back, each as a sentence: of what was done, and of what was deleted and then made anew by the
 * rollback (`undone` holds the rollback's own keys).
 */
export function irreversible(plan: Plan | null, { steps, undone }: RunView): string[] {
  const done = new Set(steps.filter(({ status }) => status === 'done').map(({ key }) => key));
  const back = new Set(undone);
  const lost = (plan?.changes ?? []).filter(({ key, action, address, inverse, risk }) => {
    const loses = inverse.loses.length > 0 || inverse.reversible === 'no';
    const wasDone = done.has(key) || (action === 'delete' && back.has(`create ${address}`));
    return loses && risk !== 'none' && wasDone;
  });
  return lost.map(({ address, inverse }) => {
    const what = inverse.loses.length > 0 ? inverse.loses.join(', ') : 'its former state';
    return `${code(address)}: ${prose(what)}`;
  });
}
