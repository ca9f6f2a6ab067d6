import { expect, test } from 'vitest';
import { demo } from '../../../providers/demo/index.ts';
import { Fault } from '../../../schemas/fault.ts';
import { loadWorkspace } from '../../../schemas/parse/load.ts';
import type { Loaded } from '../../../schemas/workspace.ts';

const FILES = 20;
const PER_FILE = 2_500;

function chain(first: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>([['workspace.yaml', Buffer.from('name: shop\nproviders:\n  demo: {}\n')]]);
  for (let file = 0; file < FILES; file += 1) {
    const servers = Array.from({ length: PER_FILE }, (_, index) => {
      const number = file * PER_FILE + index;
      const before = number === 0 ? first : `\${server.s${number - 1}.id}`;
      return `  s${number}:\n    size: small\n    image: debian-12\n    labels: { before: "${before}" }\n`;
    });
    files.set(`infra/f${file}.yaml`, Buffer.from(`server:\n${servers.join('')}`));
  }
  return files;
}

function load(files: ReadonlyMap<string, Uint8Array>): Loaded {
  return loadWorkspace({ files, prefix: '', env: null, drivers: { demo } });
}

test('50,000 resources in a chain load in bounded time and memory', () => {
  const before = process.memoryUsage().rss;
  const start = process.cpuUsage();
  const { workspace } = load(chain('none'));
  const used = process.cpuUsage(start);
  expect(workspace.resources).toHaveLength(FILES * PER_FILE);
  expect(workspace.resources.find(resource => resource.name === 's49999')?.needs).toEqual(['server/s49998']);
  expect((used.user + used.system) / 1_000).toBeLessThan(10_000);
  expect((process.memoryUsage().rss - before) / (1 << 20)).toBeLessThan(700);
});

test('a cycle through all of them is one problem, found without running out of stack', () => {
  let fault: unknown;
  try {
    load(chain('${server.s49999.id}'));
  } catch (error) {
    fault = error;
  }
  expect(fault).toBeInstanceOf(Fault);
  const { problems } = fault as Fault;
  expect(problems.map(problem => problem.id)).toEqual(['WS-CYCLE']);
  expect(problems[0]?.what.length).toBeLessThan(2_000);
});
