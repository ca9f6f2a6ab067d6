import { type Fault, faultJson } from '../schemas/fault.ts';
import { renderProblems } from '../schemas/problem.ts';
import type { Terminal } from './terminal.ts';

/** Shows why a command did not succeed: to a person on standard error, to a program as `{ fault }` on standard output. */
export function printFault(
  fault: Fault,
  options: { readonly terminal: Terminal; readonly json: boolean; readonly debug: boolean },
): void {
  const { terminal, json, debug } = options;
  if (json) terminal.out(`${JSON.stringify({ fault: faultJson(fault) })}\n`);
  else terminal.err(`${renderProblems(fault)}\n`);
  if (debug) terminal.err(`${stackOf(fault)}\n`);
}

/** The stack of what was thrown first; only for whoever asked for it, because it may quote input. */
function stackOf(fault: Fault): string {
  let error: unknown = fault;
  while (error instanceof Error && error.cause !== undefined) error = error.cause;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
