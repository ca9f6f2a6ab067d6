import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseToml } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { CLUSTERS } from '../../../clusters/index.ts';
import { isObject } from '../../../schemas/json.ts';
import { jsonSchemas } from '../../../schemas/parse/json-schema.ts';
import { TASKSERVS } from '../../../taskservs/index.ts';
import { ROOT } from '../../../scripts/generate/format.ts';
import { allFiles } from '../../../scripts/generate/tree.ts';

const WRITTEN = jsonSchemas({ services: TASKSERVS, templates: CLUSTERS });
const SCHEMAS = Object.fromEntries(
  Object.entries(WRITTEN).map(([name, schema]) => [name, z.fromJSONSchema(inlined(schema) as never)]),
);

/** A schema with those of the other files put in where it refers to them, as an editor does. */
function inlined(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(inlined);
  if (!isObject(schema)) return schema;
  const [, file, path] = /^(\w+)\.schema\.json#\/(.*)$/.exec(String(schema['$ref'])) ?? [];
  if (file === undefined || path === undefined)
    return Object.fromEntries(Object.entries(schema).map(([key, one]) => [key, inlined(one)]));
  let found: unknown = WRITTEN[file];
  for (const step of path.split('/')) found = (found as { [key: string]: unknown })[step];
  expect(found, `${file} has no ${path}`).toBeDefined();
  return inlined(found);
}

/** The sort of a workspace file by its path; null for another file. */
function sortOf(path: string): string | null {
  if (/(?:^|\/)workspace\.(?:yaml|toml|json)$/.test(path)) return 'workspace';
  if (/\/infra\/.*\.(?:yaml|toml|json)$/.test(path)) return 'infra';
  if (/\/clusters\/.*\.(?:yaml|toml|json)$/.test(path)) return 'clusters';
  if (/\/taskservs\/[^/]+\/service\.(?:yaml|toml|json)$/.test(path)) return 'service';
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
  return loads && sortOf(path) !== null && !isLeftAlone(path, root) && valueOf(path) !== null;
});

/** Cases that say nothing of clusters do not read them, whatever stands there. */
function isLeftAlone(path: string, root: string | undefined): boolean {
  const own = join(ROOT, root ?? '', 'case.json');
  const reads = existsSync(own) ? (JSON.parse(readFileSync(own, 'utf8')) as { readonly clusters?: boolean }) : {};
  // Its services have parameters of no service that there is.
  if (root?.endsWith('/good-taskservs') === true) return true;
  return root !== undefined && sortOf(path) === 'clusters' && reads.clusters !== true;
}

describe('what the loader takes, an editor does not complain about', () => {
  it('on many files of every sort', () => {
    expect(new Set(good.map(sortOf))).toEqual(new Set(['workspace', 'infra', 'clusters', 'defaults', 'service']));
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
    ['an unknown parameter', 'infra', { server: { web: { taskservs: { redis: { prt: 1 } } } } }],
    ['a wrong parameter', 'defaults', { taskservs: { redis: { port: 'high' } } }],
    ['an unknown template', 'clusters', { webb: {} }],
    ['an unknown field of a cluster', 'clusters', { web: { shop: { nods: 3 } } }],
    ['a wrong field of a cluster', 'defaults', { clusters: { web: { nodes: -1 } } }],
    ['a service without items', 'service', { summary: 'x', categories: ['databases'] }],
    ['an unknown setting', 'workspace', { name: 'shop', providers: {}, revue: 'none' }],
    ['a workspace without a name', 'workspace', { providers: {} }],
  ])('%s', (_, sort, value) => {
    expect(SCHEMAS[sort]?.safeParse(value).success).toBe(false);
  });
});

it('refers to nothing but each other', () => {
  const refs = new Set([...JSON.stringify(WRITTEN).matchAll(/"\$ref":"([^"#]*)#/g)].map(([, file]) => file));
  expect([...refs].toSorted()).toEqual(['', 'clusters.schema.json', 'taskservs.schema.json']);
});
