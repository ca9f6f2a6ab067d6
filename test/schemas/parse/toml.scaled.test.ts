import { getStaticTOMLValue, parseTOML } from 'toml-eslint-parser';
import { describe, expect, test } from 'vitest';
import { parseFile } from '../../../schemas/parse/document.ts';
import type { Document, Node } from '../../../schemas/parse/node.ts';
import { plainValue } from '../../../schemas/parse/source.ts';
import { scaled } from '../../scaled.ts';
import { pick, type Random, randomFrom } from './yaml-samples.ts';

function read(text: string): Document {
  return parseFile('a.toml', Buffer.from(text));
}

/** Offsets of all scalars in order of the text. */
function scalars(node: Node): number[] {
  if (node.kind === 'scalar') return [node.at];
  return (node.kind === 'list' ? node.items : node.entries.map(entry => entry.node)).flatMap(scalars);
}

/** The same by toml-eslint-parser, which has a grammar of its own. */
function scalarsBy(text: string): number[] {
  const found: number[] = [];
  JSON.stringify(parseTOML(text), (key, value: unknown) => {
    if (key === 'parent' || key === 'tokens' || key === 'comments' || key === 'key') return undefined;
    if (typeof value === 'object' && value !== null && (value as { type?: unknown }).type === 'TOMLValue') {
      found.push((value as { range: [number, number] }).range[0]);
      return undefined;
    }
    return typeof value === 'bigint' ? Number(value) : value;
  });
  return found;
}

const VALUES = [
  '"a # b"',
  "'c \\'",
  '"\\u00e9\\n"',
  '12',
  '-3',
  '1_000',
  '0x1f',
  '1.5',
  'true',
  'false',
  '[1, 2]',
  '["a", # c\n  "b",\n]',
  '{ a = 1, "b c" = "x" }',
  '{}',
  '[]',
  '"""\nx\n"y" ""z"""',
  "'''\na'b'''",
  '2024-02-29',
  '2024-02-29T10:00:00Z',
  '10:11:12',
  '[[1], [{ a = [] }]]',
];
const KEYS = ['a', 'b', '"c d"', "'e'", 'f-1', 'g.h', 'g."i"', '1', 'x . y'];

function sample(random: Random): string {
  const lines: string[] = [];
  const pairs = (prefix: string): void => {
    for (let count = random() * 3; count > 0; count -= 1)
      lines.push(
        `${pick(random, ['', '  '])}${prefix}${lines.length}${pick(random, ['', '.', ' . '])}${random() < 0.3 ? '' : 'k'} ${pick(random, ['=', ' = '])} ${pick(random, VALUES)}${pick(random, ['', ' # c'])}`.replace(
          /(\d)( ?\. ?) {2}/,
          '$1 ',
        ),
      );
  };
  pairs('r');
  for (let count = random() * 4; count > 0; count -= 1) {
    const key = pick(random, KEYS);
    lines.push(
      random() < 0.3 ? `[[l${pick(random, ['', '1'])}]]` : `[t${lines.length}.${key}]`,
      pick(random, ['', '# comment']),
    );
    pairs('p');
  }
  return `${lines.join('\n')}\n`;
}

describe('TOML', () => {
  test('has the values and places that toml-eslint-parser gives', () => {
    const random = randomFrom(7);
    let compared = 0;
    for (let index = 0; index < scaled(250, 1_500); index += 1) {
      const text = sample(random);
      let expected: unknown;
      try {
        expected = JSON.parse(JSON.stringify(getStaticTOMLValue(parseTOML(text))));
      } catch {
        expect({ text, root: read(text).root }).toEqual({ text, root: null });
        continue;
      }
      const { root, flaws } = read(text);
      expect({ text, flaws }).toEqual({ text, flaws: [] });
      if (root === null) continue;
      compared += 1;
      expect({ text, at: scalars(root).toSorted((a, b) => a - b) }).toEqual({
        text,
        at: scalarsBy(text).toSorted((a, b) => a - b),
      });
      if (!/\d{4}-\d\d|\d\d:\d\d/.test(text))
        expect({ text, value: plainValue(root) }).toEqual({ text, value: expected });
    }
    expect(compared).toBeGreaterThan(scaled(50, 300));
  });

  test.each([
    ['a date', 'a = 2024-02-29\n', '2024-02-29'],
    ['a moment', 'a = 2024-02-29 10:00:00+02:00\n', '2024-02-29 10:00:00+02:00'],
    ['a time', 'a = 10:11:12\nb = 1\n', '10:11:12'],
    ['an escaped key', '"\\u0061" = "x"\n', 'x'],
  ])('keeps %s as it is written', (_, text, value) => {
    const { root, flaws } = read(text);
    expect(flaws).toEqual([]);
    expect(plainValue(root as Node)).toMatchObject({ a: value });
  });

  test.each([
    ['a = 1\n[a]\n', 7, [0]],
    ['[a]\nb = 1\n[a.b]\n', 13, [4]],
    ['a = { b = 1 }\n[a.c]\n', 15, [0]],
    ['[[a]]\n[a]\n', 7, [2]],
    ['a.b = 1\na = 2\n', 8, [0]],
  ])('says both places of %j', (text, at, also) => {
    expect(read(text).flaws).toMatchObject([{ id: 'WS-DUPKEY', at, also }]);
  });
});
