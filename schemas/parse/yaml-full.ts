import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Document as YamlDocument,
  type Node as YamlNode,
  type YAMLError,
} from 'yaml';
import { LIMITS } from '../limits.ts';
import { showText } from '../problem.ts';
import { depthFlaw, keyFlaws, numberFlaw, valueFlaw } from './checks.ts';
import type { Entry, Flaw, Node } from './node.ts';

const OPTIONS = {
  schema: 'core',
  version: '1.2',
  strict: true,
  merge: false,
  // Its own check is quadratic; keyFlaws is linear.
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
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
  const flaws = [
    ...headFlaws(text, document),
    ...document.errors.map(syntaxFlaw),
    ...document.warnings.map(syntaxFlaw),
  ];
  if (flaws.length > 0) return { root: null, flaws: flaws.slice(0, LIMITS.problemsPerFile) };
  const aliases = aliasFlaws(document);
  if (aliases.length > 0) return { root: null, flaws: aliases };
  const conversion = new Conversion(document);
  const root = document.contents === null ? null : conversion.node(document.contents, 0, 0);
  return { root: conversion.flaws.length > 0 ? null : root, flaws: conversion.flaws };
}

function headFlaws(text: string, document: YamlDocument.Parsed): Flaw[] {
  const directive = /^%\S*/m.exec(text);
  const { yaml, tags } = document.directives;
  if (directive === null || (yaml.explicit !== true && Object.keys(tags).length === 1)) return [];
  return [
    {
      id: 'WS-DIRECTIVE',
      at: directive.index,
      what: `the directive ${showText(directive[0])} is not allowed`,
      why: 'it changes what the rest of the file means',
      fix: 'delete the line',
    },
  ];
}

const SYNTAX: {
  readonly [code in YAMLError['code']]?: {
    readonly id: string;
    readonly what: string;
    readonly why?: string;
    readonly fix: string;
  };
} = {
  TAB_AS_INDENT: { id: 'WS-TAB', what: 'a tab is used as indentation', fix: 'use spaces' },
  MULTIPLE_DOCS: {
    id: 'WS-DOCUMENTS',
    what: 'a second document begins here',
    why: 'one document per file',
    fix: 'move it to a file of its own',
  },
  TAG_RESOLVE_FAILED: {
    id: 'WS-TAG',
    what: 'an unknown tag',
    why: 'tags change what a value means',
    fix: 'delete the tag',
  },
  BAD_INDENT: { id: 'WS-SYNTAX', what: 'the indentation fits no line above', fix: 'indent it like its neighbours' },
  MISSING_CHAR: { id: 'WS-SYNTAX', what: 'a closing quote, bracket, comma or colon is missing', fix: 'add it' },
  BAD_DQ_ESCAPE: {
    id: 'WS-SYNTAX',
    what: 'an unknown escape in a double-quoted text',
    fix: 'write \\\\ for a backslash, or use single quotes',
  },
  BAD_ALIAS: { id: 'WS-SYNTAX', what: 'an alias without a name', fix: 'quote a text that starts with *' },
  BAD_SCALAR_START: { id: 'WS-SYNTAX', what: 'a text cannot start with this character', fix: 'quote it' },
  MULTILINE_IMPLICIT_KEY: {
    id: 'WS-SYNTAX',
    what: 'a key goes over more than one line, or a colon is missing',
    fix: 'put `key: value` on one line',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    id: 'WS-SYNTAX',
    what: 'a map begins inside a line',
    fix: 'put it on lines of its own, or quote the text',
  },
  NON_STRING_KEY: { id: 'WS-SYNTAX', what: 'a key is not text', fix: 'use text as key' },
  RESOURCE_EXHAUSTION: {
    id: 'WS-DEPTH',
    what: `nested deeper than ${LIMITS.depth}`,
    fix: 'make the structure flatter',
  },
};

function syntaxFlaw(error: YAMLError): Flaw {
  const known = SYNTAX[error.code] ?? { id: 'WS-SYNTAX', what: 'this is not YAML', fix: 'correct the line' };
  return { ...known, at: error.pos[0] };
}

/** Aliases that are too many, unknown, or that would expand to more than the limit. Sizes are added up without expanding anything. */
function aliasFlaws(document: YamlDocument.Parsed): Flaw[] {
  const aliases: { at: number; name: string }[] = [];
  visit(document, {
    Alias: (_, alias) => {
      aliases.push({ at: alias.range?.[0] ?? 0, name: alias.source });
      return aliases.length > LIMITS.aliases ? visit.BREAK : undefined;
    },
  });
  const last = aliases.at(-1);
  if (last === undefined) return [];
  if (aliases.length > LIMITS.aliases) {
    return [
      {
        id: 'WS-ALIASES',
        at: last.at,
        what: `too many aliases (limit ${LIMITS.aliases})`,
        fix: 'write the values out, or move them to config/defaults.yaml',
      },
    ];
  }
  const anchors = new Map<string, number>();
  let flaw: Flaw | undefined;
  const size = (node: unknown, depth: number): number => {
    if (depth > LIMITS.depth * 2 || flaw !== undefined) return 0;
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined) {
        flaw = {
          id: 'WS-SYNTAX',
          at: node.range?.[0] ?? 0,
          what: 'an alias without an anchor above it',
          fix: 'quote a text that starts with *',
        };
      }
      return target ?? 0;
    }
    let total = 8;
    if (isScalar(node)) total += typeof node.value === 'string' ? node.value.length : 8;
    else if (isMap(node))
      for (const pair of node.items) total += size(pair.key, depth + 1) + size(pair.value, depth + 1);
    else if (isSeq(node)) for (const item of node.items) total += size(item, depth + 1);
    const anchor = (node as { anchor?: string } | null)?.anchor;
    if (anchor !== undefined) anchors.set(anchor, total);
    return total;
  };
  const total = size(document.contents, 0);
  if (flaw !== undefined) return [flaw];
  if (total <= LIMITS.expandedBytes) return [];
  return [
    {
      id: 'WS-EXPANDED',
      at: aliases[0]?.at ?? 0,
      what: 'the file expands beyond 4 MiB through its aliases',
      fix: 'write the values out',
    },
  ];
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
      return this.#refused({
        id: 'WS-TAG',
        at: place,
        what: `unknown tag ${showText(tag)}`,
        why: 'tags change what a value means',
        fix: 'delete the tag',
      });
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

/** Where nesting passes the limit, judged by brackets and indentation alone: only asked when the package ran out of stack. */
function deepPlace(text: string): number {
  let open = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text[at];
    if (unit === '[' || unit === '{') open += 1;
    else if (unit === ']' || unit === '}') open -= 1;
    if (open > LIMITS.depth) return at;
  }
  const deep = new RegExp(`^ {${LIMITS.depth},}`, 'm').exec(text);
  return deep === null ? 0 : deep.index + deep[0].length;
}
