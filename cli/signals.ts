/** The two ways to interrupt, and the end of listening for them. */
export interface SignalWatch {
  readonly signals: { readonly stop: AbortSignal; readonly abort: AbortSignal };
  close(): void;
}

/** What the shell reports for a program that SIGINT ended. */
const INTERRUPTED = 130;

/**
 * Ctrl-C once: what is in flight finishes. Twice: nothing is waited for, which is safe because every step is on record.
 * Three times: the process ends at once.
 */
export function watchSignals(options: {
  readonly say: (line: string) => void;
  readonly resumable: boolean;
}): SignalWatch {
  const stop = new AbortController();
  const abort = new AbortController();
  const received = (): void => {
    if (abort.signal.aborted) process.exit(INTERRUPTED);
    if (stop.signal.aborted) {
      options.say('Stopping without waiting. What was sent is looked up by the next apply.');
      abort.abort(new Error('interrupted'));
      return;
    }
    options.say(
      options.resumable
        ? 'Stopping after the steps in flight. The same command goes on from there; Ctrl-C again does not wait.'
        : 'Stopping.',
    );
    stop.abort(new Error('interrupted'));
    if (!options.resumable) abort.abort(new Error('interrupted'));
  };
  process.on('SIGINT', received);
  process.on('SIGTERM', received);
  return {
    signals: { stop: stop.signal, abort: abort.signal },
    close() {
      process.off('SIGINT', received);
      process.off('SIGTERM', received);
    },
  };
}
