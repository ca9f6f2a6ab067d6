/** A scalar with the offset of its first character in the text of its file. */
export interface ScalarNode {
  readonly kind: 'scalar';
  readonly at: number;
  readonly value: string | number | boolean | null;
}

/** A list with the offset of its bracket or first dash. */
export interface ListNode {
  readonly kind: 'list';
  readonly at: number;
  readonly items: readonly Node[];
}

/** Entries stand in the order of the file. Keys are unique; none is `__proto__`, `constructor` or `prototype`. */
export interface MapNode {
  readonly kind: 'map';
  readonly at: number;
  readonly entries: readonly Entry[];
}

/** One key of a map: `at` is the place of the key, `node.at` that of its value. */
export interface Entry {
  readonly key: string;
  readonly at: number;
  readonly node: Node;
}

/** What every reader (YAML, TOML, JSON) yields: values with places. Offsets keep it small; lines are counted only when one is shown. */
export type Node = ScalarNode | ListNode | MapNode;

/** Something wrong in one file, placed by offset. It becomes a Problem when the file's name in the repository is known. */
export interface Flaw {
  readonly id: string;
  readonly at: number;
  readonly also?: readonly number[];
  readonly what: string;
  readonly why?: string;
  readonly fix?: string;
}

/** One file after reading. `root` is null when it could not be read; then `flaws` says why. Plain data, so a worker can hand it over. */
export interface Document {
  /** Path relative to the workspace folder. */
  readonly path: string;
  /** Decoded text without byte order mark, lines ended by `\n`: what the offsets count. */
  readonly text: string;
  readonly root: Node | null;
  readonly flaws: readonly Flaw[];
}

const indexes = new WeakMap<MapNode, Map<string, Entry>>();

/** The entry of that key; undefined when the node is no map or lacks it. Large maps get an index on first use. */
export function entryOf(node: Node | undefined, key: string): Entry | undefined {
  if (node?.kind !== 'map') return undefined;
  if (node.entries.length <= 16) {
    for (const entry of node.entries) if (entry.key === key) return entry;
    return undefined;
  }
  let index = indexes.get(node);
  if (index === undefined) {
    index = new Map(node.entries.map(entry => [entry.key, entry] as const));
    indexes.set(node, index);
  }
  return index.get(key);
}

/** What a person calls the shape of a node: `a map`, `a list`, `text`, `a number`, `true or false`, `nothing`. */
export function shapeOf(node: Node): string {
  if (node.kind !== 'scalar') return node.kind === 'map' ? 'a map' : 'a list';
  return shapeOfValue(node.value);
}

/** The same for a plain value. */
export function shapeOfValue(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' ? 'a number' : 'true or false';
}

const starts = new WeakMap<Document, number[]>();

/** Line and column, both from 1, of an offset. The line index of a file is made once, on first use. */
export function lineColumn(document: Document, at: number): { readonly line: number; readonly column: number } {
  let lines = starts.get(document);
  if (lines === undefined) {
    lines = [0];
    for (let end = document.text.indexOf('\n'); end !== -1; end = document.text.indexOf('\n', end + 1))
      lines.push(end + 1);
    starts.set(document, lines);
  }
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: at - (lines[low] ?? 0) + 1 };
}
