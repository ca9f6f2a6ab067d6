import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { jsonSchemas } from '../../../schemas/parse/json-schema.ts';
import { ROOT } from '../../../scripts/generate/format.ts';
import { allFiles } from '../../../scripts/generate/tree.ts';

const SCHEMAS = Object.fromEntries(
  Object.entries(jsonSchemas()).map(([name, schema]) => [name, z.fromJSONSchema(schema as never)]),
);

/** The sort of a workspace file by its path; null for another file. */
function sortOf(path: string): string | null {
  if (/(?:^|\/)workspace\.(?:yaml|toml|json)$/.test(path)) return 'workspace';
  if (/\/infra\/.*\.(?:yaml|toml|json)$/.test(path)) return 'infra';
  return /\/config\/(?:[a-z]+-)?defaults\.(?:yaml|toml|json)$/.test(path) ? 'defaults' : null;
}

function valueOf(path: string): unknown {
  const text = readFileSync(join(ROOT, path), 'utf8');
  if (path.endsWith('.json')) return JSON.parse(text);
  // Dates of TOML become text, as they do in a workspace.
  return path.endsWith('.toml') ? (JSON.parse(JSON.stringify(parseToml(text))) as unknown) : parseYaml(text);
}

/** Files that the loader takes: the examples, and every case that is expected to load. */
const good = allFiles().filter(path => {
  const root = /^test\/schemas\/cases\/[^/]+/.exec(path)?.[0];
  const loads =
    path.startsWith('example-workspace/') || (root !== undefined && existsSync(join(ROOT, root, 'expected.json')));
  return loads && sortOf(path) !== null && valueOf(path) !== null;
});

describe('what the loader takes, an editor does not complain about', () => {
  it('on many files of every sort', () => {
    expect(new Set(good.map(sortOf))).toEqual(new Set(['workspace', 'infra', 'defaults']));
    expect(good.length).toBeGreaterThan(30);
  });

  it.each(good)('%s', path => {
    const result = SCHEMAS[sortOf(path) ?? '']?.safeParse(valueOf(path));
    expect(result?.error?.issues ?? []).toEqual([]);
  });
});

describe('an editor complains about', () => {
  it.each<[string, string, unknown]>([
    ['an unknown kind', 'infra', { servr: {} }],
    ['an unknown field', 'infra', { server: { web: { sise: 'nano' } } }],
    ['a wrong choice', 'infra', { volume: { disk: { type: 'tape' } } }],
    ['a number out of range', 'infra', { volume: { disk: { sizeGib: 0 } } }],
    ['a name in capitals', 'infra', { server: { Web: {} } }],
    ['an unknown field of defaults', 'defaults', { server: { sise: 'nano' } }],
    ['a repetition in defaults', 'defaults', { server: { count: 3 } }],
    ['an unknown setting', 'workspace', { name: 'shop', providers: {}, revue: 'none' }],
    ['a workspace without a name', 'workspace', { providers: {} }],
  ])('%s', (_, sort, value) => {
    expect(SCHEMAS[sort]?.safeParse(value).success).toBe(false);
  });
});

it('refers to nothing outside itself', () => {
  expect(JSON.stringify(jsonSchemas())).not.toContain('"$ref"');
});
