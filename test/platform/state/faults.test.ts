import { beforeEach, describe, expect, test } from 'vitest';
import { type MemoryDisk, memoryDisk } from '../../../platform/state/memory-disk.ts';
import { type MemoryRemote, memoryRemote } from '../../../platform/state/memory-remote.ts';
import { openMemoryState } from '../../../platform/state/memory-state.ts';
import type { Failpoint } from '../../../schemas/failpoint.ts';
import type { StateWriter, WorkspaceState } from '../../../schemas/state.ts';
import { faultOf } from './bench.ts';
import { begin, done, holder, intent } from './fixture.ts';
import { REF } from './harness.ts';
import { type VirtualWorld, virtualWorld } from './virtual-world.ts';

const LEASE = 'refs/provisioning/lease/shop';
const JOURNAL = 'shop/journal-1.ndjson';

let remote: MemoryRemote;
let disk: MemoryDisk;
let world: VirtualWorld;
let reached: Failpoint[];
let onReach: (point: Failpoint) => void;
beforeEach(() => {
  remote = memoryRemote();
  disk = memoryDisk();
  reached = [];
  onReach = () => {};
  world = virtualWorld(point => {
    reached.push(point);
    onReach(point);
  });
});

const open = (on = disk): WorkspaceState => openMemoryState({ remote, disk: on, workspace: 'shop', world });
const take = (waitMs = 0, on = disk): Promise<StateWriter> => open(on).take(holder('writer'), { waitMs });

async function keysAt(store = open(memoryDisk())): Promise<readonly string[]> {
  expect((await store.verify()).problems).toEqual([]);
  return [...(await store.read()).objects.keys()];
}

describe('faults of the remote', () => {
  test('a push whose answer was lost is found out, and nothing is pushed twice', async () => {
    const writer = await take();
    const met = remote.inject({ fault: 'answer-lost', on: 'push', ref: REF, times: 2 });
    await writer.pushed(await writer.append([done('a')]));
    await writer.pushed(await writer.append([done('b')]));
    expect(met()).toBe(2);
    await writer.close({ release: true });
    expect(await keysAt()).toEqual(['server/a', 'server/b']);
    expect(await open().history({ limit: 10 })).toHaveLength(4);
  });

  test('a take whose answer was lost fails, and the next one succeeds', async () => {
    const met = remote.inject({ fault: 'answer-lost', on: 'push', ref: REF, times: 1 });
    expect((await faultOf(take())).code).toBe('unavailable');
    expect(met()).toBe(1);
    const writer = await take();
    expect(writer.epoch, 'the process knows that it is not its own contender').toBe(2);
    await writer.close({ release: true });
    await keysAt();
  });

  test('a process that dies before the remote has its take does not hide that the writer before it is dead', async () => {
    await take();
    disk.crash();
    const met = remote.inject({ fault: 'down', on: 'push', ref: REF });
    await faultOf(open().take(holder('second'), { waitMs: 0 }));
    expect(met()).toBeGreaterThan(0);
    remote.heal();
    disk.crash();
    const writer = await open().take(holder('third'), { waitMs: 0 });
    expect(writer.epoch).toBe(2);
  });

  test('a remote that says "moved" without having moved is tried again', async () => {
    const writer = await take();
    const met = remote.inject({ fault: 'moved', on: 'push', ref: REF, times: 3 });
    await writer.pushed(await writer.append([done('a')]));
    expect(met()).toBe(3);
    await writer.close({ release: true });
    expect(await keysAt()).toEqual(['server/a']);
  });

  test('a remote that forbids the push ends the writer with the reason', async () => {
    const writer = await take();
    remote.inject({ fault: 'declined', on: 'push', ref: REF });
    const sequence = await writer.append([done('a')]);
    expect((await faultOf(writer.pushed(sequence))).code).toBe('denied');
    expect(writer.alive()).toBe(false);
    expect((await faultOf(writer.append([done('b')]))).code).toBe('denied');
    expect((await faultOf(writer.close({ release: true }))).code).toBe('denied');
    remote.heal();
    disk.crash();
    const next = await take();
    await next.close({ release: true });
    expect(await keysAt()).toEqual(['server/a']);
  });

  test('while the remote is away for longer than the lease, the writer stops believing in itself, and comes back', async () => {
    const writer = await take();
    expect(writer.alive()).toBe(true);
    for (const on of ['look', 'push'] as const) remote.inject({ fault: 'down', on });
    const sequence = await writer.append([done('a')]);
    expect((await faultOf(writer.pushed(sequence))).code).toBe('unavailable');
    await world.clock.sleep(25_000);
    expect(writer.alive()).toBe(false);
    remote.heal();
    await writer.pushed(sequence);
    expect(writer.alive()).toBe(true);
    await writer.close({ release: true });
    expect(await keysAt()).toEqual(['server/a']);
  });

  test('a busy writer whose pushes fail tells those who wait, although its commits succeed', async () => {
    const writer = await take();
    remote.inject({ fault: 'down', on: 'push', ref: REF });
    const sequence = await writer.append([done('a')]);
    const told = { yet: false };
    const busy = (async () => {
      for (let index = 0; !told.yet; index += 1) {
        await writer.append([done(`n-${index}`)]);
        await world.clock.sleep(50);
      }
    })();
    expect((await faultOf(writer.pushed(sequence))).code).toBe('unavailable');
    told.yet = true;
    await busy;
    remote.heal();
    await writer.close({ release: true });
  });

  test('what cannot be pushed at the end stays on this machine, and closing says so', async () => {
    const writer = await take();
    await writer.append([done('a')]);
    for (const on of ['look', 'push'] as const) remote.inject({ fault: 'down', on });
    await writer.append([done('b')]);
    expect((await faultOf(writer.close({ release: true }))).code).toBe('unavailable');
    expect(disk.files().has(JOURNAL)).toBe(true);
    remote.heal();
    disk.crash();
    const next = await take();
    expect([...next.recorded.objects.keys()]).toEqual(['server/a', 'server/b']);
    await next.close({ release: true });
    expect(disk.files().has(JOURNAL)).toBe(false);
  });

  test('a branch that somebody rewrites under a writer ends it', async () => {
    const writer = await take();
    await writer.pushed(await writer.append([done('a')]));
    remote.force(REF, null);
    const sequence = await writer.append([done('b')]);
    expect((await faultOf(writer.pushed(sequence))).code).toBe('locked');
    expect(writer.alive()).toBe(false);
  });
});

describe('the lease', () => {
  test('a process that was paused knows at once that its time is over', async () => {
    const writer = await take();
    expect(writer.alive()).toBe(true);
    world.skip(20_001);
    expect(writer.alive()).toBe(false);
    await writer.close({ release: true });
  });

  test('it is renewed while nothing happens, without a commit', async () => {
    const writer = await take();
    const head = remote.refs.get(REF);
    const first = remote.refs.get(LEASE);
    for (let minute = 0; minute < 5; minute += 1) {
      await world.clock.sleep(60_000);
      expect(writer.alive()).toBe(true);
    }
    expect(remote.refs.get(REF)).toBe(head);
    expect(remote.refs.get(LEASE)).not.toBe(first);
    await writer.close({ release: true });
  });

  test('a successor waits for the whole lease and the longest call, and takes the lease before the chain', async () => {
    const writer = await take();
    const other = memoryDisk();
    disk.crash();
    const startedAt = world.clock.monotonic();
    const successor = await take(600_000, other);
    expect(world.clock.monotonic() - startedAt).toBeGreaterThanOrEqual(40_000);
    expect(successor.epoch).toBe(writer.epoch + 1);
    await successor.close({ release: true });
  });

  test('short looks add up: one that never waits takes over once the lease has lapsed', async () => {
    await take();
    const other = memoryDisk();
    disk.crash();
    for (let look = 0; look < 3; look += 1) {
      expect((await faultOf(take(0, other))).code).toBe('locked');
      await world.clock.sleep(11_000);
    }
    const successor = await take(0, other);
    expect(successor.epoch).toBe(2);
    await successor.close({ release: true });
  });

  test('a writer whose lease was taken is over, although its chain was not moved yet', async () => {
    const writer = await take();
    remote.force(LEASE, remote.refs.get(REF) ?? null);
    await world.clock.sleep(15_000);
    expect(writer.alive()).toBe(false);
    expect((await faultOf(writer.append([done('a')]))).code).toBe('locked');
  });

  test('a writer that died on this machine is not waited for', async () => {
    await take();
    disk.crash();
    const startedAt = world.clock.monotonic();
    const next = await take();
    expect(world.clock.monotonic() - startedAt).toBeLessThan(1_000);
    await next.close({ release: true });
  });
});

describe('faults of the disk', () => {
  test.each([
    ['no-space', 'the disk is full'],
    ['sync-error', 'the disk reports an error'],
  ] as const)('%s: the append fails, and nothing is accepted any more', async (kind, words) => {
    const writer = await take();
    await writer.append([done('a')]);
    const met = disk.inject(kind, 1);
    const fault = await faultOf(writer.append([done('b')]));
    expect(met()).toBe(1);
    expect(fault.code).toBe('unavailable');
    expect(fault.problems[0]?.what).toContain(words);
    expect(writer.alive()).toBe(false);
    expect((await faultOf(writer.append([done('c')]))).code).toBe('unavailable');
    await faultOf(writer.close({ release: true }));
    disk.crash();
    const next = await take();
    expect([...next.recorded.objects.keys()]).toEqual(['server/a']);
    await next.close({ release: true });
    expect(await keysAt()).toEqual(['server/a']);
  });

  test('what was acknowledged survives a torn last record; what was not is dropped', async () => {
    const writer = await take();
    for (const on of ['look', 'push'] as const) remote.inject({ fault: 'down', on });
    await writer.append([done('a')]);
    onReach = point => {
      if (point === 'journal.append.after') disk.crash({ torn: true });
    };
    void writer.append([done('b')]);
    await expect.poll(() => disk.files().get(JOURNAL)?.endsWith('\n')).toBe(false);
    onReach = () => {};
    remote.heal();
    const next = await take();
    expect([...next.recorded.objects.keys()]).toEqual(['server/a']);
    await next.close({ release: true });
  });

  test.each([
    ['a flipped byte in the middle', (text: string) => text.replace('server/a', 'server/b')],
    ['a line that is missing', (text: string) => text.split('\n').toSpliced(1, 1).join('\n')],
    ['a flipped byte in the last record', (text: string) => text.replace(/"sequence":3/, '"sequence":4')],
  ])('%s of the journal is refused', async (_what, damage) => {
    const writer = await take();
    for (const on of ['look', 'push'] as const) remote.inject({ fault: 'down', on });
    await writer.append([done('a')]);
    await writer.append([done('c')]);
    disk.crash();
    disk.tamper(JOURNAL, damage);
    remote.heal();
    const fault = await faultOf(take());
    expect(fault.code).toBe('integrity');
    expect(fault.problems[0]?.id).toBe('ST-JOURNAL');
  });

  test('a damaged snapshot is read again from the chain', async () => {
    const writer = await take();
    await writer.append([done('a')]);
    await writer.close({ release: true });
    disk.crash();
    await open().read();
    disk.tamper('shop/snapshot.json', text => text.replace('server/a', 'server/b'));
    disk.crash();
    expect([...(await open().read()).objects.keys()]).toEqual(['server/a']);
  });

  test('a machine that lost its files reads on', async () => {
    const writer = await take();
    await writer.append([done('a')]);
    await writer.close({ release: true });
    expect(await keysAt(open(memoryDisk()))).toEqual(['server/a']);
  });
});

describe('failpoints', () => {
  test('every one that belongs to the chain is reached', async () => {
    const writer = await take();
    await writer.pushed(await writer.append([begin('a'), { step: 'intend', intents: [intent('a')] }]));
    await writer.append([done('a')]);
    await writer.close({ release: true });
    await open().compact(holder('writer'), { waitMs: 0 });
    const mine: readonly Failpoint[] = [
      ...([
        'take.before',
        'take.after',
        'journal.append.before',
        'journal.append.after',
        'journal.sync.after',
      ] as const),
      ...([
        'intent.commit.before',
        'intent.push.before',
        'intent.push.after',
        'commit.before',
        'commit.after',
      ] as const),
      ...(['push.before', 'push.after', 'release.before', 'release.after', 'compact.before', 'compact.after'] as const),
    ];
    expect(mine.filter(point => !reached.includes(point))).toEqual([]);
  });
});

describe('groups', () => {
  test('a stream of outcomes that nobody waits for is committed and pushed in few groups', async () => {
    const writer = await take();
    reached.length = 0;
    const appended = Array.from({ length: 500 }, (_, index) => writer.append([done(`n-${index}`)]));
    await writer.pushed((await Promise.all(appended)).at(-1) ?? 0);
    expect(reached.filter(point => point === 'commit.before').length).toBeLessThanOrEqual(7);
    expect(reached.filter(point => point === 'journal.sync.after').length).toBeLessThanOrEqual(3);
    await writer.close({ release: true });
    expect((await open().read()).objects.size).toBe(500);
  });
});
