import { describe, expect, test } from 'vitest';
import type { Node } from '../../../schemas/parse/node.ts';
import { decode } from '../../../schemas/parse/text.ts';
import { readYaml } from '../../../schemas/parse/yaml-full.ts';
import { readYamlSubset } from '../../../schemas/parse/yaml-subset.ts';
import { isFull } from '../../scaled.ts';
import { mutate, randomFrom, sample } from './yaml-samples.ts';

const COUNT = Number(process.env['FUZZ'] ?? 6_000);

/** Value and places as one text; a scalar without any text has no place of its own. */
function show(node: Node): string {
  if (node.kind === 'scalar')
    return `${node.value === null ? '' : node.at}${Object.is(node.value, -0) ? '-0' : JSON.stringify(node.value)}`;
  if (node.kind === 'list') return `${node.at}[${node.items.map(show).join(',')}]`;
  return `${node.at}{${node.entries.map(entry => `${entry.at}${JSON.stringify(entry.key)}:${show(entry.node)}`).join(',')}}`;
}

function compare(text: string): 'same' | 'given up' {
  if (decode('x', Buffer.from(text)).flaws.length > 0) return 'given up';
  const subset = readYamlSubset(text);
  if (subset === null) return 'given up';
  const full = readYaml(text);
  expect({ text, flaws: full.flaws }).toEqual({ text, flaws: [] });
  expect({ text, read: show(subset) }).toEqual({ text, read: full.root === null ? null : show(full.root) });
  return 'same';
}

describe('the YAML subset reader agrees with the yaml package', () => {
  test.each(isFull() ? [1, 2, 3, 4] : [1])('over generated and mutated files, seed %i', seed => {
    const random = randomFrom(seed);
    const count = { same: 0, 'given up': 0 };
    for (let index = 0; index < COUNT / 4; index += 1) {
      const text = sample(random);
      count[compare(text)] += 1;
      count[compare(mutate(text, random))] += 1;
    }
    // It must neither give up on everything, nor take everything.
    expect(count.same).toBeGreaterThan(COUNT / 40);
    expect(count['given up']).toBeGreaterThan(COUNT / 40);
  });

  test.each([
    ['comments', '# a\na: 1 # b\n# c\nb: # d\n  - x # e\n'],
    ['a list at the indentation of its key', 'a:\n- 1\n- 2\nb: 3\n'],
    ['maps in lists', 'a:\n  - b: 1\n    c: 2\n  - b: 3\n'],
    ['flow', 'a: { b: [1, two, "three"], c: {} }\n'],
    ['quotes', `a: "x: # y"\nb: 'it''s'\n"c d": e\n`],
    ['a literal block', 'a:\n  b: |\n    #cloud-config\n    x: ${y}\n\n    z\n  c: 1\n'],
    ['empty values', 'a:\nb: ~\nc: null\n'],
    ['expressions', 'a: ${var.x}\nb: web-${count.index}.x\n'],
  ])('reads %s', (_, text) => {
    expect(compare(text)).toBe('same');
  });

  test.each([
    ['anchors', 'a: &x 1\nb: *x\n'],
    ['tags', 'a: !x 1\n'],
    ['folded text', 'a: >\n  x\n'],
    ['text over two lines', 'a: x\n  y\n'],
    ['tabs', 'a:\tx\n'],
    ['documents', '---\na: 1\n'],
    ['directives', '%YAML 1.1\n---\na: 1\n'],
    ['merge keys', 'a:\n  <<: {}\n'],
    ['explicit keys', '? a\n: b\n'],
    ['duplicate keys', 'a: 1\na: 2\n'],
    ['reserved keys', 'a: { __proto__: 1 }\n'],
    ['odd numbers', 'a: 080\n'],
    ['large numbers', 'a: 9007199254740993\n'],
    ['an indented root', '  a: 1\n'],
    ['a scalar root', 'abc\n'],
  ])('gives up on %s', (_, text) => {
    expect(readYamlSubset(text)).toBeNull();
  });
});
