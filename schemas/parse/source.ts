import { type Document, entryOf, type Node } from './node.ts';
import type { Place } from './sink.ts';

/** A node together with the file it stands in. */
export interface Sourced<N extends Node = Node> {
  readonly document: Document;
  readonly node: N;
}

/** A node as plain JSON, without evaluating expressions. Keys are safe: reserved names never reach a tree. */
export function plainValue(node: Node): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plainValue);
  const value: { [key: string]: unknown } = {};
  for (const entry of node.entries) value[entry.key] = plainValue(entry.node);
  return value;
}

/** The node at a path, as far as it goes: how many steps were found, and where that is. */
export function follow(
  from: Sourced,
  path: readonly PropertyKey[],
): { readonly place: Place; readonly node: Node; readonly steps: number } {
  let node = from.node;
  let steps = 0;
  for (const step of path) {
    const next = node.kind === 'list' ? node.items[Number(step)] : entryOf(node, String(step))?.node;
    if (next === undefined) break;
    node = next;
    steps += 1;
  }
  return { place: { document: from.document, at: node.at }, node, steps };
}

/** Place of a key of the map at a path; of the map itself when it lacks the key. */
export function keyPlace(from: Sourced, path: readonly PropertyKey[], key: string): Place {
  const { node, place } = follow(from, path);
  const entry = entryOf(node, key);
  return entry === undefined ? place : { document: from.document, at: entry.at };
}

/** The scalar as written in the file: `1.10` where the value is 1.1. */
export function writtenAt({ document, at }: Place): string | undefined {
  const raw = /[^\s,#\]}]{1,60}/y;
  raw.lastIndex = at;
  return raw.exec(document.text)?.[0];
}
