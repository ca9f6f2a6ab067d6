import { type Alias, type Document as YamlDocument, isAlias, isMap, isScalar, isSeq, visit } from 'yaml';
import { LIMITS } from '../limits.ts';
import type { Flaw } from './node.ts';

/** Aliases that are too many, unknown, or that would expand beyond the limit. Sizes are added up without expanding anything. */
export function aliasFlaws(document: YamlDocument.Parsed): Flaw[] {
  const aliases: Alias.Parsed[] = [];
  visit(document, {
    Alias: (_, alias) => {
      aliases.push(alias as Alias.Parsed);
      return aliases.length > LIMITS.aliases ? visit.BREAK : undefined;
    },
  });
  const [first] = aliases;
  if (first === undefined) return [];
  const fix = 'write the values out, or move them to config/defaults.yaml';
  if (aliases.length > LIMITS.aliases) {
    const at = aliases.at(-1)?.range[0] ?? 0;
    return [{ id: 'WS-ALIASES', at, what: `too many aliases (limit ${LIMITS.aliases})`, fix }];
  }
  const sizes = new Sizes();
  const total = sizes.of(document.contents);
  if (sizes.unknown !== undefined) {
    const what = 'an alias without an anchor above it';
    return [{ id: 'WS-SYNTAX', at: sizes.unknown, what, fix: 'quote a text that starts with *' }];
  }
  if (total <= LIMITS.expandedBytes) return [];
  const what = `the file expands beyond ${LIMITS.expandedBytes >> 20} MiB through its aliases`;
  return [{ id: 'WS-EXPANDED', at: first.range[0], what, fix }];
}

/** Sizes of nodes with every alias counted as what it stands for. */
class Sizes {
  /** Place of the first alias without an anchor above it; an alias inside its own anchor is one. */
  unknown: number | undefined;
  readonly #anchors = new Map<string, number>();

  of(node: unknown): number {
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (target === undefined) this.unknown ??= node.range?.[0] ?? 0;
      return target ?? 0;
    }
    let total = 8;
    if (isScalar(node)) total += typeof node.value === 'string' ? node.value.length : 8;
    else if (isMap(node)) for (const pair of node.items) total += this.of(pair.key) + this.of(pair.value);
    else if (isSeq(node)) for (const item of node.items) total += this.of(item);
    const anchor = (node as { anchor?: string } | null)?.anchor;
    if (anchor !== undefined) this.#anchors.set(anchor, total);
    return total;
  }
}
