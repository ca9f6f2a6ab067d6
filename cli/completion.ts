import type { CatalogueEntry, Flag } from '../operations/entry.ts';
import { Fault } from '../schemas/fault.ts';

const SHELLS: { readonly [shell: string]: (ways: readonly Way[]) => string } = { bash, zsh, fish };

/** One way to write a command, with what may follow. */
interface Way {
  readonly words: readonly string[];
  readonly summary: string;
  readonly flags: readonly Flag[];
}

/** A script that completes commands, flags and choices. It is written to be sourced and asks the program nothing. */
export function completionScript(shell: string, catalogue: readonly CatalogueEntry[]): string {
  const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
  if (script !== undefined) return script(waysOf(catalogue));
  throw new Fault('usage', {
    id: 'CLI-SHELL',
    what: 'completion needs the name of a shell: bash, zsh or fish',
    fix: 'source <(provisioning completion bash)',
  });
}

function waysOf(catalogue: readonly CatalogueEntry[]): Way[] {
  return catalogue.flatMap(entry =>
    [...entry.aliases, entry.name.replace('.', ' ')].map(way => ({
      words: way.split(' '),
      summary: entry.summary,
      flags: entry.flags.filter(flag => flag.positional !== true),
    })),
  );
}

function firstWords(ways: readonly Way[]): string[] {
  return [...new Set([...ways.map(way => way.words[0] ?? ''), 'completion', 'help'])].sort();
}

function flagWords(way: Way): string[] {
  return [
    ...way.flags.flatMap(flag => [`--${flag.name}`, ...(flag.short === undefined ? [] : [`-${flag.short}`])]),
    '--json',
    '--help',
  ];
}

/** `noun=verb verb` for every noun. */
function verbsOf(ways: readonly Way[]): Map<string, string[]> {
  const verbs = new Map<string, string[]>();
  for (const { words } of ways) {
    const [noun, verb] = words;
    if (noun !== undefined && verb !== undefined) verbs.set(noun, [...(verbs.get(noun) ?? []), verb]);
  }
  return verbs;
}

function bash(ways: readonly Way[]): string {
  const choices = [
    ...new Map(
      ways
        .flatMap(way => way.flags)
        .filter(flag => flag.choices !== undefined)
        .map(flag => [flag.name, flag] as const),
    ).values(),
  ];
  return `# bash completion for provisioning
_provisioning() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} flags='--json --help' verbs=''
  COMPREPLY=()
  case $before in
${choices.map(flag => `    --${flag.name}) COMPREPLY=($(compgen -W '${flag.choices?.join(' ') ?? ''}' -- "$word")); return ;;`).join('\n')}
    -C|--directory) COMPREPLY=($(compgen -d -- "$word")); return ;;
    completion) COMPREPLY=($(compgen -W 'bash zsh fish' -- "$word")); return ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '${firstWords(ways).join(' ')} --help --version' -- "$word"))
    return
  fi
  if [ "$COMP_CWORD" -eq 2 ]; then
    case \${COMP_WORDS[1]} in
${[...verbsOf(ways)].map(([noun, verbs]) => `      ${noun}) verbs='${verbs.join(' ')}' ;;`).join('\n')}
    esac
  fi
  case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${[...ways]
  .sort((a, b) => b.words.length - a.words.length)
  .map(
    way => `    '${way.words.join(' ')}${way.words.length === 1 ? " '" : "'"}*) flags='${flagWords(way).join(' ')}' ;;`,
  )
  .join('\n')}
  esac
  COMPREPLY=($(compgen -W "$verbs $flags" -- "$word"))
}
complete -F _provisioning provisioning
`;
}

/** Text inside single quotes of zsh and fish. */
function quoted(text: string): string {
  return text.replace(/'/g, '’').replace(/[[\]:]/g, ' ');
}

function zsh(ways: readonly Way[]): string {
  const first = firstWords(ways).map(word => `'${word}:${quoted(summaryOf(ways, word))}'`);
  const argument = (flag: Flag): string => {
    const value =
      flag.type === 'boolean'
        ? ''
        : `:${flag.name}:${flag.choices === undefined ? (flag.short === 'C' ? '_files -/' : ' ') : `(${flag.choices.join(' ')})`}`;
    return `'--${flag.name}[${quoted(flag.description)}]${value}'`;
  };
  const caseOf = (way: Way): string =>
    `    '${way.words.join(' ')}') _arguments ${[...way.flags.map(argument), "'--json[print JSON]'", "'--help[show help]'", "'*:argument: '"].join(' ')} ;;`;
  return `#compdef provisioning
_provisioning() {
  local -a first verbs
  first=(${first.join(' ')})
  if (( CURRENT == 2 )); then _describe command first; return; fi
  case $words[2] in
${[...verbsOf(ways)].map(([noun, verbs]) => `    ${noun}) verbs=(${verbs.join(' ')}) ;;`).join('\n')}
    completion) verbs=(bash zsh fish) ;;
  esac
  local name=$words[2]
  if (( \${verbs[(Ie)$words[3]]} )); then name="$words[2] $words[3]"
  elif (( CURRENT == 3 )) && [[ $words[3] != -* ]] && (( $#verbs )); then compadd -a verbs; fi
  case $name in
${ways.map(caseOf).join('\n')}
  esac
}
compdef _provisioning provisioning
`;
}

function summaryOf(ways: readonly Way[], word: string): string {
  const own = ways.find(way => way.words.length === 1 && way.words[0] === word);
  if (own !== undefined) return own.summary;
  const verbs = ways.filter(way => way.words[0] === word).map(way => way.words[1] ?? '');
  return verbs.length > 0 ? verbs.join(', ') : word === 'help' ? 'Help for a command' : 'Print a completion script';
}

function fish(ways: readonly Way[]): string {
  const lines = ['# fish completion for provisioning', 'complete -c provisioning -f'];
  for (const word of firstWords(ways)) {
    lines.push(`complete -c provisioning -n __fish_use_subcommand -a ${word} -d '${quoted(summaryOf(ways, word))}'`);
  }
  for (const [noun, verbs] of [...verbsOf(ways), ['completion', ['bash', 'zsh', 'fish']] as const]) {
    const unseen = `__fish_seen_subcommand_from ${noun}; and not __fish_seen_subcommand_from ${verbs.join(' ')}`;
    lines.push(`complete -c provisioning -n '${unseen}' -a '${verbs.join(' ')}'`);
  }
  for (const way of ways) {
    const seen = way.words.map(word => `__fish_seen_subcommand_from ${word}`).join('; and ');
    for (const flag of way.flags) {
      const letter = flag.short === undefined ? '' : ` -s ${flag.short}`;
      const value =
        flag.type === 'boolean' ? '' : flag.choices === undefined ? ' -r' : ` -x -a '${flag.choices.join(' ')}'`;
      lines.push(
        `complete -c provisioning -n '${seen}' -l ${flag.name}${letter}${value} -d '${quoted(flag.description)}'`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}
