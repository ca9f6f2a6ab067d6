import { describe, expect, test } from 'vitest';
import { loadSafely } from '../../../platform/parser/load.ts';
import type { FileReader } from '../../../platform/parser/port.ts';
import { createWorkerReader } from '../../../platform/parser/worker-reader.ts';
import { demo } from '../../../providers/demo/index.ts';
import { Fault } from '../../../schemas/fault.ts';
import { LIMITS } from '../../../schemas/limits.ts';
import { loadWorkspace } from '../../../schemas/parse/load.ts';

const WORKSPACE = Buffer.from('name: shop\nproviders:\n  demo: {}\n');

function servers(count: number, image: string): Buffer {
  return Buffer.from(
    `server:\n${Array.from({ length: count }, (_, index) => `  s${index}:\n    size: small\n    image: ${image}\n`).join('')}`,
  );
}

function input(infra: Uint8Array): Parameters<typeof loadSafely>[0] {
  return {
    files: new Map([
      ['workspace.yaml', WORKSPACE],
      ['infra/a.yaml', infra],
    ]),
    prefix: '',
    env: null,
    drivers: { demo },
  };
}

/** A reader that counts what it is asked. */
function counting(): { readonly asked: string[]; readonly open: () => FileReader } {
  const asked: string[] = [];
  return {
    asked,
    open: () => {
      const reader = createWorkerReader();
      return {
        read: (path, bytes) => {
          asked.push(path);
          return reader.read(path, bytes);
        },
        close: () => reader.close(),
      };
    },
  };
}

async function problems(load: Promise<unknown>): Promise<readonly { id: string; what: string }[]> {
  const error: unknown = await load.then(
    () => new Error('it was accepted'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(Fault);
  return (error as Fault).problems.map(({ id, what }) => ({ id, what }));
}

describe('loadSafely', () => {
  test('reads plain and small files here, and only large unusual ones in a worker', async () => {
    const plain = counting();
    expect((await loadSafely(input(servers(3_000, 'debian-12')), plain.open)).workspace.resources).toHaveLength(3_000);
    expect((await loadSafely(input(servers(10, '&a debian-12')), plain.open)).workspace.resources).toHaveLength(10);
    expect(plain.asked).toEqual([]);
    const unusual = counting();
    const bytes = servers(2_000, '!!str debian-12');
    expect(bytes.length).toBeGreaterThan(64 << 10);
    const loaded = await loadSafely(input(bytes), unusual.open);
    expect(unusual.asked).toEqual(['infra/a.yaml']);
    expect(loaded.workspace).toEqual(loadWorkspace(input(bytes)).workspace);
    expect(loaded.locate('server/s1999', ['image'])).toEqual({ file: 'infra/a.yaml', line: 6_001, column: 18 });
  });

  test('many small unusual files go to the worker too', async () => {
    const { asked, open } = counting();
    const files = new Map<string, Uint8Array>([['workspace.yaml', WORKSPACE]]);
    for (let file = 0; file < 8; file += 1) {
      const text = servers(200, '!!str debian-12').toString().replaceAll('\n  s', `\n  f${file}s`);
      files.set(`infra/${file}.yaml`, Buffer.from(text));
    }
    const loaded = await loadSafely({ files, prefix: '', env: null, drivers: { demo } }, open);
    expect(loaded.workspace.resources).toHaveLength(1_600);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.length).toBeLessThan(8);
  });

  test('says the same of a file as the loader itself', async () => {
    const bad = Buffer.concat([servers(2_000, '!!str debian-12'), Buffer.from('  s1:\n    size: [\n')]);
    const here = await problems(Promise.resolve().then(() => loadWorkspace(input(bad))));
    expect(here).toHaveLength(1);
    expect(await problems(loadSafely(input(bad)))).toEqual(here);
  });

  test('a workspace beyond the limits is refused before any file is read', async () => {
    const { asked, open } = counting();
    const files = new Map(
      Array.from({ length: LIMITS.files + 1 }, (_, index) => [`infra/${index}.yaml`, servers(1, '!x y')] as const),
    );
    expect(
      (await problems(loadSafely({ files, prefix: '', env: null, drivers: { demo } }, open))).map(({ id }) => id),
    ).toEqual(['WS-LIMIT']);
    expect(asked).toEqual([]);
  });
});
