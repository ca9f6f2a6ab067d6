import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../platform/demo-cloud/model.ts';
import { createdTwice, fenced, outOfOrder, sentBlindly } from './oracle.ts';

function ledger(...lines: readonly Partial<LedgerEntry>[]): LedgerEntry[] {
  return lines.map((line, index) => ({
    seq: index + 1,
    at: index,
    method: line.operation === 'list' ? 'GET' : 'POST',
    path: '/v1/servers',
    operation: 'create',
    kind: 'server',
    id: null,
    token: null,
    opId: null,
    workspace: null,
    address: null,
    client: null,
    epoch: null,
    bodyDigest: null,
    effect: 'none',
    status: 201,
    fault: null,
    ...line,
  }));
}

const LOOK = { operation: 'list', status: 200, path: '/v1/objects?label=provisioning%2Foperation%3Dop-1' } as const;
const made = (id: string, address: string | null = null): Partial<LedgerEntry> => ({
  id,
  address,
  effect: `created ${id}`,
});
const gone = (id: string): Partial<LedgerEntry> => ({ id, operation: 'delete', effect: `deleted ${id}` });

describe('the oracle sees', () => {
  it('one operation that made two objects, unless a proxy did', () => {
    const twice = [
      { ...made('a'), opId: 'op-1' },
      { ...made('b'), opId: 'op-1' },
    ];
    expect(createdTwice(ledger(...twice))).toEqual(['operation op-1 created 2 objects']);
    expect(createdTwice(ledger(twice[0] ?? {}, { ...twice[1], fault: { rule: 'r', name: 'sent-twice' } }))).toEqual([]);
    expect(createdTwice(ledger(twice[0] ?? {}, { ...twice[1], opId: 'op-2' }))).toEqual([]);
  });

  const lost = { token: 'op-1', fault: { rule: 'r', name: 'answer-lost' } };
  const sent = { token: 'op-1' };

  it.each<readonly [string, Partial<LedgerEntry>[], number]>([
    ['a create that was sent again although nobody looked', [lost, sent], 1],
    ['no harm when somebody looked', [lost, LOOK, sent], 0],
    ['that a look for another operation is none', [lost, { ...LOOK, path: '/v1/objects?label=op-2' }, sent], 1],
    ['that a look that failed is none', [lost, { ...LOOK, status: 503 }, sent], 1],
    [
      'that a look whose answer was spoilt is none',
      [lost, { ...LOOK, fault: { rule: 'r', name: 'truncated' } }, sent],
      1,
    ],
    ['no harm after a refusal', [{ ...sent, status: 429, fault: { rule: 'r', name: 'rate-limited' } }, sent], 0],
    [
      'harm after an error of the server',
      [{ ...sent, status: 500, fault: { rule: 'r', name: 'error-500-before' } }, sent],
      1,
    ],
    [
      'harm after a refusal that nobody could read',
      [{ ...sent, status: 409, fault: { rule: 'r', name: 'html' } }, sent],
      1,
    ],
    ['that each repetition needs a look of its own', [lost, LOOK, lost, sent], 1],
  ])('%s', (_, lines, count) => {
    expect(sentBlindly(ledger(...lines))).toHaveLength(count);
  });

  it('whoever changes something after a successor took over', () => {
    const lines = ledger(
      { ...made('a'), client: 'left' },
      { ...made('b'), client: 'right' },
      { ...made('c'), client: 'left' },
    );
    const takes = [
      { client: 'left', after: 0 },
      { client: 'right', after: 1 },
    ];
    expect(fenced(lines, takes)).toEqual(['left changed the cloud (3) although right had taken the workspace']);
    expect(fenced(lines, [...takes, { client: 'left', after: 2 }])).toEqual([]);
    expect(fenced(lines.slice(0, 1), [])).toEqual([
      'left changed the cloud (1) although nobody had taken the workspace',
    ]);
    expect(fenced(ledger({ ...LOOK, client: 'left' }), [])).toEqual([]);
  });

  it('what is made before, or goes after, what it needs', () => {
    const needs = new Map([['server.b', ['server.a']]]);
    const [a, b] = [made('id-a', 'server.a'), made('id-b', 'server.b')];
    expect(outOfOrder(ledger(a, b, gone('id-b'), gone('id-a')), needs)).toEqual([]);
    expect(outOfOrder(ledger(b, a), needs)).toEqual(['server.b was made before server.a']);
    expect(outOfOrder(ledger(a, b, gone('id-a')), needs)).toEqual(['server.a went before server.b']);
    const twice = { id: 'id-a2', address: 'server.a', effect: 'created id-a1, created id-a2' };
    expect(outOfOrder(ledger(twice, gone('id-a2'), b), needs)).toEqual([]);
    const both = { id: 'id-b', effect: 'deleted id-b, deleted id-a' };
    expect(outOfOrder(ledger(a, b, both), needs)).toEqual([]);
  });
});
