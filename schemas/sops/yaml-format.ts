import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type Node,
  type Pair,
  parseDocument,
  type Scalar as YamlScalar,
  stringify,
} from 'yaml';
import type { Flaw } from '../parse/node.ts';
import { type Leaf, type Reading, scalarOf, type SopsFormat } from './format.ts';

const OPTIONS = { schema: 'core', version: '1.2', uniqueKeys: true, logLevel: 'silent', intAsBigInt: true } as const;

/** YAML as SOPS writes it: block maps and lists, comments encrypted like values, metadata as the last key of the top map. */
export const yamlFormat: SopsFormat = {
  read(text) {
    const document = parsed(text);
    if (document === null) return flaw(0, 'this is not YAML, or more than one document');
    const walk = new Walk(text);
    const root = document.contents;
    if (root !== null && (!isMap(root) || root.flow === true))
      return flaw(0, 'the file is not a map with one key on each line');
    let metadata: Reading['metadata'] = null;
    let body = text;
    for (const pair of root?.items ?? []) {
      if (keyOf(pair) === 'sops') {
        const value = pair.value as Node;
        metadata = value.toJS(document, { mapAsMap: false }) as Reading['metadata'];
        const [from, to] = [(pair.key as Node).range?.[0] ?? 0, value.range?.[2] ?? text.length];
        body = text.slice(0, from) + text.slice(to);
        walk.hidden = [from, to];
      } else walk.pair(pair, { names: [], steps: [], inFlow: false });
    }
    if (walk.flaw !== null) return walk.flaw;
    return { text, leaves: walk.leaves(), metadata, body };
  },
  write(leaf, value) {
    if (leaf.kind === 'comment') return `#${value.text}`;
    if (value.type === 'bool') return value.text.toLowerCase();
    if (value.type !== 'str') return value.text;
    const isCipher = value.text.startsWith('ENC[AES256_GCM,') && leaf.inFlow !== true;
    if (isCipher || isPlain(value.text)) return value.text;
    return (leaf.inFlow === true ? null : literal(value.text, leaf.indent ?? 0)) ?? JSON.stringify(value.text);
  },
  seal: (body, metadata) =>
    `${body === '' || body.endsWith('\n') ? body : `${body}\n`}${stringify({ sops: metadata }, { indent: 4, lineWidth: 0, aliasDuplicateObjects: false })}`,
  add(body, steps, text) {
    const document = parsed(body.trim() === '' ? '{}' : body);
    if (document === null) return null;
    for (let depth = 1; depth < steps.length; depth += 1) {
      const parent = document.getIn(steps.slice(0, depth), true);
      if (parent !== undefined && !isMap(parent)) return null;
    }
    document.setIn(steps, document.createNode(text));
    if (isMap(document.contents)) document.contents.flow = false;
    return document.toString({ lineWidth: 0, flowCollectionPadding: false });
  },
  remove(body, steps) {
    const document = parsed(body);
    document?.deleteIn(steps.map(step => (/^\d+$/.test(step) && !document.hasIn([step]) ? Number(step) : step)));
    return document?.toString({ lineWidth: 0, flowCollectionPadding: false }) ?? body;
  },
};

function parsed(text: string): Document.Parsed | null {
  const document = parseDocument(text, OPTIONS);
  return document.errors.length > 0 ? null : document;
}

function flaw(at: number, what: string): Flaw {
  return { id: 'SEC-FORMAT', at, what };
}

function keyOf(pair: Pair): string | null {
  return isScalar(pair.key) && typeof pair.key.value === 'string' ? pair.key.value : null;
}

/** A word that every reader of YAML takes as text. */
function isPlain(text: string): boolean {
  return (
    /^[A-Za-z/][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@+-]+)*$/.test(text) &&
    !/^(?:true|false|null|yes|no|on|off|y|n)$/i.test(text)
  );
}

/** Several lines as they are, below their key; null where that would not bring back every character. */
function literal(text: string, indent: number): string | null {
  if (!text.includes('\n') || /^[ \t\n]|[^\n\x20-\x7e\u00a0-\ud7ff]|[ \t]$|\n[ \t]+(?:\n|$)/.test(text)) return null;
  const ends = /\n*$/.exec(text)?.[0].length ?? 0;
  const pad = ' '.repeat(indent + 4);
  const lines = text.replace(/\n+$/, '').split('\n');
  const empty = '\n'.repeat(Math.max(0, ends - 1));
  return `|${ends === 0 ? '-' : ends === 1 ? '' : '+'}\n${lines.map(line => (line === '' ? '' : pad + line)).join('\n')}${empty}`;
}

interface Place {
  readonly names: readonly string[];
  readonly steps: readonly string[];
  readonly inFlow: boolean;
}

/** A key or a dash, and the map whose comments stand beside it. */
interface Mark {
  readonly at: number;
  readonly line: number;
  readonly column: number;
  readonly names: readonly string[];
}

class Walk {
  flaw: Flaw | null = null;
  /** Span of the metadata. */
  hidden: readonly [number, number] = [0, 0];
  readonly #text: string;
  readonly #values: Leaf[] = [];
  readonly #marks: Mark[] = [];
  readonly #starts: number[] = [0];

  constructor(text: string) {
    this.#text = text;
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
  }

  pair(pair: Pair, place: Place): void {
    const key = keyOf(pair);
    const at = (pair.key as Node | null)?.range?.[0] ?? 0;
    if (key === null || (pair.key as YamlScalar).anchor !== undefined)
      return this.#refuse(at, 'a key is not plain text');
    const mark = this.#mark(at, place.names);
    const inside = { ...place, names: [...place.names, key], steps: [...place.steps, key] };
    if (pair.value !== null) this.#node(pair.value as Node, inside, mark.column);
  }

  #node(node: Node, place: Place, indent: number): void {
    const at = node.range?.[0] ?? 0;
    if (isAlias(node) || (node as YamlScalar).anchor !== undefined || node.tag !== undefined)
      return this.#refuse(at, 'anchors, aliases and tags are not read in a file of secrets');
    const inFlow = place.inFlow || ((isMap(node) || isSeq(node)) && node.flow === true);
    if (isMap(node)) for (const pair of node.items) this.pair(pair, { ...place, inFlow });
    else if (isSeq(node)) this.#items(node.items as Node[], { ...place, inFlow });
    else if (isScalar(node)) this.#scalar(node, place, indent);
  }

  #items(items: readonly Node[], place: Place): void {
    let index = 0;
    for (const item of items) {
      const from = item.range?.[0] ?? 0;
      const at = place.inFlow ? from : this.#text.lastIndexOf('-', from - 1);
      const mark = this.#mark(at, place.names);
      // SOPS writes a comment inside a list as one more item.
      if (isScalar(item) && typeof item.value === 'string' && /^ENC\[.*,type:comment\]$/.test(item.value)) {
        const { names, steps } = place;
        const end = item.range?.[1] ?? at;
        this.#values.push({ kind: 'comment', type: 'str', text: item.value, names, steps, start: at, end });
      } else {
        this.#node(item, { ...place, steps: [...place.steps, String(index)] }, mark.column);
        index += 1;
      }
    }
  }

  #scalar(node: YamlScalar, place: Place, indent: number): void {
    const { value } = node;
    if (value === null || value === undefined) return;
    const isInteger =
      typeof value === 'bigint' ||
      (typeof value === 'number' && /^[-+]?(?:0[xo])?[0-9a-fA-F]+$/.test(node.source ?? ''));
    const [start, end] = node.range ?? [0, 0];
    this.#values.push({
      kind: 'value',
      ...scalarOf(value as string | number | bigint | boolean, isInteger),
      names: place.names,
      steps: place.steps,
      ...(typeof value === 'string' || node.source === undefined ? {} : { source: node.source }),
      ...(place.inFlow ? { inFlow: true } : {}),
      indent,
      start,
      // A block of lines ends with its last line end, which is not part of the value's own text.
      end: this.#text[end - 1] === '\n' ? end - 1 : end,
    });
  }

  #mark(at: number, names: readonly string[]): Mark {
    const line = this.#line(at);
    const mark = { at, line, column: at - (this.#starts[line] ?? 0), names };
    this.#marks.push(mark);
    return mark;
  }

  #line(at: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  #refuse(at: number, what: string): void {
    this.flaw ??= flaw(at, what);
  }

  leaves(): readonly Leaf[] {
    return [...this.#values, ...this.#comments()].sort((one, other) => one.start - other.start);
  }

  /** Comments, each with the map that SOPS binds it to: the one of the key that it stands above, beside or, by its indentation, below. */
  #comments(): readonly Leaf[] {
    const found: Leaf[] = [];
    let at = 0;
    let previous = '';
    for (const token of new Lexer().lex(this.#text)) {
      const isMarker = token === '\u0002' || token === '\u0018' || token === '\u001f' || token === '\ufeff';
      const isHidden = at >= this.hidden[0] && at < this.hidden[1];
      if (token.startsWith('#') && previous !== '\u001f' && !isHidden) found.push(this.#comment(at, token));
      if (!isMarker || token === '\ufeff') at += token.length;
      previous = token;
    }
    return found;
  }

  #comment(start: number, token: string): Leaf {
    const line = this.#line(start);
    const column = start - (this.#starts[line] ?? 0);
    const before = this.#marks.filter(mark => mark.at < start);
    const next = this.#marks.find(mark => mark.at > start);
    const beside = before.findLast(mark => mark.line === line);
    // Below everything at its own indentation it is the foot of what stands last; at the margin, of the file.
    const below = column === 0 ? undefined : before.at(-1);
    const owner = beside ?? (next?.column === column ? next : below);
    const near = [before.at(-1)?.names ?? [], next?.names ?? []];
    return {
      kind: 'comment',
      type: 'str',
      text: token.slice(1),
      names: owner?.names ?? [],
      steps: owner?.names ?? [],
      others: near.flatMap(names => [...names.keys(), names.length].map(depth => names.slice(0, depth))),
      start,
      end: start + token.length,
    };
  }
}
