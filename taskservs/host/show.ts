import type { HostStep } from '../../schemas/plan.ts';
import type { HostAct } from './act.ts';
import { type StandIns, unmasked } from './stand-in.ts';

/** Acts as whoever reviews them sees them: commands word by word, files before and after, secrets by name. */
export function stepsOf(acts: readonly HostAct[], standIns: StandIns): readonly HostStep[] {
  return acts.filter(act => act.isOurs !== true).map(act => stepOf(act, standIns));
}

function stepOf(act: HostAct, standIns: StandIns): HostStep {
  const shown = (text: string): string => unmasked(text, standIns);
  if (act.do === 'put') {
    const { title, text, before } = act;
    return { title: shown(title), file: { before: before === undefined ? null : shown(before), after: shown(text) } };
  }
  const words = act.do === 'run' ? (act.shown ?? act.argv) : act.argv;
  const asked = act.as === undefined ? words : ['runuser', '-u', act.as, '--', ...words];
  const title = act.do === 'verify' ? `verify: ${act.title}` : act.title;
  // What a command reads says more of it than its words; a reader sees it as a new text.
  const reads = act.do === 'run' && act.stdin !== undefined ? { file: { before: null, after: shown(act.stdin) } } : {};
  return { title: shown(title), command: asked.map(shown), ...reads };
}
