import type { EventEmitter } from 'node:events';

/** The two ways to interrupt, and the end of listening for them. */
export interface SignalWatch {
  readonly signals: { readonly stop: AbortSignal; readonly abort: AbortSignal };
  close(): void;
}

/** What the shell reports for a program that SIGINT ended. */
export const INTERRUPTED = 130;

/** The part of `process` that this needs. */
export interface Interruptible extends Pick<EventEmitter, 'on' | 'off'> {
  exit(status: number): void;
}

/**
 * Ctrl-C once: what is in flight finishes. Twice: nothing is waited for, which is safe because every step is on record.
 * Three times: the process ends at once. What changes nothing stops without waiting the first time.
 */
export function watchSignals(options: {
  readonly say: (line: string) => void;
  readonly resumable: boolean;
  readonly process?: Interruptible;
}): SignalWatch {
  const { say, resumable } = options;
  const source = options.process ?? process;
  const stop = new AbortController();
  const abort = new AbortController();
  const received = (): void => {
    if (abort.signal.aborted) {
      source.exit(INTERRUPTED);
    } else if (stop.signal.aborted || !resumable) {
      say(resumable ? 'Stopping without waiting. What was sent is looked up by the next apply.' : 'Stopping.');
      stop.abort(new Error('interrupted'));
      abort.abort(new Error('interrupted'));
    } else {
      say('Stopping after the steps in flight. The same command goes on from there; Ctrl-C again does not wait.');
      stop.abort(new Error('interrupted'));
    }
  };
  source.on('SIGINT', received);
  source.on('SIGTERM', received);
  return {
    signals: { stop: stop.signal, abort: abort.signal },
    close() {
      source.off('SIGINT', received);
      source.off('SIGTERM', received);
    },
  };
}
