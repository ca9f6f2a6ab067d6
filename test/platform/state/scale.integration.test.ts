import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { begin, done, holder, intent, object } from './fixture.ts';
import { faultOf } from './bench.ts';
import { type ProcessBench, processBench } from './processes-bench.ts';

const OBJECTS = 10_000;

let bench: ProcessBench;
beforeEach(() => {
  bench = processBench();
});
afterEach(() => bench.close());

/** Figures for the report. They are not asserted: the machine is shared. */
function tell(what: string, startedAt: number, count = 1): void {
  const ms = performance.now() - startedAt;
  const rate = count === 1 ? '' : `, ${Math.round((count * 1_000) / ms)} a second`;
  console.log(`${what}: ${Math.round(ms)} ms${rate}`);
}

function megabytes(directory: string): number {
  const names = readdirSync(directory, { recursive: true }) as string[];
  const bytes = names
    .map(name => statSync(join(directory, name)))
    .reduce((sum, found) => sum + (found.isFile() ? found.size : 0), 0);
  return bytes / (1 << 20);
}

test(`${OBJECTS} objects, one commit each: read, verified and compacted`, async () => {
  const names = Array.from({ length: OBJECTS }, (_, index) => `web-${index}`);
  let startedAt = performance.now();
  const writer = await bench.open('one').take(holder('one'), { waitMs: 0 });
  tell('take a new chain', startedAt);
  startedAt = performance.now();
  await writer.pushed(
    await writer.append([begin('large'), { step: 'intend', intents: names.map(name => intent(name)) }]),
  );
  tell(`intend ${OBJECTS} changes in one commit, pushed`, startedAt);
  startedAt = performance.now();
  const lanes = Array.from({ length: 10 }, async (_, lane) => {
    for (const name of names.filter((_name, index) => index % 10 === lane)) await writer.append([done(name)]);
  });
  await Promise.all(lanes);
  tell('durable on this machine, ten at a time', startedAt, OBJECTS);
  await writer.pushed(await writer.append([{ step: 'end', outcome: 'done', at: 1 }]));
  tell('committed one by one and pushed', startedAt, OBJECTS);
  await writer.close({ release: true });
  console.log(`remote: ${megabytes(bench.remote).toFixed(1)} MB`);

  startedAt = performance.now();
  const fresh = await bench.open('fresh').read();
  tell('read on a machine that has nothing', startedAt);
  startedAt = performance.now();
  const again = await bench.open('fresh').read();
  tell('read again', startedAt);
  expect(fresh.objects.size).toBe(OBJECTS);
  expect(again.objects).toEqual(fresh.objects);
  expect(fresh.tree).toBe(bench.git('rev-parse', `${fresh.head}:state`));

  const before = bench.git('for-each-ref');
  for (let pass = 0; pass < 100; pass += 1) await bench.open('fresh').read();
  expect(bench.git('for-each-ref')).toBe(before);

  startedAt = performance.now();
  expect(await bench.open('fresh').verify()).toMatchObject({ problems: [], objects: OBJECTS });
  tell('verify', startedAt, OBJECTS);
  startedAt = performance.now();
  const next = await bench.open('fresh').take(holder('next'), { waitMs: 0 });
  tell('take a chain that was read', startedAt);
  startedAt = performance.now();
  await next.pushed(await next.append([done('web-1', { id: 'i-changed' })]));
  tell('one change, pushed', startedAt);
  await next.close({ release: true });
  startedAt = performance.now();
  await bench.open('fresh').compact(holder('next'), { waitMs: 0 });
  tell('compact', startedAt);
  expect((await bench.open('one').read()).objects.get('server/web-1')?.id).toBe('i-changed');
});

test('an object that is damaged on the remote is named, and a rebuild mends the chain', async () => {
  const writer = await bench.open('one').take(holder('one'), { waitMs: 0 });
  await writer.append([done('a')]);
  await writer.close({ release: true });
  const blob = bench.git('rev-parse', 'provisioning/state/shop:header.json');
  const path = join(bench.remote, 'objects', blob.slice(0, 2), blob.slice(2));
  chmodSync(path, 0o644);
  writeFileSync(path, 'not an object');
  const fault = await faultOf(bench.open('fresh').read());
  expect(fault.code).toBe('integrity');
  await bench
    .open('fresh')
    .rebuild({ lineage: '0123456789ab', objects: [object('a')], by: 'ada', holder: holder('two') });
  expect([...(await bench.open('fresh').read()).objects.keys()]).toEqual(['server/a']);
});
