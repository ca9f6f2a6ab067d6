import type { Json } from './json.ts';
import type { Position } from './position.ts';

/**
 * The closed set of reasons for which a request can end without success. The code says who must act next, and is the
 * exit code of the command line.
 */
export const FAULT_CODES = {
  /** A defect of this program: report it. */
  bug: 1,
  /** The request itself was wrong: the caller corrects it. */
  usage: 2,
  /** A workspace file is wrong: its author corrects it. */
  invalid: 3,
  /** Refused by a brake or a protection, stale, or not approved: a reviewer decides. */
  refused: 4,
  /** Some changes were made and some failed: an operator looks at the run. */
  partial: 5,
  /** Another process holds the workspace: wait. */
  locked: 6,
  /** Git, a cloud or the disk did not answer: it is retried later. */
  unavailable: 7,
  /** No permission. */
  denied: 8,
  /** Recorded state, a journal or a secret does not check out: an operator decides. */
  integrity: 9,
} as const;
export type FaultCode = keyof typeof FAULT_CODES;

/** Exit code of `plan` and `drift` with `--detailed-exitcode` when there is something to do. */
export const EXIT_PENDING = 10;

/** One thing that is wrong, with its place, the reason and the remedy. Never holds the value of a secret or a parser's raw message. */
export interface Problem {
  /** Stable identifier, for example `WS-DUPKEY`. Prefixes: WS files, CLI, GIT, PR provider replies, ST state, RUN apply. */
  readonly id: string;
  readonly at?: Position;
  /** Further places, for example the first use of a key that is used twice. */
  readonly also?: readonly Position[];
  readonly what: string;
  readonly why?: string;
  readonly fix?: string;
}

/** The only error that crosses a folder border. It is serialisable, because it is written to the journal and read after a crash. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly problems: readonly Problem[];
  /** Typed facts for programs, for example `{ holder, epoch }` of a locked workspace. */
  readonly data: { readonly [key: string]: Json };
  /** True when it is certain that nothing was changed anywhere. It is the last line that a person sees. */
  readonly nothingChanged: boolean;

  constructor(
    code: FaultCode,
    problems: Problem | readonly Problem[],
    more: { data?: { readonly [key: string]: Json }; nothingChanged?: boolean; cause?: unknown } = {},
  ) {
    const list = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem];
    super(list[0]?.what ?? code, more.cause === undefined ? {} : { cause: more.cause });
    this.name = 'Fault';
    this.code = code;
    this.problems = list;
    this.data = more.data ?? {};
    this.nothingChanged = more.nothingChanged ?? true;
  }
}

/** A fault as JSON: what is journaled, and what `--json` prints. */
export interface FaultJson {
  readonly code: FaultCode;
  readonly problems: readonly Problem[];
  readonly data: { readonly [key: string]: Json };
  readonly nothingChanged: boolean;
}

/** A fault without its stack and cause: what may be stored and shown. */
export function faultJson(fault: Fault): FaultJson {
  return { code: fault.code, problems: fault.problems, data: fault.data, nothingChanged: fault.nothingChanged };
}

/** Any thrown value as a Fault. What is not a Fault is a defect; its own message is not shown, because it may quote input. */
export function asFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const name = error instanceof Error ? error.name : typeof error;
  return new Fault(
    'bug',
    {
      id: 'BUG',
      what: `an unexpected ${name} stopped this`,
      fix: 'please report it with the output of PROVISIONING_DEBUG=1',
    },
    { cause: error, nothingChanged: false },
  );
}
