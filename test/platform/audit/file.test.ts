import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_HASH } from '../../../platform/audit/chain.ts';
import { AUDIT_FILE, fileAudit } from '../../../platform/audit/file.ts';
import { systemWorld } from '../../../platform/clock/world.ts';
import { Fault } from '../../../schemas/fault.ts';

let home = '';
const path = (): string => join(home, AUDIT_FILE);
const EVENT = { actor: 'ada@host', operation: 'apply.run', permission: 'apply:write', target: 'shop' };

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'audit-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const open = () => fileAudit(home, systemWorld({}));

describe('the audit log', () => {
  it('numbers and links its records', async () => {
    const audit = open();
    const begin = await audit.record({ ...EVENT, phase: 'begin', inputDigest: 'a'.repeat(64) });
    const end = await audit.record({ ...EVENT, phase: 'end', of: begin.seq, outcome: 'done' });
    expect([begin.seq, begin.prev]).toEqual([1, NO_HASH]);
    expect([end.seq, end.prev, end.of]).toEqual([2, begin.hash, 1]);
    expect(await audit.list({ limit: 10 })).toEqual([end, begin]);
    expect(await audit.list({ limit: 1 })).toEqual([end]);
    expect(await audit.verify()).toEqual({ records: 2, head: end.hash, problems: [] });
  });

  it('is empty before the first record, and looking makes no file', async () => {
    expect(await open().list({ limit: 5 })).toEqual([]);
    expect(await open().verify()).toEqual({ records: 0, head: NO_HASH, problems: [] });
    expect(existsSync(path())).toBe(false);
  });

  it('stays one chain when many write at once', async () => {
    const writers = Array.from({ length: 8 }, open);
    await Promise.all(writers.flatMap(audit => Array.from({ length: 5 }, () => audit.record(EVENT))));
    expect(await open().verify()).toMatchObject({ records: 40, problems: [] });
  });

  it('makes no record of one process wait at the lock for another one', async () => {
    const world = systemWorld({});
    const sleep = (): Promise<void> => Promise.reject(new Error('it waited at the lock'));
    const audit = fileAudit(home, { ...world, clock: { ...world.clock, sleep } });
    await Promise.all(Array.from({ length: 20 }, () => audit.record(EVENT)));
    expect(await audit.verify()).toMatchObject({ records: 20, problems: [] });
  });

  it('goes on behind a line that a crash cut off', async () => {
    const first = await open().record(EVENT);
    appendFileSync(path(), '{"actor":"ada');
    expect((await open().verify()).problems).toEqual([
      { line: 2, what: 'it was not written to its end; the next record removes it' },
    ]);
    expect((await open().record(EVENT)).prev).toBe(first.hash);
    expect(await open().verify()).toMatchObject({ records: 2, problems: [] });
  });

  it('takes over the lock of a process that died', async () => {
    await open().record(EVENT);
    // No process has this number: it is above every limit of Linux and macOS.
    writeFileSync(`${path()}.lock`, '99999999 0123456789abcdef');
    expect((await open().record(EVENT)).seq).toBe(2);
    expect(existsSync(`${path()}.lock`)).toBe(false);
  });

  it('refuses to record when the disk refuses', async () => {
    writeFileSync(join(home, 'file'), '');
    const audit = fileAudit(join(home, 'file', 'below'), systemWorld({}));
    const fault = await audit.record(EVENT).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(Fault);
    expect(fault).toMatchObject({ code: 'unavailable', nothingChanged: true });
  });
});

describe('verify finds', () => {
  beforeEach(async () => {
    for (const target of ['a', 'b', 'c', 'd']) await open().record({ ...EVENT, target });
  });

  const lines = (): string[] => readFileSync(path(), 'utf8').trimEnd().split('\n');
  const rewrite = (changed: readonly string[]): void =>
    writeFileSync(path(), changed.map(line => `${line}\n`).join(''));

  it.each<[string, (all: string[]) => string[], { line: number; what: string }[]]>([
    [
      'a changed field',
      all => all.with(1, (all[1] ?? '').replace('"target":"b"', '"target":"x"')),
      [{ line: 2, what: 'its contents were changed after it was written' }],
    ],
    ['a line that is gone', all => all.toSpliced(1, 1), [{ line: 2, what: 'it has number 3 where 2 belongs' }]],
    [
      'two lines in another order',
      all => [all[0] ?? '', all[2] ?? '', all[1] ?? '', all[3] ?? ''],
      [
        { line: 2, what: 'it has number 3 where 2 belongs' },
        { line: 3, what: 'it has number 2 where 4 belongs' },
        { line: 4, what: 'it has number 4 where 3 belongs' },
      ],
    ],
    ['a line that is none', all => all.with(3, 'hello'), [{ line: 4, what: 'it is not an audit record' }]],
    [
      'a line put in twice',
      all => all.toSpliced(1, 0, all[0] ?? ''),
      [{ line: 2, what: 'it has number 1 where 2 belongs' }],
    ],
  ])('%s', async (_, change, problems) => {
    rewrite(change(lines()));
    expect((await open().verify()).problems).toEqual(problems);
  });

  it('a record with a hash of its own, made to fit', async () => {
    const { digestOf } = await import('../../../planner/digest.ts');
    const forged = JSON.parse(lines()[1] ?? '') as { [field: string]: unknown };
    delete forged['hash'];
    forged['actor'] = 'eve@host';
    rewrite(lines().with(1, JSON.stringify({ ...forged, hash: digestOf(forged) })));
    expect((await open().verify()).problems).toEqual([
      { line: 3, what: 'the line before it was changed, taken out or put in' },
    ]);
  });

  it('and then neither lists nor goes on from a damaged end', async () => {
    rewrite(lines().with(3, (lines()[3] ?? '').replace('"target":"d"', '"target":"x"')));
    await expect(open().list({ limit: 1 })).rejects.toMatchObject({ code: 'integrity' });
    await expect(open().record(EVENT)).rejects.toMatchObject({ code: 'integrity' });
  });
});
