/** Blocks of one sort: a block is shown whole or not at all. */
export interface Section {
  /** What one block is called, and many. */
  readonly name: readonly [one: string, many: string];
  /** The higher, the earlier its blocks are left out. */
  readonly layer: number;
  /** Without one of its blocks the plan is not complete. */
  readonly isNeeded: boolean;
  readonly before: string;
  readonly after: string;
  readonly blocks: readonly string[];
}

/** What there is to say about one workspace. */
export interface Piece {
  /** The heavier, the later it becomes a line. */
  readonly weight: number;
  /** All that is said when there is no room for more. */
  readonly line: string;
  /** Whether the line alone is all there is to say. */
  readonly isLine: boolean;
  readonly before: string;
  readonly after: string;
  readonly sections: readonly Section[];
}

/** What became of a piece: for each section the numbers of the blocks that are shown. */
export interface Fitting {
  readonly form: 'absent' | 'line' | 'fold';
  readonly taken: readonly (readonly number[])[];
}

/** Length of a text as the Git host counts it. */
export type Measure = (text: string) => number;

/** Room that a fold is worth opening for. */
const FLOOR = 2_000;
/** Kept free in each fold for the sentence that says what was left out. */
export const NOTICE = 320;

/** Everything of a piece. */
export function whole(piece: Piece): Fitting {
  return {
    form: piece.isLine ? 'line' : 'fold',
    taken: piece.sections.map(section => section.blocks.map((_, index) => index)),
  };
}

/** A section with some of its blocks; empty without any. */
export function sectionText(section: Section, taken: readonly number[]): string {
  if (taken.length === 0) return '';
  const text = taken.map(index => section.blocks[index] ?? '').join('');
  return `${section.before}${text.trimEnd()}\n${section.after}`;
}

/**
 * Divides the room fairly. Every piece gets its line; then the heavy ones get a fold, as long as each fold can hold
 * something; then the folds are filled, and none gets more while another one has less and wants more. Inside a fold the
 * blocks of the highest layer are left out first.
 */
export function fit(pieces: readonly Piece[], room: number, measure: Measure): Fitting[] {
  const order = pieces.map((_, index) => index).sort((a, b) => weightOf(pieces, b) - weightOf(pieces, a) || a - b);
  const fittings: Fitting[] = pieces.map(() => ({ form: 'absent', taken: [] }));
  let left = room;
  for (const index of order) {
    const cost = measure(pieces[index]?.line ?? '');
    if (cost > left) continue;
    left -= cost;
    fittings[index] = { form: 'line', taken: [] };
  }
  const named = order.filter(index => fittings[index]?.form === 'line' && pieces[index]?.isLine === false);
  const folds = foldsOf(pieces, named, { left, measure });
  for (const { line } of folds) left += line;
  folds.sort((a, b) => a.wanted - b.wanted || a.index - b.index);
  folds.forEach(({ piece, index, wanted }, at) => {
    const share = Math.floor(left / (folds.length - at));
    const { taken, used } = wanted <= share ? { ...whole(piece), used: wanted } : fill(piece, share, measure);
    left -= used;
    fittings[index] = { form: 'fold', taken };
  });
  return fittings;
}

function weightOf(pieces: readonly Piece[], index: number): number {
  return pieces[index]?.weight ?? 0;
}

interface Fold {
  readonly piece: Piece;
  readonly index: number;
  /** Room for everything, and for the line that the fold replaces. */
  readonly wanted: number;
  readonly line: number;
}

/** The pieces that get a fold: each could then have `FLOOR`, or all it wants where that is less. */
function foldsOf(
  pieces: readonly Piece[],
  order: readonly number[],
  { left, measure }: { readonly left: number; readonly measure: Measure },
): Fold[] {
  const folds: Fold[] = [];
  let rest = left;
  for (const index of order) {
    const piece = pieces[index];
    if (piece === undefined) continue;
    const line = measure(piece.line);
    const frame = measure(piece.before) + measure(piece.after);
    const wanted = piece.sections.reduce((sum, section) => sum + sizeOf(section, measure), frame);
    const promise = Math.min(wanted, Math.max(FLOOR, frame + NOTICE)) - line;
    if (promise > rest) continue;
    rest -= promise;
    folds.push({ piece, index, wanted, line });
  }
  return folds;
}

function sizeOf(section: Section, measure: Measure): number {
  if (section.blocks.length === 0) return 0;
  const size = section.blocks.reduce((sum, block) => sum + measure(block), 0);
  return size + measure(section.before) + measure(section.after) + 1;
}

/** What fits of one piece, the lowest layer first. */
function fill(piece: Piece, room: number, measure: Measure): { taken: number[][]; used: number } {
  let used = measure(piece.before) + measure(piece.after) + NOTICE;
  const taken: number[][] = piece.sections.map(() => []);
  const numbers = piece.sections.map((_, number) => number);
  const layerOf = (number: number) => piece.sections[number]?.layer ?? 0;
  for (const number of numbers.sort((a, b) => layerOf(a) - layerOf(b) || a - b)) {
    const section = piece.sections[number];
    if (section === undefined) continue;
    const found = blocksThatFit(section, room - used, measure);
    used += found.used;
    taken[number] = found.indexes;
  }
  return { taken, used };
}

/** The blocks that fit; one that is too long makes room for shorter ones after it. */
function blocksThatFit(section: Section, room: number, measure: Measure): { indexes: number[]; used: number } {
  const frame = measure(section.before) + measure(section.after) + 1;
  let used = frame;
  const indexes: number[] = [];
  section.blocks.forEach((block, index) => {
    const size = measure(block);
    if (used + size > room) return;
    used += size;
    indexes.push(index);
  });
  return indexes.length === 0 ? { indexes, used: 0 } : { indexes, used };
}
