// `npm run local`: three real hosts on this machine from nothing, used, changed by a push, and gone again. Ctrl-C cleans up.
import { parseArgs } from 'node:util';
import { openLocalWorkspace } from '../../test/local/workspace.ts';
import { EXAMPLE, show, type Tour } from './tour.ts';

const USAGE = `npm run local -- [--keep]
  From nothing to three hosts on this machine with PostgreSQL, Redis and nginx behind HAProxy; an edit; then nothing again.
  --keep   leave everything as it is after the edit, and say how to look around
`;

const { values } = parseArgs({
  options: { keep: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});

if (values.help) process.stdout.write(USAGE);
else process.exitCode = await main();

async function main(): Promise<number> {
  const began = performance.now();
  const seconds = (): string => ((performance.now() - began) / 1_000).toFixed(0);
  const say = (line: string): void => void process.stdout.write(`${seconds().padStart(4)} s  ${line}\n`);
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.on(name, () => stopping.abort(new Error(`stopped by ${name}`)));
  const lab = await openLocalWorkspace('local-shop', { example: EXAMPLE, stop: stopping.signal });
  const tour: Tour = { lab, say, stop: stopping.signal, keep: values.keep };
  const told = async (work: () => Promise<void>): Promise<boolean> => {
    try {
      await work();
      return true;
    } catch (error) {
      const why: unknown = stopping.signal.aborted ? stopping.signal.reason : error;
      say(`✗ ${why instanceof Error ? why.message : String(why)}`);
      return false;
    }
  };
  const isShown = await told(() => show(tour));
  if (values.keep && !stopping.signal.aborted) return isShown ? 0 : 1;
  if (!isShown) say('everything is taken away again');
  const isGone = await told(() => lab.close());
  if (isShown && isGone) say('done: everything was as said');
  return isShown && isGone ? 0 : 1;
}
