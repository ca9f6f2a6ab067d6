import type { Annotation } from '../../../schemas/forge.ts';
import { sentence } from '../pieces.ts';
import type { Change, Finding } from '../../../schemas/plan.ts';
import type { WorkspaceView } from '../../../schemas/review.ts';
import { cutText, plainText } from '../../show.ts';
import { partOf, placeOf } from './problems.ts';

const LEVELS = { error: 'failure', warning: 'warning', note: 'notice' } as const;
/** Characters of a title that Git hosts take. */
const TITLE = 255;
/** Characters of a text: the host takes 64 KiB, and people far less. */
const TEXT = 2_000;

/** Findings and problems of a workspace that have a place, at their lines in the repository; the worst first. */
export function annotationsOf({ plan, fault }: WorkspaceView): Annotation[] {
  if (plan === null) {
    return (fault?.problems ?? []).flatMap(problem => {
      const text = [partOf(problem, 'why'), partOf(problem, 'fix')];
      return annotation(placeOf(problem), { level: 'error', id: problem.id, what: problem.what, text });
    });
  }
  const order = ['error', 'warning', 'note'] as const;
  return order.flatMap(level =>
    plan.findings
      .filter(finding => finding.level === level)
      .flatMap(({ id, what, why, fix, at }) => annotation(at, { level, id, what, text: [why ?? '', fix ?? ''] })),
  );
}

interface Said {
  readonly level: Finding['level'];
  readonly id: string;
  readonly what: string;
  /** Why, and what to do. */
  readonly text: readonly string[];
}

function annotation(at: Change['at'], { level, id, what, text }: Said): Annotation[] {
  if (at === undefined) return [];
  const [why = '', fix = ''] = text.map(plainText);
  const parts = [
    sentence(plainText(what)),
    ...(why === '' ? [] : [`Why: ${sentence(why)}`]),
    ...(fix === '' ? [] : [`Fix: ${sentence(fix)}`]),
  ];
  return [
    {
      file: at.file,
      line: Math.max(1, at.line),
      level: LEVELS[level],
      title: cutText(plainText(`${id}: ${what}`), TITLE),
      text: cutText(parts.join('\n'), TEXT),
    },
  ];
}
