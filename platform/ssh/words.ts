import type { HostCommand } from '../../schemas/host.ts';
import { refused } from './failure.ts';

/** Linux gives one word at most 128 KiB, and the whole line is one word of the login shell. */
const LINE_BYTES = 120 * 1_024;

/** Whole seconds after which the host ends a command. */
export function limitS(timeoutMs: number): number {
  return Math.max(1, Math.ceil(timeoutMs / 1_000));
}

/**
 * A command as the one line that SSH can carry. The login shell of the host reads it, so every word stands in single
 * quotes, where a POSIX shell takes each character for itself. `timeout` makes a process group and kills all of it. It
 * asks nobody first: it would look away as soon as its own child had ended, and leave those who do not listen. It runs as
 * root where the command does, because nobody else could kill that.
 */
export function commandLine(command: Pick<HostCommand, 'argv' | 'timeoutMs'>, sudo: boolean): string {
  checkWords(command.argv);
  const within = ['timeout', '-s', 'KILL', '--', String(limitS(command.timeoutMs)), ...command.argv];
  const line = `exec ${(sudo ? ['sudo', '-n', '--', ...within] : within).map(quoted).join(' ')}`;
  if (Buffer.byteLength(line) > LINE_BYTES)
    throw refused('invalid-input', 'too-long', 'a command is longer than 120 KiB: give the text on its input instead');
  return line;
}

/** One word of a POSIX shell that means exactly this text. */
export function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

function checkWords(argv: readonly string[]): void {
  const [program = ''] = argv;
  if (program === '') throw refused('invalid-input', 'no-program', 'a command names no program');
  for (const word of argv) {
    if (word.includes('\0')) throw refused('invalid-input', 'nul', 'a word of a command holds a NUL character');
    // Half of a surrogate pair cannot be written in UTF-8: the host would get another text.
    if (/\p{Surrogate}/u.test(word))
      throw refused('invalid-input', 'half-character', 'a word of a command holds half a character');
  }
}
