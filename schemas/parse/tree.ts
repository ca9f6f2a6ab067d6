import type { Json } from '../json.ts';
import type { Node } from './node.ts';

/** A value as a tree of which everything stands at one place. */
export function treeOf(value: Json, at: number): Node {
  if (Array.isArray(value)) {
    return { kind: 'list', at, items: (value as readonly Json[]).map(item => treeOf(item, at)) };
  }
  if (typeof value !== 'object' || value === null) {
    return { kind: 'scalar', at, value: value as string | number | boolean | null };
  }
  const entries = Object.entries(value).map(([key, item]) => ({ key, at, node: treeOf(item as Json, at) }));
  return { kind: 'map', at, entries };
}
