import { createInterface } from 'node:readline/promises';
import type { CatalogueEntry } from '../operations/entry.ts';
import type { Call } from '../operations/operation.ts';
import { Fault } from '../schemas/fault.ts';
import { commandOf } from './args.ts';
import type { Progress } from './progress.ts';
import type { Terminal } from './terminal.ts';

/** Asks the person at the terminal; only the word `yes` agrees. Where nobody sits, the question is refused with the flag that answers it. */
export function askFor(
  entry: CatalogueEntry,
  options: {
    readonly terminal: Pick<Terminal, 'attended'>;
    readonly progress: Pick<Progress, 'end'>;
    readonly input?: NodeJS.ReadableStream;
    readonly output?: NodeJS.WritableStream;
  },
): Call['confirm'] {
  const { terminal, progress, input = process.stdin, output = process.stderr } = options;
  return async ({ title, detail }) => {
    if (!terminal.attended) throw unattended(title, entry);
    progress.end();
    const dialogue = createInterface({ input, output });
    const gone = new AbortController();
    dialogue.once('close', () => gone.abort());
    try {
      const text = await dialogue.question(`${detail.trimEnd()}\n\n${title}\nOnly "yes" agrees: `, {
        signal: gone.signal,
      });
      return text.trim() === 'yes';
    } catch (error) {
      // Ctrl-C or Ctrl-D at the question is a no.
      if (gone.signal.aborted) return false;
      throw error;
    } finally {
      dialogue.close();
    }
  };
}

function unattended(title: string, entry: CatalogueEntry): Fault {
  const names = entry.flags.map(flag => flag.name);
  const ways = [
    names.includes('plan') ? `provisioning ${commandOf(entry)} --plan <digest> for a plan that was looked at` : '',
    names.includes('auto-approve') ? '--auto-approve' : '',
  ].filter(way => way !== '');
  return new Fault('refused', {
    id: 'CLI-UNATTENDED',
    what: `nobody can be asked: ${title}`,
    why: 'standard input is not a terminal',
    fix: ways.length > 0 ? ways.join(', or ') : 'run it in a terminal',
  });
}
