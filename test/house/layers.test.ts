import { describe, expect, it } from 'vitest';
import { cyclesOf, violationsOf } from './layers.ts';
import { productSources } from '../../scripts/generate/tree.ts';

const show = (path: string, text: string): string[] =>
  violationsOf({ path, text }).map(found => `${found.line}: ${found.what}`);

describe('the tree', () => {
  const sources = productSources();

  it('is looked at as a whole', () => {
    expect(sources.length).toBeGreaterThan(100);
  });

  it('keeps to its floors', () => {
    const lines = sources.flatMap(violationsOf).map(({ path, line, what }) => `${path}:${line}  ${what}`);
    expect(lines).toEqual([]);
  });

  it('has no import cycles, not even of types', () => {
    expect(cyclesOf(sources).map(cycle => cycle.join(' -> '))).toEqual([]);
  });
});

describe('the rules see', () => {
  it.each([
    [
      'an upward import',
      'planner/a.ts',
      "import { b } from '../reconciler/b.ts';",
      '1: planner is on floor 2 and may not import reconciler/b.ts on floor 4',
    ],
    [
      'an upward import of a type',
      'schemas/a.ts',
      "\nimport type { B } from '../planner/b.ts';",
      '2: schemas is on floor 1 and may not import planner/b.ts on floor 2',
    ],
    [
      'an upward dynamic import',
      'planner/a.ts',
      "const b = import('../cli/b.ts');",
      '1: planner is on floor 2 and may not import cli/b.ts on floor 7',
    ],
    [
      'an upward re-export',
      'appliers/a.ts',
      "export { b } from '../operations/b.ts';",
      '1: appliers is on floor 3 and may not import operations/b.ts on floor 5',
    ],
    [
      'an upward import inside a type',
      'planner/a.ts',
      "type B = import('../cli/b.ts').B;",
      '1: planner is on floor 2 and may not import cli/b.ts on floor 7',
    ],
    [
      'a neighbour on the same floor',
      'appliers/a.ts',
      "import { b } from '../platform/git/port.ts';",
      '1: appliers is on floor 3 and may not import platform/git/port.ts on floor 3',
    ],
    [
      'a neighbour inside platform',
      'platform/git/a.ts',
      "import { b } from '../state/b.ts';",
      '1: platform/git may not import its neighbour platform/state',
    ],
    [
      'an adapter behind the back of wire',
      'reconciler/a.ts',
      "import { b } from '../platform/git/native.ts';",
      '1: only reconciler/wire.ts names adapters, not reconciler/a.ts',
    ],
    ['a test', 'cli/a.ts', "import { b } from '../test/b.ts';", '1: the product may not import test/b.ts'],
    ['the disk', 'planner/a.ts', "import { readFileSync } from 'node:fs';", '1: planner may not import node:fs'],
    [
      'a process',
      'operations/a.ts',
      "import { spawn } from 'child_process';",
      '1: operations may not import child_process',
    ],
    ['the clock', 'appliers/a.ts', 'const now = Date.now();', '1: Date.now is only for platform and cli; take World'],
    [
      'the hidden clock',
      'reconciler/a.ts',
      'const now = new Date();',
      '1: new Date() is only for platform and cli; take World',
    ],
    [
      'chance',
      'providers/x/a.ts',
      'const roll = Math.random();',
      '1: Math.random is only for platform and cli; take World',
    ],
    [
      'the environment',
      'operations/a.ts',
      "const home = process.env['HOME'];",
      '1: process.env is only for platform and cli; take World',
    ],
    ['a timer', 'appliers/a.ts', 'setTimeout(() => {}, 1);', '1: setTimeout is only for platform and cli; take World'],
    [
      'waiting in a pure folder',
      'planner/a.ts',
      'export const a = async () => 1;',
      '1: planner does not wait: no async, no await, no promise',
    ],
    ['any', 'cli/a.ts', 'let a: any;', '1: there is no `any` here'],
  ])('%s', (_, path, text, expected) => {
    expect(show(path, text)).toEqual([expected]);
  });

  it.each([
    ['a lower floor', 'reconciler/a.ts', "import { b } from '../planner/b.ts'; import { c } from '../schemas/c.ts';"],
    ['its own folder', 'platform/git/a.ts', "import { b } from './b.ts';"],
    ['a port', 'reconciler/a.ts', "import type { B } from '../platform/git/port.ts';"],
    ['the type of an adapter', 'reconciler/a.ts', "import type { B } from '../platform/stage/stage.ts';"],
    ['an adapter in wire', 'reconciler/wire.ts', "import { b } from '../platform/git/native.ts';"],
    ['the parts in an index', 'providers/index.ts', "import { demo } from './demo/index.ts';"],
    ['a date of a known time', 'operations/a.ts', 'const at = new Date(0).toISOString();'],
    ['a promise as a type', 'schemas/a.ts', 'export interface A { b(): Promise<void> }'],
  ])('nothing wrong with %s', (_, path, text) => {
    expect(show(path, text)).toEqual([]);
  });

  it('a cycle through a type', () => {
    const a = { path: 'cli/a.ts', text: "import type { B } from './b.ts'; export type A = B;" };
    const b = { path: 'cli/b.ts', text: "import { c } from './c.ts'; export type B = typeof c;" };
    const c = { path: 'cli/c.ts', text: "import type { A } from './a.ts'; export const c: A = 1;" };
    expect(cyclesOf([a, b, c])).toEqual([['cli/a.ts', 'cli/b.ts', 'cli/c.ts', 'cli/a.ts']]);
    expect(cyclesOf([a, b, { ...c, text: 'export const c = 1;' }])).toEqual([]);
  });
});
