import type { Redactor } from '../platform/redact/port.ts';

/** What the two output streams can do. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Standard output is a terminal that shows colours, and NO_COLOR is not set. */
  readonly colour: boolean;
  /** Standard error is a terminal on which lines can be written over. */
  readonly live: boolean;
  /** Standard output is a terminal. */
  readonly shown: boolean;
  /** A person can be asked. */
  readonly attended: boolean;
  /** Columns. */
  readonly width: number;
}

/** The terminal of this process. Whoever reads may close a stream at any time: that ends no run and prints nothing. Every text passes the redactor first. */
export function openTerminal(
  redactor: Redactor,
  environment: { readonly [name: string]: string | undefined } = process.env,
): Terminal {
  const { stdout, stderr, stdin } = process;
  const ignore = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
  };
  stdout.on('error', ignore);
  stderr.on('error', ignore);
  const plain = environment['TERM'] === 'dumb';
  const noColour = (environment['NO_COLOR'] ?? '') !== '';
  return {
    out: text => void stdout.write(redactor.text(text)),
    err: text => void stderr.write(redactor.text(text)),
    colour: stdout.isTTY === true && !plain && !noColour,
    live: stderr.isTTY === true && !plain && environment['CI'] === undefined,
    shown: stdout.isTTY === true,
    attended: stdin.isTTY === true && stderr.isTTY === true,
    width: Math.max(40, stdout.columns ?? stderr.columns ?? 80),
  };
}

/** Resolves when everything written so far has left the process. */
export async function flush(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    if (!stream.destroyed && stream.writable) await new Promise<void>(resolve => stream.write('', () => resolve()));
  }
}
