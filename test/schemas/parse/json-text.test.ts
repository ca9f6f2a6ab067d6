import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseFile } from '../../../schemas/parse/document.ts';
import type { Document, Node } from '../../../schemas/parse/node.ts';
import { plainValue } from '../../../schemas/parse/source.ts';

function read(text: string): Document {
  return parseFile('a.json', Buffer.from(text));
}

const plain = fc.letrec(tie => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.integer(),
    fc.string({ unit: 'grapheme-ascii' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.stringMatching(/^[a-z"\\ ]{1,6}$/), tie('value'), { maxKeys: 4 }),
  ),
})).value;

describe('JSON', () => {
  test('has the values that JSON.parse gives', () => {
    fc.assert(
      fc.property(plain, fc.constantFrom(0, 2), (value, space) => {
        const { root, flaws } = read(JSON.stringify(value, null, space));
        expect(flaws).toEqual([]);
        expect(plainValue(root as Node)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { seed: 3, numRuns: 400 },
    );
  });

  test('takes nothing that JSON.parse refuses', () => {
    fc.assert(
      fc.property(
        plain,
        fc.nat(),
        fc.constantFrom('', ',', '"', '{', ']', ':', '1', ' ', '\\', 'null', '\n', '-', '.', 'e5', '\t', "'"),
        (value, place, piece) => {
          const text = JSON.stringify(value);
          const at = place % (text.length + 1);
          const changed = text.slice(0, at) + piece + text.slice(at + (piece === '' ? 1 : 0));
          const { root } = read(changed);
          if (root !== null) expect(plainValue(root)).toEqual(JSON.parse(changed));
        },
      ),
      { seed: 4, numRuns: 2_000 },
    );
  });

  test.each([
    ['{"a": 1, "a": 2}', 'WS-DUPKEY', 9],
    ['{"a": 01}', 'WS-SYNTAX', 7],
    ['{"a": 1e400}', 'WS-NUMBER', 6],
    ['{"a": 1}x', 'WS-SYNTAX', 8],
    ['[1,]', 'WS-SYNTAX', 3],
    ['{"a" 1}', 'WS-SYNTAX', 5],
    ['"a\nb"', 'WS-SYNTAX', 0],
    ['"\\x"', 'WS-SYNTAX', 0],
    ['"\\u0000"', 'WS-CONTROL', 0],
  ])('refuses %j', (text, id, at) => {
    expect(read(text)).toMatchObject({ root: null, flaws: [{ id, at }] });
  });

  test('an empty file has no value and no flaw', () => {
    expect(read(' \n')).toMatchObject({ root: null, flaws: [] });
  });
});
