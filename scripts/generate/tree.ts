import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { parseSync } from 'oxc-parser';
import { ROOT } from './format.ts';

/** A node of a syntax tree, as far as the rules look at it. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [field: string]: unknown;
}

/** A source file with its path from the top of the repository. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

export const PRODUCT = [
  'schemas',
  'planner',
  'providers',
  'taskservs',
  'clusters',
  'appliers',
  'platform',
  'reconciler',
  'operations',
  'server',
  'cli',
];

const SKIPPED = new Set(['node_modules', 'dist', '.git', 'coverage']);

/** Every file of the repository, sorted, without what is installed or built. */
export function allFiles(): readonly string[] {
  return walk(ROOT).sort();
}

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    if (SKIPPED.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [relative(ROOT, path).split(sep).join('/')];
  });
}

const sources = new Map<string, Source>();

/** A file as it was when it was first asked for: one process reads and parses each but once. */
export function read(path: string): Source {
  const known = sources.get(path);
  if (known !== undefined) return known;
  const source = { path, text: readFileSync(join(ROOT, path), 'utf8') };
  sources.set(path, source);
  return source;
}

/** TypeScript of the product itself: no tests, no scripts. */
export function productSources(): readonly Source[] {
  return allFiles()
    .filter(path => path.endsWith('.ts') && PRODUCT.includes(path.split('/')[0] ?? ''))
    .map(read);
}

const trees = new Map<Source, Parsed>();

export interface Parsed {
  readonly program: Node;
  readonly comments: readonly {
    readonly type: string;
    readonly value: string;
    readonly start: number;
    readonly end: number;
  }[];
}

export function parsed(source: Source): Parsed {
  const known = trees.get(source);
  if (known !== undefined) return known;
  const result = parseSync(source.path, source.text);
  if (result.errors.length > 0) throw new Error(`${source.path} does not parse: ${result.errors[0]?.message ?? ''}`);
  const tree = { program: result.program as unknown as Node, comments: result.comments };
  trees.set(source, tree);
  return tree;
}

/** Calls `visit` for every node below and with this one, parents first. */
export function eachNode(node: Node, visit: (node: Node) => void): void {
  visit(node);
  for (const field in node) {
    const value = node[field];
    if (typeof value !== 'object') continue;
    if (!Array.isArray(value)) {
      if (isNode(value)) eachNode(value, visit);
      continue;
    }
    for (const child of value) if (isNode(child)) eachNode(child, visit);
  }
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';
}

export function lineOf(source: Source, offset: number): number {
  return source.text.slice(0, offset).split('\n').length;
}

/** One import, however it is written: static, of types, dynamic or in a type. */
export interface Import {
  readonly from: string;
  readonly line: number;
  /** Nothing of it is left when the program runs. */
  readonly typeOnly: boolean;
}

export function importsOf(source: Source): readonly Import[] {
  const found: Import[] = [];
  eachNode(parsed(source).program, node => {
    const target = node['source'];
    if (!isNode(target) || typeof target['value'] !== 'string') return;
    const kind = node['importKind'] ?? node['exportKind'];
    found.push({
      from: target['value'],
      line: lineOf(source, node.start),
      typeOnly: kind === 'type' || node.type === 'TSImportType',
    });
  });
  return found;
}

/** `a.b` for a member expression of two names; null for anything else. */
export function memberName(node: Node): string | null {
  if (node.type !== 'MemberExpression') return null;
  const { object, property } = node as unknown as { object: Node; property: Node };
  if (object.type !== 'Identifier' || property.type !== 'Identifier') return null;
  return `${String(object['name'])}.${String(property['name'])}`;
}
