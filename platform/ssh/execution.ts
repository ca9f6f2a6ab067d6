import { constants } from 'node:os';
import type { Client, ClientChannel } from 'ssh2';
import type { Ran } from '../../schemas/host.ts';
import type { ProviderFault } from '../../schemas/provider.ts';
import { refused } from './failure.ts';

/** What is kept of each stream. */
export const KEPT_BYTES = 1 << 20;

/** How much longer than the host we wait for its own end of the time. */
const GRACE_MS = 5_000;

/** How `timeout` ends when it kills its process group. */
const KILLED = 128 + constants.signals.SIGKILL;

/** The answer that a program runs may come a little after it began. */
const ROUNDING_MS = 250;

export interface Execution {
  /** As `commandLine` makes it. */
  readonly line: string;
  readonly stdin: string | Uint8Array;
  /** Time that the host gives the program. */
  readonly limitS: number;
  readonly signal: AbortSignal | undefined;
  /** What runs where, for people: `uptime on root@10.0.0.1`. */
  readonly what: string;
  readonly monotonic: () => number;
  /** Is told that everything was handed to the connection, while the answer is not there yet. */
  readonly sent: () => Promise<void>;
}

/** Runs one line in a channel of its own. See `HostSession.run` for what it throws. */
export function execute(client: Client, execution: Execution): Promise<Ran> {
  const { line, what } = execution;
  return new Promise((resolve, reject) => {
    const notStarted = (): void => reject(refused('transient', 'not-started', `${what} was not started`));
    try {
      client.exec(line, (error, channel) => {
        // Listened to at once: the answer and the end of a short program may come in one packet.
        if (error === undefined) return attend(channel, execution).then(resolve, reject);
        // The host answered that it does not open a channel, or does not run commands. Anything else is silence.
        const answered = 'reason' in error || error.message === 'Unable to exec';
        return answered ? notStarted() : reject(lost(what));
      });
    } catch {
      notStarted();
    }
  });
}

async function attend(channel: ClientChannel, execution: Execution): Promise<Ran> {
  const { what, limitS, monotonic } = execution;
  const began = monotonic();
  const stdout = keep(channel);
  const stderr = keep(channel.stderr);
  const code = await ended(channel, execution);
  if (code === KILLED && monotonic() - began >= limitS * 1_000 - ROUNDING_MS)
    throw refused('unknown-outcome', 'timeout', `${what} was killed after ${limitS} s`);
  return { code, stdout: stdout.text(), stderr: stderr.text(), isCut: stdout.isCut() || stderr.isCut() };
}

function lost(what: string): ProviderFault {
  const message = `the connection was lost while ${what} ran, so how it ended is not known`;
  return refused('unknown-outcome', 'connection-lost', message);
}

/** The exit code, when both streams were read to their end. */
function ended(channel: ClientChannel, { stdin, limitS, signal, what, sent }: Execution): Promise<number> {
  return new Promise((resolve, reject) => {
    let code: number | undefined;
    const settle = (fault?: unknown): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      if (fault === undefined) return code === undefined ? reject(lost(what)) : resolve(code);
      channel.close();
      reject(fault);
    };
    const abort = (): void => settle(refused('unknown-outcome', 'interrupted', `nobody waits for ${what} any more`));
    const late = `${what} did not end within ${limitS} s, and could not be seen to be killed`;
    const timer = setTimeout(() => settle(refused('unknown-outcome', 'timeout', late)), limitS * 1_000 + GRACE_MS);
    channel.on('exit', (status: number | null, name?: string) => {
      code = status ?? 128 + (constants.signals[`SIG${(name ?? '').replace(/^SIG/, '')}` as NodeJS.Signals] ?? 0);
    });
    channel.on('close', () => settle());
    // A program may end without reading what it is given.
    channel.on('error', () => {});
    channel.end(stdin, () => void sent().catch(settle));
    if (signal?.aborted === true) return abort();
    signal?.addEventListener('abort', abort, { once: true });
  });
}

interface Kept {
  text(): string;
  isCut(): boolean;
}

/** The beginning of a stream. The rest is read and dropped: a program that cannot write would wait. */
function keep(stream: NodeJS.ReadableStream): Kept {
  const parts: Buffer[] = [];
  let bytes = 0;
  let isCut = false;
  stream.on('data', (part: Buffer) => {
    const room = KEPT_BYTES - bytes;
    if (part.length > room) isCut = true;
    if (room <= 0) return;
    parts.push(part.subarray(0, room));
    bytes += Math.min(part.length, room);
  });
  return {
    // As a stream a character that the cut divides is left out.
    text: () => new TextDecoder('utf-8', { ignoreBOM: true }).decode(Buffer.concat(parts), { stream: isCut }),
    isCut: () => isCut,
  };
}
