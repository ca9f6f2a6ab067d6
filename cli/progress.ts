import { passText } from '../reconciler/telling.ts';
import type { PassReport } from '../reconciler/report.ts';
import type { ProgressEvent } from '../schemas/progress.ts';
import type { Clock } from '../schemas/world.ts';
import { openBlock } from './block.ts';
import { blockLines, lineOf, NO_TALLY, tallyOf } from './tally.ts';
import type { Terminal } from './terminal.ts';

/** Shows what a run is doing. All but told stories and passes goes to standard error. */
export interface Progress {
  /** Takes one `ProgressEvent`; what is unknown shows nothing. */
  readonly take: (event: unknown) => void;
  /** Prints a line on standard error, above whatever is written over. */
  readonly say: (line: string) => void;
  /** Takes the block away. Safe to call twice. */
  readonly end: () => void;
}

/** How often the block is drawn anew, so that the seconds go on. */
const REDRAW_MS = 250;
const ROWS = 8;

/**
 * On a terminal a block of running changes, written over; otherwise one plain line for each thing that happened.
 * With `quiet` standard output stays free for the one document that is printed there.
 */
export function openProgress(options: {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly quiet: boolean;
}): Progress {
  const { terminal, clock, quiet } = options;
  const block = terminal.live && !quiet ? openBlock(terminal) : null;
  let tally = NO_TALLY;
  const draw = (): void =>
    block?.show(blockLines(tally, { now: clock.monotonic(), width: terminal.width, rows: ROWS }));
  const say = (line: string): void => (block === null ? terminal.err(`${line}\n`) : block.above(`${line}\n`));
  const redraw = block === null ? undefined : setInterval(() => tally.open && draw(), REDRAW_MS).unref();
  return {
    say,
    take(raw) {
      const event = raw as ProgressEvent;
      const told = tellingOf(event, terminal);
      if (told !== null) {
        block?.clear();
        (quiet ? terminal.err : terminal.out)(told.endsWith('\n') ? told : `${told}\n`);
      }
      const line = lineOf(event);
      if (line !== null) say(line);
      tally = tallyOf(tally, event, clock.monotonic());
      draw();
    },
    end() {
      clearInterval(redraw);
      block?.clear();
    },
  };
}

/** Text that belongs to the answer itself: a story, or the passes of a reconciler that goes on. */
function tellingOf(event: ProgressEvent, terminal: Terminal): string | null {
  if (event.event === 'say') return event.text;
  if (event.event === 'pass')
    return passText(event.report as unknown as PassReport, { colour: terminal.colour, width: terminal.width });
  return null;
}
