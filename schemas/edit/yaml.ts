import {
  type CST,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml';
import { type Flow, type FlowItem, flowEdits } from './flow.ts';
import { refused } from './refusal.ts';
import type { Splice } from './splice.ts';
import type { Step } from './step.ts';
import { blockEdits, type Trail } from './yaml-block.ts';
import { blockText, flowWriter, styleOf, type YamlStyle } from './yaml-scalar.ts';

type FlowCollection = CST.FlowCollection;
type Ways = readonly (readonly Splice[])[];

/** Ways to take a step in YAML, the preferred one first. Throws Fault `invalid` where an alias or an anchor stands in the way. */
export function yamlEdits(file: { readonly path: string; readonly text: string }): (step: Step) => Ways {
  const { text } = file;
  const document = parseDocument(text, OPTIONS);
  const style = styleOf(text);
  const used = sourcesOf(document);
  const root = document.contents as Node | null;
  if (root === null || (isScalar(root) && root.value === null)) return step => firstKey(text, step, style);
  return step => {
    const trail = trailOf(root, step);
    if (used.size > 0) checkSharing(used, trail, { file, step });
    const outer = trail.findIndex(({ node }) => isCollection(node) && node.flow === true);
    const flow = trail[outer]?.node ?? null;
    // The brackets themselves, when they are what is replaced or removed, belong to the block around them.
    if (flow === null || (outer === trail.length - 1 && step.kind !== 'insert'))
      return blockEdits(text, trail, { step, style });
    return flowEdits(text, flowOf(flow), { step, rest: step.path.slice(outer), writer: flowWriter(style) });
  };
}

const OPTIONS = {
  schema: 'core',
  version: '1.2',
  merge: false,
  uniqueKeys: false,
  prettyErrors: false,
  keepSourceTokens: true,
} as const;

/** The anchors that some alias repeats. */
function sourcesOf(document: Document.Parsed): ReadonlySet<string> {
  const used = new Set<string>();
  visit(document, { Alias: (_, alias) => void used.add(alias.source) });
  return used;
}

/** In a file that holds nothing but comments. */
function firstKey(text: string, step: Step, style: YamlStyle): Ways {
  if (step.kind !== 'insert') return [];
  const lines = blockText({ [step.path[0] ?? '']: step.value }, style, 0);
  const gap = text === '' || text.endsWith('\n') ? '' : '\n';
  return [[{ from: text.length, to: text.length, text: `${gap}${lines}\n` }]];
}

function trailOf(root: Node, { path, kind }: Step): Trail {
  const trail: { node: Node | null; index?: number }[] = [{ node: root }];
  let node: Node | null = root;
  for (const key of kind === 'insert' ? path.slice(0, -1) : path) {
    if (!isCollection(node)) break;
    const index = isMap(node) ? node.items.findIndex(item => keyOf(item as Pair) === key) : Number(key);
    const item: unknown = node.items[index];
    if (item === undefined && index === -1) break;
    const value = isMap(node) ? (item as Pair).value : isPair(item) ? null : item;
    node = (value ?? null) as Node | null;
    trail.push({ node, index });
  }
  return trail;
}

/** The key as the loader reads it. */
function keyOf({ key }: Pair): string {
  if (!isScalar(key)) return '';
  return typeof key.value === 'string' ? key.value : (key.source ?? '');
}

/** What is shared by anchor and alias cannot be changed in one place only. */
function checkSharing(
  used: ReadonlySet<string>,
  trail: Trail,
  { file, step }: { readonly file: { readonly path: string; readonly text: string }; readonly step: Step },
): void {
  const isUsed = (node: unknown): boolean => used.has((node as { anchor?: string } | null)?.anchor ?? '');
  for (const { node } of trail) {
    const at = { ...file, at: node?.range?.[0] ?? 0 };
    if (isAlias(node)) throw refused('alias', step.path, at);
    if (isUsed(node)) throw refused('anchor', step.path, at);
  }
  const last = trail.at(-1)?.node;
  if (step.kind === 'insert' || last === undefined || last === null) return;
  visit(last, {
    Node: (_, node) => {
      if (isUsed(node)) throw refused('anchor', step.path, { ...file, at: node.range?.[0] ?? 0 });
    },
  });
}

function flowOf(node: Node | null, fallback = 0): Flow {
  const [from = fallback, to = fallback] = node?.range ?? [];
  if (isMap(node)) return { kind: 'map', from, to, items: node.items.map(pair => flowPair(pair as Pair)) };
  if (!isSeq(node)) return { kind: 'scalar', from, to };
  const tokens = (node.srcToken as FlowCollection | undefined)?.items ?? [];
  const items = node.items.map((item, index): FlowItem => {
    const value = isPair(item) ? flowPair(item).value : flowOf(item as Node | null);
    return { keys: [String(index)], from: firstOffset(tokens[index]) ?? value.from, to: value.to, value };
  });
  return { kind: 'list', from, to, items };
}

/** An anchor or a tag in front of an item goes where the item goes. */
function firstOffset(item: FlowCollection['items'][number] | undefined): number | undefined {
  return item?.start.find(({ type }) => type === 'anchor' || type === 'tag')?.offset;
}

function flowPair(pair: Pair): FlowItem {
  const [from = 0, keyEnd = 0] = (pair.key as Node).range ?? [];
  const value = flowOf(pair.value as Node | null, keyEnd);
  return { keys: [keyOf(pair)], from, to: Math.max(value.to, keyEnd), value };
}
