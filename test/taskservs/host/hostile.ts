import { seeded } from '../../../platform/demo-cloud/random.ts';

/** Texts that make a shell, or a program that is careless with its words, do `touch` on a marker. */
function pieces(marker: string): readonly string[] {
  const does = `touch ${marker}`;
  const started = [
    `$(${does})`,
    `\`${does}\``,
    `;${does};`,
    `\n${does}\n`,
    `|${does}`,
    `||${does}||`,
    `&${does}&`,
    `&&${does}`,
    `'$(${does})'`,
    `';${does};'`,
    `";${does};"`,
    `'"\`${does}\`"'`,
    `\\';${does};\\'`,
    `\\";${does};\\"`,
    `$'\\n'${does}`,
    `\${IFS}$(touch\${IFS}${marker})`,
    `\${x:=$(${does})}`,
    `$((\`${does}\`))`,
    `<(${does})`,
    `>${marker}`,
    `>>${marker}`,
    `{${does},}`,
    `\nEOF\n${does}\n`,
    `#\n${does}`,
    `() { :; }; ${does}`,
    `-exec ${does} ;`,
    `--checkpoint-action=exec=${does}`,
    `-I{} ${does}`,
  ];
  const odd = [
    '-rf',
    '--',
    '-',
    '{}',
    '%s%n',
    '*',
    '?',
    '[a-z]',
    '~',
    '$',
    '$$',
    '$1',
    '$@',
    '!',
    '!!',
    '\\',
    '\\\\',
    '\\0',
  ];
  const blank = [
    ' ',
    '\t',
    '\r\n',
    '\n',
    '\u000b',
    '\u00a0',
    '\u2028',
    '\ufeff',
    '\u202e',
    '\u001b[2J',
    '\u0007',
    '\u007f',
  ];
  const letters = [
    "'",
    '"',
    '`',
    "''",
    '""',
    "'\"'\"'",
    'é',
    '日本',
    '👩‍👩‍👧',
    '\u0301',
    'a',
    'Z9',
    '../',
    '/',
    ':',
    '=',
    '${',
    '}',
  ];
  return [...started, ...started, ...odd, ...blank, ...letters];
}

/** Hostile texts from a seed: one to six pieces each. The same count gives the same texts. */
export function hostileValues(count: number, marker: string): readonly string[] {
  const random = seeded(17);
  const all = pieces(marker);
  const pick = (): string => all[Math.floor(random() * all.length)] ?? '';
  return Array.from({ length: count }, () => Array.from({ length: 1 + Math.floor(random() * 6) }, pick).join(''));
}
