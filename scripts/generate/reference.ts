import { LIMITS } from '../../schemas/limits.ts';
import { EXIT_PENDING, FAULT_CODES } from '../../schemas/fault.ts';
import type { GeneratedFile } from '../generate.ts';
import type { LoadedOperation } from './catalogue.ts';
import { cell, memberComments, page, table } from './comments.ts';
import { cliPage } from './reference-cli.ts';
import { failpointsPage } from './reference-failpoints.ts';
import { kindsPage } from './reference-kinds.ts';

/** Every page of `docs/reference`. */
export function referenceFiles(operations: readonly LoadedOperation[]): readonly GeneratedFile[] {
  const pages = {
    cli: cliPage(operations),
    kinds: kindsPage(),
    limits: limitsPage(),
    faults: faultsPage(),
    failpoints: failpointsPage(),
  };
  return Object.entries(pages).map(([name, text]) => ({ path: `docs/reference/${name}.md`, text }));
}

/** Units stand last in names: `parseMs`, `treeBytes`. */
const UNITS: readonly (readonly [RegExp, (value: number) => string])[] = [
  [/Bytes$/, value => `${value >= 1 << 20 ? `${value / (1 << 20)} MiB` : `${value / 1024} KiB`}`],
  [/Mib$/, value => `${value} MiB`],
  [/Ms$/, value => (value % 3_600_000 === 0 ? `${value / 3_600_000} h` : `${value / 1000} s`)],
  [/Characters$|Length$/, value => `${value} characters`],
];

function limitsPage(): string {
  const rows = Object.entries(LIMITS).map(([name, value]) => {
    const shown = UNITS.find(([unit]) => unit.test(name))?.[1](value) ?? value.toLocaleString('en-GB');
    return [`\`${name}\``, shown];
  });
  return page('Limits', [
    'Input beyond one of these is refused before it is parsed. They stand in `schemas/limits.ts`.',
    table(['limit', 'value'], rows),
  ]);
}

function faultsPage(): string {
  const comments = memberComments('schemas/fault.ts', 'FAULT_CODES');
  const rows = Object.entries(FAULT_CODES).map(([code, exit]) => [
    `\`${code}\``,
    String(exit),
    cell(comments[code] ?? ''),
  ]);
  const prefixes = [
    ['WS', 'a file of a workspace'],
    ['CLI', 'the command line, the environment or the local folder'],
    ['GIT', 'a repository or a remote'],
    ['PR', 'a provider'],
    ['ST', 'recorded state or the audit log'],
    ['RUN', 'planning and applying'],
    ['BUG', 'this program'],
  ];
  return page('Faults and exit codes', [
    'Whatever ends without success is a fault with one of these codes. The code says who acts next, and is the exit code.',
    table(['code', 'exit', 'who acts next'], rows),
    `Exit code 0 is success. ${EXIT_PENDING} comes only from \`plan\` and \`drift\` with \`--detailed-exitcode\`, when there is something to do.`,
    'A fault holds problems, each with an identifier, a place where there is one, what is wrong, why, and what to do. It ends with "Nothing was changed." when that is certain. With `--json` it is one document: `{ "fault": { "code", "problems": [{ "id", "at", "what", "why", "fix" }], "data", "nothingChanged" } }`.',
    table(['prefix of the identifier', 'it is about'], prefixes),
  ]);
}
