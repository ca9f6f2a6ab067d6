import { expect, it } from 'vitest';
import { openPolling } from '../../appliers/polling.ts';
import type { CallContext, Connection, Outcome, PendingToken } from '../../schemas/provider.ts';
import { virtualClock } from '../providers/virtual-clock.ts';

const GONE: Outcome = { status: 'gone' };

/** A cloud whose actions have all ended. */
function polling() {
  const clock = virtualClock();
  const connection = { poll: async (_: unknown, tokens: readonly PendingToken[]) => tokens.map(() => GONE) };
  const world = { clock, randomHex: () => '00', reach: async () => {} };
  const context = { world, signal: new AbortController().signal } as unknown as CallContext;
  return { clock, polling: openPolling(connection as unknown as Connection, context) };
}

const token = (id: string): PendingToken => ({ id, pollMs: 10 }) as PendingToken;

it.each(Array.from({ length: 12 }, (_, index) => index))(
  'looks after a newcomer that comes %i moments after the last one ended',
  async moments => {
    const { clock, polling: open } = polling();
    const second = open.until(token('a')).then(async () => {
      for (let moment = 0; moment < moments; moment += 1) await Promise.resolve();
      return open.until(token('b'));
    });
    const late = clock.sleep(600_000).then(() => 'nobody looked');
    expect(await Promise.race([second, late])).toEqual(GONE);
  },
);
