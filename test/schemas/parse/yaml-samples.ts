/** Small generator of numbers from a seed (mulberry32), so that a failing sample can be made again. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export type Random = () => number;

export function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

const KEYS = [
  'server',
  'web-1',
  'size',
  'a',
  'b',
  'labels',
  'x.y',
  'Key',
  'true',
  'null',
  '12',
  '"q k"',
  "'s'",
  '~',
  'a b',
  '-k',
  'n/a',
  '"\\n"',
  'yes',
  '3.5',
  '<<',
  '"a": b',
];
const SCALARS = [
  'small',
  'debian-12',
  '10.0.0.0/16',
  '80',
  '080',
  '1e3',
  '1_000',
  '1.10',
  '.5',
  '5.',
  '-3',
  '-0',
  '+7',
  '0x1f',
  '0o17',
  '.inf',
  '-.INF',
  '.nan',
  'NaN',
  '~',
  'null',
  'Null',
  'nULL',
  'true',
  'False',
  'yes',
  '"quoted # not comment"',
  "'it''s'",
  '"a\\nb"',
  '"\\u00e9"',
  '"tab\\t"',
  '""',
  "''",
  'two words',
  'a:b',
  'a: b',
  'http://x:80/',
  'x #comment',
  'x#y',
  '#only',
  'é',
  '${var.x}',
  '$x',
  '"${a.b}"',
  '|',
  '>',
  '| #c',
  '[a, b]',
  '[]',
  '{}',
  '{ a: 1, b: [x, y] }',
  '{a: 1}',
  '[1, 2, ]',
  '[a b, "c, d"]',
  '{a}',
  '{"a":1}',
  '[[1], [2]]',
  '[a: 1]',
  '[http://x, 10:20]',
  '{ a: {b: c}, d: "e" }',
  '[${a}]',
  '[ , ]',
  '[-1, -a, - b]',
  '&x a',
  '*x',
  '!t a',
  '!!str 5',
  '@a',
  '`a',
  '%a',
  '- a',
  '-',
  '--',
  '---',
  '...',
  '?',
  '? a',
  ':',
  ':a',
  '',
  '',
  '12345678901234567890',
  '9007199254740993',
  '1.0000000000000001',
  '2024-02-30',
  '22:22',
  'a\tb',
  '  spaced  ',
  '<a>',
  '=',
  '(x)',
  '"unclosed',
  "'unclosed",
  ']',
  '}',
  ',',
  '[a',
  '"a" b',
  '"a"#c',
  '"a" #c',
  "'a' # c",
];

/** A text that looks like a workspace file: nested maps and lists, with the odd line that is outside the subset. */
export function sample(random: Random): string {
  const lines: string[] = [];
  const block = (indent: number, depth: number): void => {
    const isList = random() < 0.25;
    const count = 1 + Math.floor(random() * 4);
    for (let index = 0; index < count; index += 1) {
      const pad = ' '.repeat(indent);
      if (random() < 0.08) lines.push(pick(random, ['', '   ', `${pad}# comment`, '# top', `${pad}  # deep`]));
      const lead = isList ? '- ' : '';
      const key = isList && random() < 0.5 ? '' : `${random() < 0.75 ? `k${index}` : pick(random, KEYS)}:`;
      const roll = random();
      if (depth < 4 && roll < 0.3) {
        lines.push(`${pad}${lead}${key}${random() < 0.1 ? ' # c' : ''}`.trimEnd());
        block(indent + (isList && key !== '' ? 4 : random() < 0.9 ? 2 : pick(random, [0, 1, 3, 4])), depth + 1);
      } else if (roll < 0.36) {
        lines.push(`${pad}${lead}${key}${key === '' ? '' : ' '}${pick(random, ['|', '|-', '|+', '>', '|2'])}`);
        const column = indent + pick(random, [2, 2, 2, 4, 0]);
        for (let line = 0; line <= random() * 3; line += 1)
          lines.push(
            pick(random, [
              `${' '.repeat(column)}text ${line}`,
              `${' '.repeat(column)}  more: x`,
              '',
              ' '.repeat(column),
              ' '.repeat(column + 1),
              `${' '.repeat(column)}# in`,
              `${' '.repeat(column)}a\tb`,
            ]),
          );
      } else {
        const value =
          random() < 0.6
            ? pick(random, ['small', 'x', '80', '"q"', 'true', '[a, b]', '{ a: 1 }'])
            : pick(random, SCALARS);
        lines.push(`${pad}${lead}${key}${key === '' ? '' : ' '}${value}`);
      }
    }
  };
  block(0, 0);
  return lines.join('\n') + pick(random, ['\n', '\n', '', '\n\n', '\n# end', '\n  ']);
}

const PIECES = [
  ' ',
  '  ',
  '\n',
  ':',
  ': ',
  '- ',
  '-',
  '#',
  ' #',
  '"',
  "'",
  '[',
  ']',
  '{',
  '}',
  ',',
  '&a',
  '*a',
  '!x',
  '|',
  '>',
  '|-\n',
  '\t',
  '?',
  '? ',
  '---',
  '...',
  '%YAML',
  '~',
  'null',
  '0',
  '1',
  '.',
  '\\',
  '${',
  '$',
  '}',
  '<<: ',
  'é',
  '\u200b',
  '\u{1f600}',
  '=',
  '\n\n',
  '\n  ',
  'a: ',
  '"a": ',
];

/** The text with a few pieces put in, taken out or moved. */
export function mutate(text: string, random: Random): string {
  let result = text;
  const times = 1 + Math.floor(random() * 3);
  for (let time = 0; time < times; time += 1) {
    const at = Math.floor(random() * (result.length + 1));
    const roll = random();
    if (roll < 0.5) result = result.slice(0, at) + pick(random, PIECES) + result.slice(at);
    else if (roll < 0.75) result = result.slice(0, at) + result.slice(at + 1 + Math.floor(random() * 3));
    else if (roll < 0.85) {
      const lines = result.split('\n');
      const line = Math.floor(random() * lines.length);
      lines.splice(line, 1, ' '.repeat(Math.floor(random() * 4)) + (lines[line] ?? '').trimStart());
      result = lines.join('\n');
    } else {
      const lines = result.split('\n');
      lines.splice(Math.floor(random() * lines.length), 0, pick(random, lines));
      result = lines.join('\n');
    }
  }
  return result;
}
