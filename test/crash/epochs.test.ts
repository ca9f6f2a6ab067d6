import { expect, test } from 'vitest';
import type { LedgerEntry } from '../../platform/demo-cloud/model.ts';
import { type Epoch, handOversOf, overlaps } from '../../scripts/crash/epochs.ts';

const PIDS = [100, 200];
const EPOCHS: readonly Epoch[] = [
  { epoch: 1, pid: 100, at: 10, isForced: false },
  { epoch: 2, pid: 100, at: 20, isForced: false },
  { epoch: 3, pid: 200, at: 30, isForced: true },
  { epoch: 4, pid: 100, at: 40, isForced: false },
];

/** Writes as `process at time`. */
function ledger(...writes: readonly (readonly [client: number | null, at: number])[]): LedgerEntry[] {
  return writes.map(([client, at], index) => ({
    seq: index,
    at,
    method: 'POST',
    path: '/v1/servers',
    operation: 'create',
    kind: 'server',
    id: `srv-${index}`,
    token: null,
    opId: null,
    workspace: null,
    address: null,
    client: client === null ? null : String(client),
    epoch: null,
    bodyDigest: null,
    effect: 'none',
    status: 201,
    fault: null,
  }));
}

test('turns that follow each other do not overlap', () => {
  const writes = ledger([0, 11], [0, 21], [1, 31], [1, 39], [0, 41]);
  expect(overlaps(writes, EPOCHS, PIDS)).toEqual({ stamped: 5, late: [] });
});

test.each([
  ['a write of a former writer after its successor wrote', ledger([0, 21], [1, 31], [0, 32])],
  ['a write of one who was not the writer yet', ledger([1, 25])],
  ['a write of one who never was', ledger([7, 25])],
])('%s is late', (_what, writes) => {
  expect(overlaps(writes, EPOCHS, PIDS).late).toHaveLength(1);
});

test('requests without a stamp, refused writes and reads take no part', () => {
  const [unstamped, refused, read] = ledger([null, 11], [1, 12], [1, 13]);
  const writes = [unstamped, { ...refused, status: 409 }, { ...read, operation: 'list' }] as LedgerEntry[];
  expect(overlaps(writes, EPOCHS, PIDS)).toEqual({ stamped: 0, late: [] });
});

test('a hand-over is a turn of another process', () => {
  expect(handOversOf(EPOCHS).map(epoch => epoch.epoch)).toEqual([3, 4]);
});
