import type { Json } from '../json.ts';
import { readJson } from '../parse/json-text.ts';
import type { Node } from '../parse/node.ts';
import { type Flow, type FlowWriter, flowEdits } from './flow.ts';
import type { Splice } from './splice.ts';
import type { Step } from './step.ts';

/** Ways to take a step in JSON, the preferred one first. */
export function jsonEdits(text: string): (step: Step) => readonly (readonly Splice[])[] {
  const { root } = readJson(text);
  const writer = writerFor(text);
  const flow = root === null ? undefined : flowOf(text, root);
  return step => {
    if (flow !== undefined) return flowEdits(text, flow, { step, rest: step.path, writer });
    if (step.kind !== 'insert') return [];
    return [[{ from: 0, to: text.length, text: `${writer.item({ [step.path[0] ?? '']: step.value })}\n` }]];
  };
}

const SPACE = /[ \t\n]*/y;
const WORD = /"(?:[^"\\]|\\.)*"|[^\s,\]}]+/y;

/** The reader says where values begin; where they end follows from their text, which it has found to be JSON. */
function flowOf(text: string, node: Node): Flow {
  const from = node.at;
  if (node.kind === 'scalar') return { kind: 'scalar', from, to: behind(WORD, text, from) };
  const items =
    node.kind === 'list'
      ? node.items.map((item, index) => {
          const value = flowOf(text, item);
          return { keys: [String(index)], from: value.from, to: value.to, value };
        })
      : node.entries.map(entry => {
          const value = flowOf(text, entry.node);
          return { keys: [entry.key], from: entry.at, to: value.to, value };
        });
  return { kind: node.kind, from, to: behind(SPACE, text, items.at(-1)?.to ?? from + 1) + 1, items };
}

function behind(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 0);
}

/** Writes as the file does: with or without spaces inside braces and after colons. */
function writerFor(text: string): FlowWriter {
  const pad = /\{"/.test(text) && !/\{ "/.test(text) ? '' : ' ';
  const colon = /":\S/.test(text) && !/":\s/.test(text) ? ':' : ': ';
  const write = (value: Json): string => {
    if (Array.isArray(value)) return `[${value.map(write).join(', ')}]`;
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    const entries = Object.entries(value).map(
      ([key, member]) => `${JSON.stringify(key)}${colon}${write(member as Json)}`,
    );
    return entries.length === 0 ? '{}' : `{${pad}${entries.join(', ')}${pad}}`;
  };
  return {
    replacements: value => [write(value)],
    entry: ([key = ''], value) => `${JSON.stringify(key)}${colon}${write(value)}`,
    item: write,
  };
}
