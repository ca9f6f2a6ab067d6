import { describe, expect, it } from 'vitest';
import { openQueue } from '../../reconciler/queue.ts';

/** A piece of work that ends when the test says so. */
function gate(): { wait: Promise<void>; open: () => void } {
  let open = (): void => {};
  const wait = new Promise<void>(resolve => {
    open = resolve;
  });
  return { wait, open };
}

describe('the level-triggered queue', () => {
  it('works once for many hints that arrive before it starts, and once more for those that arrive while it runs', async () => {
    const turns: string[] = [];
    const first = gate();
    const queue = openQueue(
      async key => {
        turns.push(key);
        if (turns.length === 1) await first.wait;
      },
      { parallel: 1 },
    );
    queue.hint('shop');
    for (let hint = 0; hint < 100; hint += 1) queue.hint('shop');
    first.open();
    await queue.idle();
    expect(turns).toEqual(['shop', 'shop']);
  });

  it('never runs one key twice at a time, and different keys side by side up to the limit', async () => {
    let running = 0;
    let most = 0;
    const active = new Set<string>();
    const doors = Array.from({ length: 6 }, gate);
    let turn = 0;
    const queue = openQueue(
      async key => {
        expect(active.has(key)).toBe(false);
        active.add(key);
        running += 1;
        most = Math.max(most, running);
        await doors[turn++ % doors.length]?.wait;
        running -= 1;
        active.delete(key);
      },
      { parallel: 3 },
    );
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) queue.hint(key);
    for (const door of doors) door.open();
    await queue.idle();
    expect(most).toBe(3);
    expect(turn).toBe(6);
  });

  it('is idle at once when nothing was hinted', async () => {
    await expect(openQueue(async () => {}, { parallel: 1 }).idle()).resolves.toBeUndefined();
  });
});

describe('a queue in which some keys go before others', () => {
  it('lets a key wait while one that goes before it is dirty or running, and no longer', async () => {
    const turns: string[] = [];
    const doors = new Map(['net', 'shop', 'blog'].map(key => [key, gate()]));
    const queue = openQueue(
      async key => {
        turns.push(`${key} begins`);
        await doors.get(key)?.wait;
        turns.push(`${key} ends`);
      },
      { parallel: 4, after: key => (key === 'shop' ? ['net'] : []) },
    );
    for (const key of ['net', 'shop', 'blog']) queue.hint(key);
    expect(turns).toEqual(['net begins', 'blog begins']);
    for (const door of doors.values()) door.open();
    await queue.idle();
    expect(turns.indexOf('shop begins')).toBeGreaterThan(turns.indexOf('net ends'));
    queue.hint('shop');
    await queue.idle();
    expect(turns.filter(turn => turn === 'shop ends')).toHaveLength(2);
  });
});
