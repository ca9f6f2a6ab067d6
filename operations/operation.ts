import type { z } from 'zod';
import type { Ports } from '../reconciler/ports.ts';

/** How an answer is shown to a person. */
export interface Rendering {
  readonly colour: boolean;
  /** Columns of the terminal; 80 where there is none. */
  readonly width: number;
}

/** Who asks, and how the question may be interrupted, followed and confirmed. Every door makes its own. */
export interface Call {
  /** The person or program as the door authenticated it. */
  readonly actor: string;
  /** `stop` lets what is in flight finish; `abort` does not wait. */
  readonly signals: { readonly stop: AbortSignal; readonly abort: AbortSignal };
  /** Takes a `ProgressEvent`. A door shows what it knows and drops the rest. */
  progress(event: unknown): void;
  /** True when a person agreed. Throws Fault `refused` where nobody can be asked. */
  confirm(question: { readonly title: string; readonly detail: string }): Promise<boolean>;
  /** A value that stands in no argument: what is piped in, or typed without being shown. Absent where a door takes none. */
  readSecret?(prompt: string): Promise<Uint8Array>;
  /** The answer is shown to a person at a terminal, and goes nowhere else. */
  readonly isShown?: boolean;
}

/**
 * Everything that can be asked, described once. The command, its help, completion, reference, permission check and audit
 * record are derived from it. Only `invoke` calls `run`.
 *
 * The input has flat fields: string, boolean, int, enum or list of strings, each optional or with a default. A field with
 * `.meta({ positional: true })` is given without its name; `.meta({ short: 'C' })` adds a letter.
 */
export interface Operation<I extends z.ZodObject = z.ZodObject, O extends z.ZodType = z.ZodType> {
  /** `noun.verb`, as the file is named. */
  readonly name: string;
  /** Shortcuts at the top level of the command line. */
  readonly aliases?: readonly string[];
  /** One sentence for the overview. */
  readonly summary: string;
  /** More than the summary, for the help of this command alone. */
  readonly description?: string;
  /** A full command line that works. */
  readonly example: string;
  /** `noun:verb`, one of `PERMISSIONS`. */
  readonly permission: string;
  /** True when it changes nothing anywhere. Everything else is audited. */
  readonly safe: boolean;
  /** It goes on until it is stopped, so what it notes down is shown as it happens. */
  readonly service?: boolean;
  readonly input: I;
  readonly output: O;
  /** Throws Fault and nothing else, unless it has a defect. */
  run(ports: Ports, input: z.output<I>, call: Call): Promise<z.input<O>>;
  /** The answer as a person reads it, ending in a line end. */
  text(output: z.output<O>, rendering: Rendering): string;
  /** Exit code of an answer that is not plain success. */
  exitCode?(output: z.output<O>, input: z.output<I>): number;
}

/** Keeps the types of input and output together while an operation is written. */
export function defineOperation<I extends z.ZodObject, O extends z.ZodType>(
  operation: Operation<I, O>,
): Operation<I, O> {
  return operation;
}
