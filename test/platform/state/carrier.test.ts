import { describe, expect, test } from 'vitest';
import type { Draft } from '../../../platform/state/commit-log.ts';
import { openCarrier } from '../../../platform/state/carrier.ts';
import { openFate } from '../../../platform/state/fate.ts';
import { nothingKnown, STATE_TIMING, type ChainParts } from '../../../platform/state/parts.ts';
import { chainRefs } from '../../../platform/state/refs.ts';
import { memoryDisk } from '../../../platform/state/memory-disk.ts';
import { memoryRemote } from '../../../platform/state/memory-remote.ts';
import { virtualWorld } from './virtual-world.ts';

/** A carrier over a log that only notes when it was asked for what. A push takes 30 ms. */
function bench() {
  const world = virtualWorld();
  const started = world.clock.monotonic();
  const now = (): number => world.clock.monotonic() - started;
  const groups: { readonly at: number; readonly size: number }[] = [];
  const pushes: number[] = [];
  const process = memoryDisk().process();
  const log: ChainParts['log'] = {
    ...memoryRemote().log(world),
    async write(drafts) {
      groups.push({ at: now(), size: drafts.length });
    },
    async push() {
      pushes.push(now());
      await world.clock.sleep(30);
      return 'done';
    },
  };
  const parts: ChainParts = {
    workspace: 'shop',
    world,
    log,
    disk: process.disk('shop'),
    processes: process.processes,
    timing: STATE_TIMING,
    refs: chainRefs('shop'),
    ...nothingKnown(),
  };
  const fate = openFate(world, { ttlMs: 30_000, confirmedAt: world.clock.monotonic() });
  const carrier = openCarrier(parts, fate, { head: 'head', epoch: 1, sequence: 0 });
  let sequence = 0;
  const add = (count = 1): number => {
    const drafts = Array.from({ length: count }, () => draft((sequence += 1)));
    carrier.add(drafts);
    return sequence;
  };
  return { carrier, groups, pushes, add, now, sleep: (ms: number) => world.clock.sleep(ms) };
}

function draft(sequence: number): Draft {
  const oid = `${sequence}`.padStart(40, '0');
  const rest = { tree: '', parent: null, keeps: null, message: '', seconds: 0, changes: new Map() };
  return { oid, sequence, intends: false, ...rest };
}

describe('checkpoints', () => {
  test('at the beginning go together, as soon as somebody waits for one', async () => {
    const { carrier, groups, pushes, add, sleep } = bench();
    add();
    await sleep(3);
    await carrier.covered(add());
    expect(groups).toEqual([{ at: 3, size: 2 }]);
    expect(pushes).toEqual([3]);
    await carrier.stop();
  });

  test('at the beginning wait for company no longer than the time of a group', async () => {
    const { carrier, groups, add, sleep } = bench();
    add();
    await sleep(1_000);
    expect(groups).toEqual([{ at: STATE_TIMING.groupMs, size: 1 }]);
    await carrier.stop();
  });

  test('that come one at a time are each committed and pushed at once', async () => {
    const { carrier, groups, pushes, add, now, sleep } = bench();
    await carrier.covered(add());
    const came: number[] = [];
    for (let at = 0; at < 20; at += 1) {
      await sleep(150);
      came.push(now());
      add();
    }
    await sleep(40);
    expect(groups.slice(1)).toEqual(came.map(at => ({ at, size: 1 })));
    expect(pushes.slice(1)).toEqual(came);
    await carrier.stop();
  });

  test('of a stream come together, and none waits longer than the time of a group', async () => {
    const { carrier, groups, add, sleep } = bench();
    await carrier.covered(add());
    for (let at = 0; at < 1_000; at += 1) {
      add();
      await sleep(2);
    }
    await sleep(300);
    expect(groups.reduce((sum, { size }) => sum + size, 0)).toBe(1_001);
    const stream = groups.filter(({ at }) => at > 300);
    expect(stream.length).toBeLessThan(2_000 / STATE_TIMING.groupMs + 2);
    const gaps = stream.slice(1).map(({ at }, index) => at - (stream[index]?.at ?? at));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(STATE_TIMING.groupMs + 2);
    await carrier.stop();
  });

  test('of a stream do not wait when somebody waits for one of them', async () => {
    const { carrier, groups, add, now, sleep } = bench();
    await carrier.covered(add());
    add(400);
    await sleep(1);
    const before = now();
    await carrier.covered(add());
    expect(groups.at(-1)).toEqual({ at: before, size: 401 });
    await carrier.stop();
  });

  test('are never more than 500 in one group', async () => {
    const { carrier, groups, add } = bench();
    await carrier.covered(add(1_200));
    expect(groups.map(({ size }) => size)).toEqual([500, 500, 200]);
    await carrier.stop();
  });
});
