import {
  type Document as YamlDocument,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node as YamlNode,
  parseDocument,
} from 'yaml';
import { LIMITS } from '../limits.ts';
import { depthFlaw, keyFlaws, numberFlaw, valueFlaw } from './checks.ts';
import type { Entry, Flaw, Node } from './node.ts';
import { aliasFlaws } from './yaml-aliases.ts';
import { deepPlace, refusals, tagFlaw } from './yaml-refusals.ts';

const OPTIONS = {
  schema: 'core',
  version: '1.2',
  strict: true,
  merge: false,
  // Its own check is quadratic; keyFlaws is linear.
  uniqueKeys: false,
  prettyErrors: false,
  // `silent` would also keep quiet about a second document.
  logLevel: 'error',
} as const;

/** Reads any YAML 1.2 document through the `yaml` package. Never passes its messages on, because they quote the file. */
export function readYaml(text: string): { readonly root: Node | null; readonly flaws: readonly Flaw[] } {
  let document: YamlDocument.Parsed;
  try {
    document = parseDocument(text, OPTIONS);
  } catch (error) {
    if (error instanceof RangeError) return { root: null, flaws: [depthFlaw(deepPlace(text))] };
    throw error;
  }
  const flaws = refusals(text, document);
  if (flaws.length > 0) return { root: null, flaws };
  const aliases = aliasFlaws(document);
  if (aliases.length > 0) return { root: null, flaws: aliases };
  const conversion = new Conversion(document);
  const root = document.contents === null ? null : conversion.node(document.contents, 0, 0);
  return { root: conversion.flaws.length > 0 ? null : root, flaws: conversion.flaws };
}

/** Turns the package's tree into ours, and collects what is wrong on the way. */
class Conversion {
  readonly flaws: Flaw[] = [];
  readonly #document: YamlDocument.Parsed;

  constructor(document: YamlDocument.Parsed) {
    this.#document = document;
  }

  node(from: YamlNode | null, at: number, depth: number): Node {
    if (depth > LIMITS.depth) return this.#refused(depthFlaw(from?.range?.[0] ?? at));
    if (from === null) return { kind: 'scalar', at, value: null };
    const place = from.range?.[0] ?? at;
    const tag = (from as { tag?: string }).tag;
    if (tag !== undefined && !CORE_TAGS.has(tag)) {
      return this.#refused(tagFlaw(tag, place));
    }
    if (isAlias(from)) return this.node((from.resolve(this.#document) ?? null) as YamlNode | null, place, depth + 1);
    if (isMap(from)) return { kind: 'map', at: place, entries: this.#entries(from.items, place, depth) };
    if (isSeq(from)) {
      return {
        kind: 'list',
        at: place,
        items: from.items.map(item => this.node(isPair(item) ? null : (item as YamlNode | null), place, depth + 1)),
      };
    }
    return isScalar(from)
      ? this.#scalar(from, place, at)
      : this.#refused({ id: 'WS-SYNTAX', at: place, what: 'this is not YAML', fix: 'correct the line' });
  }

  #entries(pairs: readonly unknown[], at: number, depth: number): Entry[] {
    const entries: Entry[] = [];
    for (const pair of pairs) {
      if (!isPair(pair) || !isScalar(pair.key)) {
        const place = (isPair(pair) ? (pair.key as YamlNode | null)?.range?.[0] : undefined) ?? at;
        this.#refused({ id: 'WS-SYNTAX', at: place, what: 'a key is not text', fix: 'use text as key' });
        continue;
      }
      const place = pair.key.range?.[0] ?? at;
      const key = typeof pair.key.value === 'string' ? pair.key.value : (pair.key.source ?? '');
      if (key === '<<' && pair.key.type === 'PLAIN') {
        this.#refused({
          id: 'WS-MERGEKEY',
          at: place,
          what: 'merge keys (<<) are off',
          why: 'they hide what a resource holds',
          fix: 'write the fields out, or move them to config/defaults.yaml',
        });
      }
      entries.push({ key, at: place, node: this.node(pair.value as YamlNode | null, place, depth + 1) });
    }
    this.flaws.push(...keyFlaws(entries, at));
    return entries;
  }

  #scalar(from: { value: unknown; source?: string; type?: string }, place: number, outer: number): Node {
    const { value } = from;
    if (typeof value === 'string') {
      const flaw = valueFlaw(value, place);
      return flaw === undefined ? { kind: 'scalar', at: place, value } : this.#refused(flaw);
    }
    if (typeof value === 'number') {
      const flaw = numberFlaw(from.source ?? '', value, place);
      return flaw === undefined ? { kind: 'scalar', at: place, value } : this.#refused(flaw);
    }
    if (typeof value === 'boolean') return { kind: 'scalar', at: place, value };
    return { kind: 'scalar', at: (from.source ?? '') === '' ? outer : place, value: null };
  }

  #refused(flaw: Flaw): Node {
    this.flaws.push(flaw);
    return { kind: 'scalar', at: flaw.at, value: null };
  }
}

const CORE_TAGS: ReadonlySet<string> = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map(name => `tag:yaml.org,2002:${name}`),
);
