import { spelling } from '../../cli/help.ts';
import { range } from '../../cli/values.ts';
import type { Flag } from '../../operations/entry.ts';
import { PERMISSIONS } from '../../operations/permissions.ts';
import { entryOf, type LoadedOperation } from './catalogue.ts';
import { cell, page, table } from './comments.ts';

type Entry = ReturnType<typeof entryOf>;

const ENVIRONMENT = [
  [
    '`PROVISIONING_HOME`',
    'Folder of local files: mirrors, journals, audit log. Default: `$XDG_STATE_HOME/provisioning`, else `~/.local/state/provisioning`.',
  ],
  ['`PROVISIONING_LOG`', '`json` or `text`: show what is noted down as well, on standard error.'],
  ['`PROVISIONING_DEBUG`', '`1`: show the stack of a fault. It may quote input.'],
  ['`NO_COLOR`', 'Anything: no colour.'],
  ['`TERM`, `CI`', '`TERM=dumb`, or any `CI`: plain lines instead of a block that is written over.'],
  ['`PROVISIONING_TEST`, `PROVISIONING_FAILPOINT`', 'See [failpoints](failpoints.md).'],
];

/** Every command with its flags, permission and example. */
export function cliPage(operations: readonly LoadedOperation[]): string {
  const entries = operations.map(({ operation }) => entryOf(operation));
  const overview = entries.map(entry => [
    `[\`${entry.name.replace('.', ' ')}\`](#${anchor(entry)})`,
    shortcuts(entry),
    cell(entry.summary),
  ]);
  return page('Commands', [
    'Every command takes `--json` (one JSON document on standard output, faults too) and `--help`. `provisioning completion bash|zsh|fish` prints a completion script.',
    table(['command', 'shortcut', ''], overview),
    ...entries.map(section),
    '## Permissions',
    "On one's own machine whoever owns the process has all of them, and everybody else has none.",
    table(
      ['permission', 'allows to'],
      Object.entries(PERMISSIONS).map(([name, what]) => [`\`${name}\``, cell(what)]),
    ),
    '## Environment',
    table(['variable', ''], ENVIRONMENT),
    'Exit codes: see [faults](faults.md).',
  ]);
}

function anchor(entry: Entry): string {
  return entry.name.replace('.', '-');
}

function shortcuts(entry: Entry): string {
  return entry.aliases.map(alias => `\`${alias}\``).join(', ');
}

function section(entry: Entry): string {
  const effect = entry.safe ? 'Changes nothing.' : 'Recorded in the audit log before its effect.';
  const short = entry.aliases.length === 0 ? '' : ` Shortcut: ${shortcuts(entry)}.`;
  const parts = [`## ${entry.name.replace('.', ' ')}`, entry.summary];
  if (entry.description !== undefined) parts.push(entry.description);
  parts.push(`\`\`\`sh\n${entry.example}\n\`\`\``, `${effect} Permission: \`${entry.permission}\`.${short}`);
  if (entry.flags.length > 0) parts.push(table(['flag', 'default', ''], entry.flags.map(row)));
  return parts.join('\n\n');
}

function row(flag: Flag): readonly string[] {
  const name = flag.positional === true ? `<${flag.name}>` : spelling(flag).replaceAll('|', '\\|');
  const limits = flag.type === 'int' && flag.min !== undefined ? ` (${range(flag)})` : '';
  const standard =
    flag.required === true
      ? 'required'
      : flag.default === undefined || flag.default === false
        ? ''
        : `\`${flag.default}\``;
  return [`\`${name}\``, standard, cell(`${flag.description.replace(/\.$/, '')}${limits}.`)];
}
