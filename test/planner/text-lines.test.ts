import { expect, test } from 'vitest';
import { textLines } from '../../planner/render/text-lines.ts';

function shown(before: string | null, after: string | null): string[] | null {
  return textLines(before, after)?.map(({ sign, text }) => `${sign}${text}`) ?? null;
}

test('only what differs, and the lines near it', () => {
  const lines = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const before = `${lines.join('\n')}\n`;
  const after = before.replace('d\n', 'D\n').replace('h\n', '');
  expect(shown(before, after)).toEqual([' a', ' b', ' c', '-d', '+D', ' e', ' f', ' g', '-h']);
  const long = Array.from({ length: 20 }, (_, at) => `l${at}`).join('\n');
  expect(shown(long, long.replace('l9', 'L9'))).toEqual([
    ' … 7 equal lines',
    ' l7',
    ' l8',
    '-l9',
    '+L9',
    ' l10',
    ' l11',
    ' … 8 equal lines',
  ]);
});

test('a text that comes or goes', () => {
  expect(shown(null, 'a\nb\n')).toEqual(['+a', '+b']);
  expect(shown('a\nb', null)).toEqual(['-a', '-b']);
});

test('what is one line, or no text, is left alone', () => {
  expect(shown('a\n', 'b')).toBe(null);
  expect(textLines(1, 'a\nb')).toBe(null);
  expect(textLines({ $sha256: 'a\nb' }, 'a\nb')).toBe(null);
});

test('a line cannot hide or fake another', () => {
  expect(shown('a\nb', 'a\n\u202eb\r+ c')).toEqual([' a', '-b', '+\\u{202e}b\\u{d}+ c']);
});
