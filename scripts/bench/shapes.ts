/** The graphs that both programs get: the same nodes, fields and edges. */
export const SHAPES = ['independent', 'layered', 'chain'] as const;
export type Shape = (typeof SHAPES)[number];

export interface Node {
  readonly index: number;
  readonly name: string;
  /** Indexes of the nodes whose id this one carries in a label. */
  readonly after: readonly number[];
  readonly zone: string;
  readonly tier: string;
}

const ZONES = ['fi-1', 'de-1', 'us-1'];
const LAYERS = 10;
const EDGES = 10;

/** Same shape and size, same graph: the edges come from a seeded generator. */
export function graph(shape: Shape, size: number): readonly Node[] {
  const random = seeded(size);
  const width = Math.ceil(size / LAYERS);
  return Array.from({ length: size }, (_, index) => ({
    index,
    name: nodeName(index),
    after: edges(shape, { index, width, random }),
    zone: ZONES[index % ZONES.length] ?? 'fi-1',
    tier: `t${index % 7}`,
  }));
}

export function nodeName(index: number): string {
  return `r-${String(index).padStart(5, '0')}`;
}

function edges(shape: Shape, at: { index: number; width: number; random: () => number }): number[] {
  if (shape === 'independent') return [];
  if (shape === 'chain') return at.index === 0 ? [] : [at.index - 1];
  const layer = Math.floor(at.index / at.width);
  if (layer === 0) return [];
  const start = (layer - 1) * at.width;
  const chosen = new Set<number>();
  while (chosen.size < Math.min(EDGES, at.width)) chosen.add(start + Math.floor(at.random() * at.width));
  return [...chosen].sort((a, b) => a - b);
}

/** Length of the longest path, in nodes. */
export function depth(nodes: readonly Node[]): number {
  const depths: number[] = [];
  for (const node of nodes) depths.push(1 + Math.max(0, ...node.after.map(index => depths[index] ?? 0)));
  return Math.max(...depths);
}

/** Numbers from 0 up to 1 that are the same on every machine (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
