import type { CatalogueEntry, Flag } from '../operations/entry.ts';
import { commandOf, nounOf } from './args.ts';
import { range } from './values.ts';

/** Shortcuts in the order in which people meet them. Others follow by name. */
const ORDER = [
  'demo',
  'init',
  'validate',
  'plan',
  'approve',
  'apply',
  'drift',
  'rollback',
  'destroy',
  'history',
  'graph',
  'reconcile',
];

const EVERYWHERE = [
  ['-C <directory>', 'folder of the workspace'],
  ['--json', 'one JSON document on standard output, faults too'],
  ['--help', 'help for any command'],
  ['--version', 'version of this program'],
] as const;

const EXITS =
  'Exit codes: 0 ok, 1 a bug in us, 2 usage, 3 invalid input, 4 refused, 5 partly applied, 6 locked, 7 something is down,\n8 not allowed, 9 integrity, 10 changes pending (with --detailed-exitcode).';

/** The first page: shortcuts, then everything by noun. */
export function overview(catalogue: readonly CatalogueEntry[]): string {
  const rank = (entry: CatalogueEntry): number =>
    (ORDER.indexOf(entry.aliases[0] ?? '') + ORDER.length + 1) % (ORDER.length + 1);
  const short = catalogue
    .filter(entry => entry.aliases.length > 0)
    .sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
  const long = catalogue.filter(entry => entry.aliases.length === 0);
  const row = (entry: CatalogueEntry): readonly [string, string] => [commandOf(entry), entry.summary];
  return [
    'provisioning: infrastructure automation driven by a Git repository\n',
    'Usage: provisioning <command> [arguments] [--flags]\n',
    `Commands\n${table(short.map(row))}`,
    `More\n${table([...long.map(row), ['completion', 'Print the completion script for bash, zsh or fish.']])}`,
    `Everywhere\n${table(EVERYWHERE)}`,
    `${EXITS}\n`,
    'provisioning <command> --help shows its flags and an example.\n',
  ].join('\n');
}

/** All commands of one noun. */
export function nounHelp(noun: string, catalogue: readonly CatalogueEntry[]): string {
  const entries = catalogue.filter(entry => nounOf(entry) === noun);
  return `Usage: provisioning ${noun} <verb>\n\n${table(entries.map(entry => [entry.name.replace('.', ' '), entry.summary]))}`;
}

/** One command with its flags, permission and an example. */
export function commandHelp(entry: CatalogueEntry): string {
  const positional = entry.flags.filter(flag => flag.positional === true);
  const named = entry.flags.filter(flag => flag.positional !== true);
  const parts = [`${entry.summary}\n`];
  if (entry.description !== undefined) parts.push(`${entry.description}\n`);
  parts.push(usage(entry));
  if (positional.length > 0) parts.push(`Arguments\n${table(positional.map(flag => [place(flag), describe(flag)]))}`);
  parts.push(
    `Flags\n${table([...named.map(flag => [spelling(flag), describe(flag)] as const), ['--json', 'Print one JSON document.']])}`,
  );
  parts.push(`Example\n  ${entry.example}\n`);
  parts.push(
    `${entry.safe ? 'It changes nothing.' : 'It is recorded in the audit log.'} Permission: ${entry.permission}\n`,
  );
  return parts.join('\n');
}

function usage(entry: CatalogueEntry): string {
  const places = entry.flags.filter(flag => flag.positional === true).map(place);
  const ways = [...entry.aliases, entry.name.replace('.', ' ')].map(
    way => `provisioning ${[way, ...places].join(' ')} [--flags]`,
  );
  return `Usage\n${ways.map(way => `  ${way}\n`).join('')}`;
}

function place(flag: Flag): string {
  const name = flag.type === 'list' ? `<${flag.name}>...` : `<${flag.name}>`;
  return flag.required === true ? name : `[${name}]`;
}

/** `-C, --directory <text>`. */
export function spelling(flag: Flag): string {
  const letter = flag.short === undefined ? '' : `-${flag.short}, `;
  return `${letter}--${flag.name}${valueName(flag)}`;
}

function valueName(flag: Flag): string {
  if (flag.type === 'boolean') return '';
  if (flag.type === 'int') return ' <number>';
  return flag.type === 'choice' ? ` <${flag.choices?.join('|') ?? ''}>` : ' <text>';
}

function describe(flag: Flag): string {
  const limits = flag.type === 'int' && flag.min !== undefined ? ` (${range(flag)})` : '';
  const standard = flag.default === undefined || flag.default === false ? '' : ` Default: ${flag.default}.`;
  return `${flag.description.replace(/\.$/, '')}${limits}.${flag.required === true ? ' Required.' : standard}`;
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.min(34, Math.max(...rows.map(([name]) => name.length)));
  return rows
    .map(([name, text]) =>
      name.length > width ? `  ${name}\n  ${' '.repeat(width)}  ${text}\n` : `  ${name.padEnd(width)}  ${text}\n`,
    )
    .join('');
}
