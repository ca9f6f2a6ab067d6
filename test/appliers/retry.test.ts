import { describe, expect, it } from 'vitest';
import { advise, blindMs, pauseMs } from '../../appliers/retry.ts';
import { PROVIDER_ERRORS, type ProviderError, type ProviderErrorClass } from '../../schemas/provider.ts';

function error(kind: ProviderErrorClass, more: Partial<ProviderError> = {}): ProviderError {
  return { class: kind, code: kind, message: kind, ...more };
}

/** For each class: what follows its first failure, and how many calls are made in all; null is no limit. */
const TABLE: readonly (readonly [ProviderErrorClass, string, string, number | null])[] = [
  ['invalid-input', 'create', 'fail', 1],
  ['unauthenticated', 'create', 'fail', 1],
  ['forbidden', 'update', 'fail', 1],
  ['not-found', 'update', 'fail', 1],
  ['already-exists', 'create', 'look', null],
  ['conflict', 'update', 'again', 8],
  ['locked', 'update', 'again', 120],
  ['state', 'update', 'again', 3],
  ['dependency', 'delete', 'again', 90],
  ['dependency', 'create', 'fail', 1],
  ['protected', 'delete', 'fail', 1],
  ['quota', 'create', 'fail', 1],
  ['capacity', 'create', 'fail', 1],
  ['rate-limited', 'create', 'pause', null],
  ['transient', 'create', 'again', 5],
  ['unknown-outcome', 'create', 'look', null],
  ['timeout', 'update', 'look', null],
  ['partial', 'create', 'fail', 1],
  ['unsupported', 'create', 'fail', 1],
  ['drift-api', 'create', 'fail', 1],
  ['bug', 'create', 'fail', 1],
];

describe('after a failed call', () => {
  it.each(TABLE)('%s on %s: %s, %s calls at most', (kind, action, next, calls) => {
    const advice = (attempt: number) => advise(error(kind), { action, attempt, jitter: 0.5 }).next;
    expect(advice(1)).toBe(next);
    if (calls === null) expect(advice(1_000)).toBe(next);
    else expect(Array.from({ length: calls + 1 }, (_, index) => advice(index + 1)).indexOf('fail') + 1).toBe(calls);
  });

  it('knows every class', () => {
    expect(new Set(TABLE.map(([kind]) => kind))).toEqual(new Set(PROVIDER_ERRORS));
  });

  it('waits longer each time, up to a limit, and not like everybody else', () => {
    const wait = (attempt: number, jitter: number) => {
      const advice = advise(error('conflict'), { action: 'update', attempt, jitter });
      return advice.next === 'again' ? advice.afterMs : null;
    };
    expect([1, 2, 3, 4, 5, 6, 7].map(attempt => wait(attempt, 0.5))).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000,
    ]);
    expect([wait(3, 0), wait(3, 1)]).toEqual([3_000, 5_000]);
  });

  it('waits as long as the provider says, and never not at all', () => {
    const call = { action: 'update', attempt: 2, jitter: 0.9 };
    const wait = (retryAfterMs: number) => [
      advise(error('conflict', { retryAfterMs }), call),
      pauseMs(error('rate-limited', { retryAfterMs }), 0.9),
    ];
    expect(wait(7_000)).toEqual([{ next: 'again', afterMs: 7_000 }, 7_000]);
    expect(wait(0)).toEqual([{ next: 'again', afterMs: 100 }, 100]);
    expect([0, 1].map(jitter => pauseMs(error('rate-limited'), jitter))).toEqual([1_500, 2_500]);
  });

  it('gives up within the time that the class allows', () => {
    const total = (kind: ProviderErrorClass, action: string): number => {
      let sum = 0;
      for (let attempt = 1; ; attempt += 1) {
        const advice = advise(error(kind), { action, attempt, jitter: 1 });
        if (advice.next !== 'again') return sum / 60_000;
        sum += advice.afterMs;
      }
    };
    expect(total('locked', 'update')).toBeGreaterThan(7);
    expect(total('locked', 'update')).toBeLessThan(13);
    expect(total('dependency', 'delete')).toBeGreaterThan(11);
    expect(total('dependency', 'delete')).toBeLessThan(19);
  });

  it('looks again ever more slowly after look-ups that failed', () => {
    expect([1, 2, 3, 9].map(count => blindMs(error('transient'), count))).toEqual([500, 1_000, 2_000, 15_000]);
    expect(blindMs(error('rate-limited', { retryAfterMs: 40_000 }), 1)).toBe(40_000);
  });
});
