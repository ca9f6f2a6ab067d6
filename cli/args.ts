import { parseArgs } from 'node:util';
import type { CatalogueEntry, Flag } from '../operations/entry.ts';
import { Fault } from '../schemas/fault.ts';
import { nearest } from '../schemas/nearest.ts';
import { showText } from '../schemas/problem.ts';
import { flagValue, type Input } from './values.ts';

/** What a command line asks for. */
export type Request =
  | { readonly kind: 'version' }
  | { readonly kind: 'overview' }
  /** All commands of one noun. */
  | { readonly kind: 'noun'; readonly noun: string }
  | { readonly kind: 'help'; readonly entry: CatalogueEntry }
  | { readonly kind: 'completion'; readonly shell: string }
  | { readonly kind: 'run'; readonly entry: CatalogueEntry; readonly input: Input; readonly json: boolean };

/** True when the answer, or the fault, is wanted as JSON. Known before anything is parsed, so that a wrong command line is answered as JSON too. */
export function wantsJson(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end < 0 ? argv : argv.slice(0, end)).includes('--json');
}

/** Words that stand before the command and belong to every one. */
const LEADING: { readonly [word: string]: 'help' | 'json' | 'version' } = {
  '--help': 'help',
  '-h': 'help',
  '--json': 'json',
  '--version': 'version',
  '-V': 'version',
};

/** Understands a command line by the catalogue alone. Throws Fault `usage` that names the nearest thing that exists. */
export function parseCommandLine(argv: readonly string[], catalogue: readonly CatalogueEntry[]): Request {
  const moved: string[] = [];
  let at = 0;
  for (; at < argv.length && argv[at]?.startsWith('-') === true; at += 1) {
    const word = argv[at] ?? '';
    const meaning = LEADING[word];
    if (meaning === 'version') return { kind: 'version' };
    if (meaning !== undefined) moved.push(word);
    else if (word.startsWith('-C')) moved.push(word, ...(word === '-C' ? [argv[(at += 1)] ?? ''] : []));
    else throw unknownFlag(word, ['--help', '--version', '--json', '-C'], 'provisioning --help');
  }
  const words = argv.slice(at);
  const help = moved.some(word => LEADING[word] === 'help');
  if (words[0] === undefined || (words[0] === 'help' && words.length === 1)) return { kind: 'overview' };
  if (words[0] === 'help') return parseCommandLine([...words.slice(1, 3), '--help'], catalogue);
  if (words[0] === 'completion' && !help) return { kind: 'completion', shell: words[1] ?? '' };
  const found = findCommand(words, catalogue);
  if (found.entry === null) {
    if (help || words.includes('--help') || words.includes('-h')) return { kind: 'noun', noun: found.noun };
    throw needsVerb(found.noun, words[1], catalogue);
  }
  return parseFlags(found.entry, [...moved, ...words.slice(found.used)]);
}

interface Found {
  readonly entry: CatalogueEntry | null;
  readonly noun: string;
  /** How many words name the command. */
  readonly used: number;
}

/** `plan show` and `plan` are the same; `plan approve` is not `plan` with an argument. */
function findCommand(words: readonly string[], catalogue: readonly CatalogueEntry[]): Found {
  const [noun = '', verb = ''] = words;
  const full = catalogue.find(entry => entry.name === `${noun}.${verb}`);
  if (full !== undefined) return { entry: full, noun, used: 2 };
  const short = catalogue.find(entry => entry.aliases.includes(noun));
  if (short !== undefined) return { entry: short, noun, used: 1 };
  if (catalogue.some(entry => entry.name.startsWith(`${noun}.`))) return { entry: null, noun, used: 1 };
  const [first, second] = noun.split('.');
  const dotted = second === undefined ? undefined : catalogue.find(entry => entry.name === `${first}.${second}`);
  if (dotted !== undefined) return { entry: dotted, noun, used: 1 };
  throw unknownCommand(noun, catalogue);
}

function unknownCommand(noun: string, catalogue: readonly CatalogueEntry[]): Fault {
  const known = [...catalogue.flatMap(entry => [...entry.aliases, nounOf(entry)]), 'completion', 'help'];
  const meant = nearest(noun, [...new Set(known)]);
  const what = `there is no command "${showText(noun)}"`;
  return new Fault('usage', {
    id: 'CLI-COMMAND',
    what,
    fix: meant === undefined ? 'provisioning --help shows every command' : `did you mean provisioning ${meant}?`,
  });
}

function needsVerb(noun: string, verb: string | undefined, catalogue: readonly CatalogueEntry[]): Fault {
  const verbs = catalogue.filter(entry => nounOf(entry) === noun).map(entry => entry.name.slice(noun.length + 1));
  const known = `it has ${verbs.join(', ')}`;
  if (verb === undefined || verb.startsWith('-')) {
    return new Fault('usage', {
      id: 'CLI-COMMAND',
      what: `${noun} needs a verb: ${known}`,
      fix: `provisioning ${noun} --help`,
    });
  }
  const meant = nearest(verb, verbs);
  const fix = meant === undefined ? `provisioning ${noun} --help` : `did you mean provisioning ${noun} ${meant}?`;
  return new Fault('usage', { id: 'CLI-COMMAND', what: `${noun} has no "${showText(verb)}": ${known}`, fix });
}

export function nounOf(entry: CatalogueEntry): string {
  return entry.name.slice(0, entry.name.indexOf('.'));
}

/** How the command is written most shortly: `plan`, `state list`. */
export function commandOf(entry: CatalogueEntry): string {
  return entry.aliases[0] ?? entry.name.replace('.', ' ');
}

const COMMON = { help: { type: 'boolean', short: 'h' }, json: { type: 'boolean' } } as const;

function parseFlags(entry: CatalogueEntry, args: readonly string[]): Request {
  const named = entry.flags.filter(flag => flag.positional !== true);
  const options = Object.fromEntries(
    named.map(flag => [
      flag.name,
      {
        type: flag.type === 'boolean' ? 'boolean' : 'string',
        ...(flag.short === undefined ? {} : { short: flag.short }),
      } as const,
    ]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options: { ...options, ...COMMON },
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const help = `provisioning ${commandOf(entry)} --help`;
  const given = new Map<string, string[]>();
  const loose: string[] = [];
  let json = false;
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue;
    if (token.kind === 'positional') {
      loose.push(token.value);
      continue;
    }
    if (token.name === 'help') return { kind: 'help', entry };
    if (token.name === 'json') {
      json = true;
      continue;
    }
    const flag = named.find(candidate => candidate.name === token.name);
    if (flag === undefined)
      throw unknownFlag(token.rawName, [...named.map(one => `--${one.name}`), '--json', '--help'], help);
    given.set(flag.name, [...(given.get(flag.name) ?? []), optionText(flag, token)]);
  }
  return { kind: 'run', entry, json, input: inputOf(entry, given, loose) };
}

function optionText(
  flag: Flag,
  token: { readonly value?: string | undefined; readonly inlineValue?: boolean | undefined },
): string {
  if (flag.type === 'boolean') {
    if (token.value === undefined) return 'true';
    throw new Fault('usage', { id: 'CLI-VALUE', what: `--${flag.name} takes no value: leave it out or give it` });
  }
  const text = token.value ?? '';
  const isFlag = token.inlineValue !== true && /^-[^0-9]/.test(text);
  if (text !== '' && !isFlag) return text;
  const known = flag.choices === undefined ? '' : `; known: ${flag.choices.join(', ')}`;
  throw new Fault('usage', { id: 'CLI-VALUE', what: `--${flag.name} needs a value${known}`, fix: flag.description });
}

/** Gathers positionals and flags into the fields of the input. All that is wrong is said at once. */
function inputOf(
  entry: CatalogueEntry,
  given: ReadonlyMap<string, readonly string[]>,
  loose: readonly string[],
): Input {
  const all = new Map(given);
  const left = [...loose];
  for (const flag of entry.flags.filter(one => one.positional === true)) {
    const taken = left.splice(0, flag.type === 'list' ? left.length : 1);
    if (taken.length > 0) all.set(flag.name, taken);
  }
  const problems: Fault['problems'][number][] = [];
  const fix = `provisioning ${commandOf(entry)} --help`;
  for (const extra of left)
    problems.push({ id: 'CLI-ARGUMENT', what: `"${showText(extra)}" is one argument too many`, fix });
  const input: { [field: string]: Input[string] } = {};
  for (const flag of entry.flags) {
    const texts = all.get(flag.name);
    const label = flag.positional === true ? `<${flag.name}>` : `--${flag.name}`;
    if (texts === undefined) {
      if (flag.required === true)
        problems.push({
          id: 'CLI-MISSING',
          what: `${label} is missing: ${flag.description}`,
          fix: `example: ${entry.example}`,
        });
      continue;
    }
    const result = flagValue(flag, label, texts);
    if ('problem' in result) problems.push(result.problem);
    else input[flag.field] = result.value;
  }
  if (problems.length > 0) throw new Fault('usage', problems);
  return input;
}

/** The value behind an unknown flag is never shown: it may be a password. */
function unknownFlag(raw: string, known: readonly string[], help: string): Fault {
  const name = raw.split('=')[0] ?? raw;
  const meant = nearest(name, known);
  const secret = /passw|secret|token|credential|api-?key/i.test(name);
  return new Fault('usage', {
    id: 'CLI-FLAG',
    what: `there is no flag ${showText(name)}`,
    ...(secret
      ? {
          why: 'a secret is never given as an argument: everybody on this machine can read arguments in the process list',
        }
      : {}),
    fix: meant === undefined ? help : `did you mean ${meant}?`,
  });
}
