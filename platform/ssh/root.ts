import type { HostCommand, HostTarget, Ran } from '../../schemas/host.ts';
import type { ProviderFault } from '../../schemas/provider.ts';
import { showText } from '../../schemas/problem.ts';
import { nameOf, refused } from './failure.ts';

const QUESTION: HostCommand = { argv: ['true'], timeoutMs: 15_000 };

/** Exit code of a shell that does not find a program. */
const NOT_FOUND = 127;

/** Finds out once whether we may become root on a host, before anything is run so. Throws ProviderFault `forbidden`. */
export function rootGate(target: HostTarget, asRoot: (command: HostCommand) => Promise<Ran>): () => Promise<void> {
  let answer: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    const { code } = await asRoot(QUESTION).catch((error: unknown) => {
      // Whatever became of the question, the command itself was not begun.
      throw refused('transient', 'not-started', `${nameOf(target)} did not say whether we may become root`, error);
    });
    if (code !== 0) throw noSudo(target, code);
  };
  return async () => {
    answer ??= ask();
    // Who was refused may have put it right by the next time.
    answer.catch(() => (answer = undefined));
    await answer;
  };
}

function noSudo(target: HostTarget, code: number): ProviderFault {
  const user = showText(target.user);
  const why = code === NOT_FOUND ? 'has no sudo' : `does not let ${user} become root without a password`;
  const remedy = `it needs sudo and the line \`${user} ALL=(ALL) NOPASSWD: ALL\` in /etc/sudoers.d, or a login as root`;
  return refused('forbidden', 'sudo', `${nameOf(target)} ${why}, so nothing was run: ${remedy}`);
}
