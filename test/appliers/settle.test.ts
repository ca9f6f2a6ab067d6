import { describe, expect, it } from 'vitest';
import { type Decision, settle, type Unsettled } from '../../appliers/settle.ts';
import type { Owner } from '../../schemas/owner.ts';
import type { Observed } from '../../schemas/provider.ts';
import { observed } from './script-cloud.ts';
import { change } from './stage.ts';

const OWNER: Owner = { workspace: 'shop', lineage: '0123456789ab', address: 'server/a', opId: 'op-1' };
const GRACE_MS = 5_000;

function seen(id: string, more: Partial<Observed> = {}): Observed {
  return observed({ id, owner: OWNER, ...more });
}

interface Row {
  readonly says: string;
  readonly found: readonly Observed[];
  readonly sinceMs?: Unsettled['sinceMs'];
  readonly visibleAfterMs?: number;
  readonly asks?: boolean;
  readonly decides: Partial<Decision>;
}

const LATE = GRACE_MS;
const EARLY = GRACE_MS - 1;

const CREATE: readonly Row[] = [
  { says: 'one object with our operation', found: [seen('a')], decides: { do: 'record', object: seen('a') } },
  {
    says: 'one that the cloud still works on',
    found: [seen('a', { phase: 'pending' })],
    decides: { do: 'await', object: seen('a', { phase: 'pending' }) },
  },
  {
    says: 'one that will never work',
    found: [seen('a', { phase: 'failed' })],
    decides: { do: 'record-broken', object: seen('a', { phase: 'failed' }) },
  },
  {
    says: 'nothing, and it may still be invisible',
    found: [],
    sinceMs: EARLY,
    decides: { do: 'look-again', afterMs: 1 },
  },
  { says: 'nothing, and it would be visible', found: [], sinceMs: LATE, decides: { do: 'call' } },
  { says: 'nothing, and it certainly was not sent', found: [], sinceMs: undefined, decides: { do: 'call' } },
  { says: 'nothing, and nobody knows when it was sent', found: [], sinceMs: null, decides: { do: 'start-grace' } },
  {
    says: 'nothing, nobody knows when it was sent, and this cloud shows all at once',
    found: [],
    sinceMs: null,
    visibleAfterMs: 0,
    decides: { do: 'call' },
  },
  { says: 'only one that is being deleted', found: [seen('a', { phase: 'deleting' })], decides: { do: 'call' } },
  {
    says: 'something that could be it, where nothing can tell',
    found: [seen('x', { owner: null }), seen('y', { owner: null })],
    asks: true,
    decides: { do: 'ask', what: 'whether server/a was created is not known: it could be x or y' },
  },
  {
    says: 'what a person said it is, where nothing can tell',
    found: [seen('x'), seen('y', { owner: null })],
    asks: true,
    decides: { do: 'record', object: seen('x') },
  },
  {
    says: 'something free, but nothing was sent yet',
    found: [seen('x', { owner: null })],
    asks: true,
    sinceMs: undefined,
    decides: { do: 'call' },
  },
  { says: 'nothing that could be it', found: [], asks: true, decides: { do: 'call' } },
  {
    says: 'our name on what is not ours',
    found: [seen('x', { owner: null })],
    decides: { do: 'stop', id: 'PR-NAME-TAKEN', what: 'the name of server/a is taken by server x, which is not ours' },
  },
  {
    says: 'our name on what another workspace owns',
    found: [seen('x', { owner: { ...OWNER, lineage: 'ffffffffffff' } })],
    decides: { do: 'stop', id: 'PR-NAME-TAKEN' },
  },
  {
    says: 'our name on a predecessor of ours that listings may still show',
    found: [seen('x', { owner: { ...OWNER, opId: 'op-0' } })],
    sinceMs: 59_999,
    decides: { do: 'look-again', afterMs: 2_000 },
  },
  {
    says: 'our name on a predecessor of ours that does not go away',
    found: [seen('x', { owner: { ...OWNER, opId: 'op-0' } })],
    sinceMs: 60_000,
    decides: { do: 'stop', what: 'the name of server/a is taken by server x, which an earlier run made' },
  },
  {
    says: 'ours beside a foreign one of the same name',
    found: [seen('x', { owner: null }), seen('a')],
    decides: { do: 'record', object: seen('a') },
  },
  {
    says: 'two of ours: the younger goes',
    found: [seen('b', { createdAt: 2 }), seen('a', { createdAt: 1 })],
    decides: { do: 'remove-surplus', keep: seen('a', { createdAt: 1 }), surplus: [seen('b', { createdAt: 2 })] },
  },
  {
    says: 'two of ours, the younger in use: the older goes',
    found: [seen('b', { createdAt: 2, attached: true }), seen('a', { createdAt: 1 })],
    decides: {
      do: 'remove-surplus',
      keep: seen('b', { createdAt: 2, attached: true }),
      surplus: [seen('a', { createdAt: 1 })],
    },
  },
  {
    says: 'two of ours, the older unusable: the older goes',
    found: [seen('b', { createdAt: 2 }), seen('a', { createdAt: 1, phase: 'failed' })],
    decides: { do: 'remove-surplus', keep: seen('b', { createdAt: 2 }) },
  },
  {
    says: 'two of ours, both in use: a person decides',
    found: [seen('b', { createdAt: 2, attached: true }), seen('a', { createdAt: 1, attached: true })],
    decides: { do: 'stop', id: 'PR-AMBIGUOUS', what: 'server/a exists more than once: a and b' },
  },
];

const small = { size: 'small' };
const large = { size: 'large' };
const resize = change('update server/a', {
  id: 'a',
  before: small,
  after: large,
  fields: [{ path: 'size', before: 'small', after: 'large', effect: 'restart' }],
});

const UPDATE: readonly Row[] = [
  {
    says: 'as it shall be',
    found: [seen('a', { spec: large })],
    decides: { do: 'record', object: seen('a', { spec: large }) },
  },
  { says: 'as it was', found: [seen('a', { spec: small })], decides: { do: 'call' } },
  { says: 'neither', found: [seen('a', { spec: { size: 'huge' } })], decides: { do: 'stop', id: 'RUN-STALE' } },
  {
    says: 'neither, but certainly not by us',
    found: [seen('a', { spec: { size: 'huge' } })],
    sinceMs: undefined,
    decides: { do: 'call' },
  },
  { says: 'that it is gone', found: [], decides: { do: 'stop', id: 'RUN-GONE' } },
  {
    says: 'that it is on its way out',
    found: [seen('a', { phase: 'deleting' })],
    decides: { do: 'stop', id: 'RUN-GONE' },
  },
  {
    says: 'that the cloud works on it',
    found: [seen('a', { spec: small, phase: 'pending' })],
    decides: { do: 'await', object: seen('a', { spec: small, phase: 'pending' }) },
  },
  {
    says: 'the wanted fields under the labels of a former address',
    found: [seen('a', { spec: large, owner: { ...OWNER, address: 'server/old' } })],
    decides: { do: 'call' },
  },
];

const DELETE: readonly Row[] = [
  { says: 'that it exists', found: [seen('a')], decides: { do: 'call' } },
  {
    says: 'that it is being deleted, perhaps in vain',
    found: [seen('a', { phase: 'deleting' })],
    decides: { do: 'call' },
  },
  { says: 'that it is gone', found: [], decides: { do: 'record-gone' } },
];

function decide(row: Row, unsettled: Pick<Unsettled, 'change' | 'after'>): Decision {
  const { found, visibleAfterMs = GRACE_MS } = row;
  const sinceMs = 'sinceMs' in row ? row.sinceMs : LATE;
  return settle({ ...unsettled, owner: OWNER, sinceMs, visibleAfterMs, asks: row.asks ?? false }, { found });
}

describe('the recovery table: an intent without an outcome, and what a look-up says', () => {
  it.each(CREATE.map(row => [row.says, row] as const))('create: %s', (_, row) => {
    expect(decide(row, { change: change('create server/a'), after: {} })).toMatchObject(row.decides);
  });

  it.each(UPDATE.map(row => [row.says, row] as const))('update: %s', (_, row) => {
    expect(decide(row, { change: resize, after: large })).toMatchObject(row.decides);
  });

  it.each(DELETE.map(row => [row.says, row] as const))('delete: %s', (_, row) => {
    expect(decide(row, { change: change('delete server/a', { id: 'a' }), after: null })).toMatchObject(row.decides);
  });

  it('sends what the cloud never shows again, because nobody can see whether it arrived', () => {
    const fields = [{ path: 'userData', before: 'a', after: 'b', effect: 'replace' as const }];
    const secret = change('update server/a', { id: 'a', before: { userData: 'a' }, after: { userData: 'b' }, fields });
    expect(decide({ says: '', found: [seen('a')], decides: {} }, { change: secret, after: { userData: 'b' } }).do).toBe(
      'call',
    );
  });

  it('sees whether a switch of protection arrived', () => {
    const guard = change('update server/a', { id: 'a', before: {}, after: {}, protect: true, wasProtected: false });
    const decided = (isProtected: boolean) =>
      decide({ says: '', found: [seen('a', { protected: isProtected })], decides: {} }, { change: guard, after: {} })
        .do;
    expect([decided(false), decided(true)]).toEqual(['call', 'record']);
  });

  it('asks the cloud nothing about what is only forgotten', () => {
    const decided = decide({ says: '', found: [], decides: {} }, { change: change('forget server/a'), after: null });
    expect(decided).toEqual({ do: 'record-gone' });
  });
});
