import { afterEach, describe, expect, test } from 'vitest';
import type { FileReader } from '../../../platform/parser/port.ts';
import { createWorkerReader } from '../../../platform/parser/worker-reader.ts';
import { parseFile } from '../../../schemas/parse/document.ts';

function servers(count: number, image: string): Buffer {
  return Buffer.from(
    `server:\n${Array.from({ length: count }, (_, index) => `  s${index}:\n    size: small\n    image: ${image}\n`).join('')}`,
  );
}

describe('a worker reader', () => {
  const readers: FileReader[] = [];
  const open = (limits?: { parseMs: number; parseMemoryMib: number }): FileReader => {
    const reader = createWorkerReader(limits);
    readers.push(reader);
    return reader;
  };
  afterEach(async () => {
    await Promise.all(readers.splice(0).map(reader => reader.close()));
  });

  const hard = Buffer.from(`server: ${'{ a: '.repeat(30_000)}`);

  test('answers with the tree that the loader reads itself', async () => {
    const bytes = servers(20, '&a debian-12');
    expect(await open().read('infra/a.yaml', bytes)).toEqual(parseFile('infra/a.yaml', bytes));
  });

  test('gives up at the deadline, and reads the next file with a new worker', async () => {
    const reader = open({ parseMs: 1, parseMemoryMib: 256 });
    const { root, flaws } = await reader.read('infra/a.yaml', hard);
    expect(root).toBeNull();
    expect(flaws).toMatchObject([{ id: 'WS-LIMIT', what: 'the file takes longer than 1 ms to read' }]);
    const generous = open({ parseMs: 20_000, parseMemoryMib: 256 });
    expect((await generous.read('infra/b.yaml', servers(1, '&a x'))).flaws).toEqual([]);
  });

  test('gives up at the memory limit, and goes on', async () => {
    const reader = open({ parseMs: 20_000, parseMemoryMib: 24 });
    const wide = Buffer.from(`server:\n  a: { k: [${'!!str a, '.repeat(60_000)}b] }\n`);
    expect((await reader.read('infra/a.yaml', wide)).flaws).toMatchObject([
      { id: 'WS-LIMIT', what: 'the file takes more than 24 MiB of memory to read' },
    ]);
    expect((await reader.read('infra/b.yaml', servers(1, 'x'))).flaws).toEqual([]);
  });

  test('leaves the main thread free meanwhile', async () => {
    let ticks = 0;
    const timer = setInterval(() => (ticks += 1), 1);
    await open({ parseMs: 20_000, parseMemoryMib: 256 }).read('infra/a.yaml', hard);
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(5);
  });

  test('files asked at once are read one after the other', async () => {
    const reader = open();
    const read = await Promise.all([1, 2, 3].map(count => reader.read(`infra/${count}.yaml`, servers(count, 'x'))));
    expect(read.map(document => document.path)).toEqual(['infra/1.yaml', 'infra/2.yaml', 'infra/3.yaml']);
  });
});
