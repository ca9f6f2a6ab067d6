import { describe, expect, test } from 'vitest';
import { Fault } from '../../schemas/fault.ts';
import { exitCode, renderProblems, renderWarnings, showText } from '../../schemas/problem.ts';

describe('showText', () => {
  test.each([
    ['web-1', 'web-1'],
    ['a\u202eb', 'a\\u{202E}b'],
    ['a\u0000\u001b[31m\n', 'a\\u{0000}\\u{001B}[31m\\u{000A}'],
    ['\u{e0041}', '\\u{E0041}'],
    ['\ud800', '\\u{D800}'],
    ['é😀', 'é😀'],
  ])('%j', (text, shown) => {
    expect(showText(text)).toBe(shown);
  });

  test('shows sixty characters at most', () => {
    expect(showText('x'.repeat(61))).toBe(`${'x'.repeat(59)}…`);
    expect(showText('x'.repeat(60))).toBe('x'.repeat(60));
  });
});

describe('renderProblems', () => {
  test('is the text that people see', () => {
    const fault = new Fault(
      'invalid',
      [
        {
          id: 'WS-DUPKEY',
          at: { file: 'a.yaml', line: 12, column: 3 },
          also: [{ file: 'a.yaml', line: 4, column: 3 }],
          what: 'key "web-1" is used twice',
          why: 'only one counts',
          fix: 'rename one',
        },
        { id: 'WS-FILE', what: 'no file' },
      ],
      { data: { files: 14, warnings: 1, omitted: 3 } },
    );
    expect(renderProblems(fault)).toBe(
      [
        'WS-DUPKEY a.yaml:12:3  key "web-1" is used twice',
        '  also: a.yaml:4:3',
        '  why: only one counts   fix: rename one',
        'WS-FILE  no file',
        '  and 3 more',
        'Nothing was changed. 5 errors, 1 warning, 14 files read.',
      ].join('\n'),
    );
    expect(exitCode(fault)).toBe(3);
  });

  test('says nothing about changes where some were made', () => {
    expect(renderProblems(new Fault('partial', { id: 'RUN-X', what: 'x' }, { nothingChanged: false }))).toBe(
      'RUN-X  x\n1 error, 0 warnings.',
    );
  });

  test('a file name cannot reach the terminal as anything but text', () => {
    const at = { file: 'a\u001b[2Jb\n.yaml', line: 1, column: 1 };
    expect(renderWarnings([{ id: 'WS-X', at, also: [at], what: 'a\u202e', why: '\u0007', fix: '\n' }]).join()).toBe(
      'WS-X a\\u{001B}[2Jb\\u{000A}.yaml:1:1  a\\u{202E}\n  also: a\\u{001B}[2Jb\\u{000A}.yaml:1:1\n  why: \\u{0007}   fix: \\u{000A}',
    );
  });
});
