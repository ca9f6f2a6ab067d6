#!/usr/bin/env node
// The first thing that runs. It loads nothing that a short answer does not need.
import { CATALOGUE } from '../operations/catalogue.ts';
import type { Redactor } from '../platform/redact/port.ts';
import { createRedactor } from '../platform/redact/redactor.ts';
import { asFault, FAULT_CODES } from '../schemas/fault.ts';
import { parseCommandLine, type Request, wantsJson } from './args.ts';
import { flush, openTerminal, type Terminal } from './terminal.ts';
import { VERSION } from './version.ts';

async function answer(request: Request, terminal: Terminal, redactor: Redactor): Promise<number> {
  switch (request.kind) {
    case 'version':
      terminal.out(`${VERSION}\n`);
      return 0;
    case 'overview':
      terminal.out((await import('./help.ts')).overview(CATALOGUE));
      return 0;
    case 'noun':
      terminal.out((await import('./help.ts')).nounHelp(request.noun, CATALOGUE));
      return 0;
    case 'help':
      terminal.out((await import('./help.ts')).commandHelp(request.entry));
      return 0;
    case 'completion':
      terminal.out((await import('./completion.ts')).completionScript(request.shell, CATALOGUE));
      return 0;
    case 'run':
      return (await import('./run.ts')).runOperation(request, terminal, redactor);
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const redactor = createRedactor();
  const terminal = openTerminal(redactor);
  try {
    return await answer(parseCommandLine(argv, CATALOGUE), terminal, redactor);
  } catch (error) {
    const fault = asFault(error);
    const { printFault } = await import('./faults.ts');
    printFault(fault, { terminal, json: wantsJson(argv), debug: process.env['PROVISIONING_DEBUG'] === '1' });
    return FAULT_CODES[fault.code];
  }
}

const status = await main(process.argv.slice(2));
await flush();
// Connections that are kept open for later must not keep the program.
process.exit(status);
