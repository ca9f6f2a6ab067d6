import { describe, expect, it } from 'vitest';
import { openProgress } from '../../cli/progress.ts';
import { blockLines, lineOf, NO_TALLY, seconds, tallyOf } from '../../cli/tally.ts';
import type { Terminal } from '../../cli/terminal.ts';
import type { ProgressEvent } from '../../schemas/progress.ts';
import { virtualClock } from '../providers/virtual-clock.ts';

const BEGUN: ProgressEvent = {
  event: 'run-begun',
  run: 'r1',
  workspace: 'shop',
  purpose: 'apply',
  changes: 12,
  already: 2,
};
const ENDED: ProgressEvent = {
  event: 'run-ended',
  run: 'r1',
  outcome: 'done',
  done: 12,
  failed: 0,
  skipped: 0,
  elapsedMs: 9_000,
};

type ChangeEvent = Extract<ProgressEvent, { event: 'change' }>;

function change(
  key: string,
  state: ChangeEvent['state'],
  settled: number,
  more: Partial<ChangeEvent> = {},
): ProgressEvent {
  return { event: 'change', key, state, settled, total: 12, elapsedMs: 0, ...more };
}

describe('a line that stays', () => {
  it.each<[ProgressEvent, string | null]>([
    [BEGUN, 'Run r1 of shop: 12 changes, 2 already done'],
    [{ ...BEGUN, purpose: 'rollback', already: 0 }, 'Rollback r1 of shop: 12 changes'],
    [change('create server/a', 'started', 2), null],
    [change('create server/a', 'pending', 2), null],
    [change('create server/a', 'done', 3, { durationMs: 1_250 }), ' 3/12  ✓ create server/a  1.3 s'],
    [
      change('create server/a', 'retrying', 2, { retryMs: 2_000, why: 'busy' }),
      ' 2/12  ↻ create server/a  again in 2.0 s  busy',
    ],
    [
      change('create server/a', 'failed', 3, { why: 'no\u001b[2J quota' }),
      ' 3/12  ✗ create server/a  no\\u{001B}[2J quota',
    ],
    [
      change('create server/b', 'skipped', 4, { why: 'it needs server/a' }),
      ' 4/12  - create server/b  it needs server/a',
    ],
    [ENDED, null],
    [{ event: 'something-new' } as unknown as ProgressEvent, null],
  ])('%j', (event, line) => {
    expect(lineOf(event)).toBe(line);
  });
});

describe('the block', () => {
  const at = (now: number, ...events: readonly ProgressEvent[]) => {
    const tally = events.reduce((sum, event) => tallyOf(sum, event, 1_000), NO_TALLY);
    return blockLines(tally, { now: 1_000 + now, width: 60, rows: 2 });
  };

  it('shows what is running, how far the run is, and for how long', () => {
    expect(at(4_000, BEGUN, change('create server/a', 'started', 2))).toEqual([
      '  … create server/a  4.0 s',
      '  ████░░░░░░░░░░░░░░░░░░░░ 2/12  4.0 s',
    ]);
  });

  it('hides more changes than it has rows', () => {
    const started = ['a', 'b', 'c', 'd'].map(name => change(`create server/${name}`, 'started', 2));
    expect(at(1_000, BEGUN, ...started).slice(1, 3)).toEqual(['  … create server/b  1.0 s', '  … and 2 more']);
  });

  it('estimates the end by what this process did, once it did a few', () => {
    const done = [3, 4, 5, 6].map(settled => change(`create server/${settled}`, 'done', settled));
    expect(at(8_000, BEGUN, ...done.slice(0, 2)).at(-1)).not.toContain('left');
    expect(at(8_000, BEGUN, ...done).at(-1)).toContain('6/12  8.0 s  about 12 s left');
  });

  it('is no wider than the terminal, and gone at the end', () => {
    expect(at(0, BEGUN, change(`create server/${'x'.repeat(100)}`, 'started', 2)).every(line => line.length < 60)).toBe(
      true,
    );
    expect(at(0, BEGUN, ENDED)).toEqual([]);
  });
});

describe('progress', () => {
  function shown(options: { readonly live: boolean; readonly quiet: boolean }, events: readonly unknown[]) {
    const text = { out: '', err: '' };
    const terminal: Terminal = {
      out: part => void (text.out += part),
      err: part => void (text.err += part),
      colour: false,
      live: options.live,
      shown: false,
      attended: false,
      width: 80,
    };
    const progress = openProgress({ terminal, clock: virtualClock(), quiet: options.quiet });
    for (const event of events) progress.take(event);
    progress.end();
    return text;
  }

  const SAY = { event: 'say', text: 'Once upon a time' };

  it('tells stories on standard output, and the run on standard error', () => {
    expect(shown({ live: false, quiet: false }, [SAY, BEGUN, change('create server/a', 'done', 3)])).toEqual({
      out: 'Once upon a time\n',
      err: 'Run r1 of shop: 12 changes, 2 already done\n 3/12  ✓ create server/a\n',
    });
  });

  it('leaves standard output to the one document with --json', () => {
    expect(shown({ live: true, quiet: true }, [SAY, BEGUN])).toEqual({
      out: '',
      err: expect.stringContaining('Once upon a time\nRun r1'),
    });
  });

  it('writes over its block on a terminal and leaves nothing of it', () => {
    const { err } = shown({ live: true, quiet: false }, [
      BEGUN,
      change('create server/a', 'started', 2),
      change('create server/a', 'done', 3),
    ]);
    expect(screen(err)).toEqual(['Run r1 of shop: 12 changes, 2 already done', ' 3/12  ✓ create server/a']);
  });

  it('shows nothing for what it does not know', () => {
    expect(shown({ live: false, quiet: false }, [{ event: 'from-a-later-version' }])).toEqual({
      out: '',
      err: '',
    });
  });
});

/** What stands on a terminal after these bytes: understands only what the block uses. */
function screen(text: string): string[] {
  let lines: string[] = [];
  // oxlint-disable-next-line no-control-regex -- it splits at the escape character
  for (const part of text.split(/(\u001b\[\d+F\u001b\[0J)/)) {
    // oxlint-disable-next-line no-control-regex -- as above
    const up = /\u001b\[(\d+)F/.exec(part);
    lines = up === null ? [...lines, ...part.split('\n').slice(0, -1)] : lines.slice(0, -Number(up[1]));
  }
  return lines;
}

it.each([
  [400, '0.4 s'],
  [9_990, '10.0 s'],
  [12_345, '12 s'],
  [180_000, '3 min'],
])('%d ms is %s', (ms, text) => {
  expect(seconds(ms)).toBe(text);
});
