import { readJson } from '../parse/json-text.ts';
import type { Flaw, MapNode, Node } from '../parse/node.ts';
import { type Leaf, type Reading, scalarOf, type SopsFormat } from './format.ts';

/** JSON as SOPS writes it: indented with tabs, every number a floating one, no comments. A binary file is such a map with the one key `data`. */
export const jsonFormat: SopsFormat = {
  read(text) {
    const { root, flaws } = readJson(text);
    if (root?.kind !== 'map')
      return discreet(flaws[0]) ?? { id: 'SEC-FORMAT', at: 0, what: 'the file is not a JSON object' };
    const leaves: Leaf[] = [];
    const body = without(root, ['sops']);
    collect(body, { names: [], steps: [], text }, leaves);
    const meta = root.entries.find(entry => entry.key === 'sops');
    const metadata = meta === undefined ? null : (plain(meta.node) as Reading['metadata']);
    // Only a file that is rewritten anyway loses the spaces that its author used.
    return { text, leaves, metadata, body: metadata === null ? text : show(body, 0) };
  },
  write: (_leaf, value) => {
    if (value.type === 'bool') return value.text.toLowerCase();
    return value.type === 'str' ? JSON.stringify(value.text) : value.text;
  },
  seal(body, metadata) {
    const inside = body.trimEnd().replace(/\}$/, '').trimEnd();
    const meta = JSON.stringify(metadata, null, '\t').replaceAll('\n', '\n\t');
    return `${inside}${inside.endsWith('{') ? '' : ','}\n\t"sops": ${meta}\n}\n`;
  },
  add(body, steps, text) {
    const { root } = readJson(body.trim() === '' ? '{}' : body);
    const changed = root === null ? null : within(root, steps, { kind: 'scalar', at: 0, value: text });
    return changed === null ? null : show(changed, 0);
  },
  remove(body, steps) {
    const { root } = readJson(body);
    return root?.kind === 'map' ? show(without(root, steps), 0) : body;
  },
};

/** What a reader says may quote the file, so only its place is kept. */
function discreet(flaw: Flaw | undefined): Flaw | undefined {
  return flaw === undefined
    ? undefined
    : { id: 'SEC-FORMAT', at: flaw.at, what: 'this is not JSON, or holds a number that programs read differently' };
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[^\s,\]}]+/y;

function collect(
  node: Node,
  place: { readonly names: readonly string[]; readonly steps: readonly string[]; readonly text: string },
  leaves: Leaf[],
): void {
  const { names, steps, text } = place;
  if (node.kind === 'map') {
    for (const { key, node: value } of node.entries)
      collect(value, { names: [...names, key], steps: [...steps, key], text }, leaves);
  } else if (node.kind === 'list') {
    for (const [index, item] of node.items.entries())
      collect(item, { names, steps: [...steps, String(index)], text }, leaves);
  } else if (node.value !== null) {
    TOKEN.lastIndex = node.at;
    const source = TOKEN.exec(text)?.[0] ?? '';
    const isNumber = typeof node.value === 'number';
    leaves.push({
      kind: 'value',
      ...scalarOf(node.value, false),
      names,
      steps,
      ...(isNumber ? { source } : {}),
      start: node.at,
      end: node.at + source.length,
    });
  }
}

function without(node: MapNode, [first, ...rest]: readonly string[]): MapNode {
  const entries = node.entries.flatMap(entry => {
    if (entry.key !== first) return [entry];
    if (rest.length === 0 || entry.node.kind !== 'map') return [];
    return [{ ...entry, node: without(entry.node, rest) }];
  });
  return { ...node, entries };
}

function within(node: Node, [first, ...rest]: readonly string[], value: Node): Node | null {
  if (first === undefined) return value;
  if (node.kind !== 'map') return null;
  const old = node.entries.find(entry => entry.key === first);
  const inner = within(old?.node ?? { kind: 'map', at: 0, entries: [] }, rest, value);
  if (inner === null) return null;
  const entry = { key: first, at: 0, node: inner };
  const entries = old === undefined ? [...node.entries, entry] : node.entries.map(one => (one === old ? entry : one));
  return { ...node, entries };
}

function plain(node: Node): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plain);
  return Object.fromEntries(node.entries.map(entry => [entry.key, plain(entry.node)]));
}

function show(node: Node, depth: number): string {
  if (node.kind === 'scalar') return JSON.stringify(node.value);
  const [open, close] = node.kind === 'map' ? '{}' : '[]';
  const inside =
    node.kind === 'map'
      ? node.entries.map(entry => `${JSON.stringify(entry.key)}: ${show(entry.node, depth + 1)}`)
      : node.items.map(item => show(item, depth + 1));
  if (inside.length === 0) return `${open}${close}`;
  const pad = '\t'.repeat(depth + 1);
  return `${open}\n${inside.map(line => pad + line).join(',\n')}\n${'\t'.repeat(depth)}${close}${depth === 0 ? '\n' : ''}`;
}
