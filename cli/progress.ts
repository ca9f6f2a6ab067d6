import type { Clock } from '../schemas/world.ts';
import { openBlock } from './block.ts';
import type { Terminal } from './terminal.ts';
import { emptyTally, eventLine, tallyOf } from './tally.ts';

/** Shows what a run is doing. Everything but `say` text goes to standard error. */
export interface Progress {
  /** Takes one event; what is unknown shows nothing. */
  readonly take: (event: unknown) => void;
  /** Prints a line above whatever is written over. */
  readonly say: (line: string) => void;
  /** Leaves the last state standing. Safe to call twice. */
  end(): void;
}

/** On a terminal a block of lines that is written over; otherwise one plain line for each thing that ends. */
export function openProgress(options: { readonly terminal: Terminal; readonly clock: Clock; readonly quiet: boolean }): Progress {
  const { terminal, clock, quiet } = options;
  const block = terminal.live && !quiet ? openBlock(terminal, clock) : null;
  let tally = emptyTally();
  const say = (line: string): void => (block === null ? terminal.err(`${line}\n`) : block.above(`${line}\n`));
  return {
    say,
    take(event) {
      tally = tallyOf(tally, event, clock.monotonic());
      const text = spoken(event);
      if (text !== null) {
        block?.clear();
        (quiet ? terminal.err : terminal.out)(text.endsWith('\n') ? text : `${text}\n`);
      }
      if (block !== null) block.show(tally);
      else {
        const line = eventLine(event, tally);
        if (line !== null) terminal.err(`${line}\n`);
      }
    },
    end() {
      block?.close();
    },
  };
}

/** Text that an operation wants to tell while it goes on. */
function spoken(event: unknown): string | null {
  const said = event as { readonly event?: unknown; readonly text?: unknown } | null;
  return said?.event === 'say' && typeof said.text === 'string' ? said.text : null;
}
