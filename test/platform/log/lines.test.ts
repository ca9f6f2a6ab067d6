import { expect, it } from 'vitest';
import { lineLog } from '../../../platform/log/lines.ts';
import type { LogLevel } from '../../../platform/log/port.ts';
import { virtualClock } from '../../providers/virtual-clock.ts';

function logged(format: 'text' | 'json', level: LogLevel, write: (log: ReturnType<typeof lineLog>) => void): string[] {
  const lines: string[] = [];
  write(lineLog({ format, level, clock: virtualClock({ startMs: 0 }), print: line => lines.push(line) }));
  return lines;
}

it('prints text for people', () => {
  const lines = logged('text', 'note', log => {
    log.write('note', 'run ended', { run: 'r1', outcome: 'done', changes: 3 });
    log.write('warning', 'cannot read', { why: 'no answer' });
  });
  expect(lines).toEqual(['run ended  run=r1  outcome=done  changes=3', 'warning: cannot read  why="no answer"']);
});

it('prints JSON for machines', () => {
  const lines = logged('json', 'note', log => log.write('error', 'gave up', { tries: 3 }));
  expect(lines.map(line => JSON.parse(line) as unknown)).toEqual([
    { at: '1970-01-01T00:00:00.000Z', level: 'error', text: 'gave up', tries: 3 },
  ]);
});

it('drops what is below its level', () => {
  const lines = logged('text', 'warning', log => {
    log.write('note', 'a');
    log.write('error', 'b');
  });
  expect(lines).toEqual(['error: b']);
});

it('forges no line and moves no cursor', () => {
  const [line = ''] = logged('text', 'note', log => log.write('note', 'a\nb', { name: '\u001b[2J\u202e' }));
  expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(line).toContain('a\\u{A}b');
});
