import { type Document, type Node, lineColumn } from './node.ts';
import { showText } from '../problem.ts';
import type { Sink } from './sink.ts';

/** Texts that are credentials wherever they stand, by what issues them. */
const SHAPES: readonly { readonly name: string; readonly shape: string }[] = [
  { name: 'a private key', shape: '-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY' },
  { name: 'an AWS access key', shape: '\\b(?:AKIA|ASIA)[0-9A-Z]{16}\\b' },
  { name: 'a GitHub token', shape: '\\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,})' },
  { name: 'a GitLab token', shape: '\\bglpat-[A-Za-z0-9_-]{20,}' },
  { name: 'a Slack token', shape: '\\bxox[abprs]-[A-Za-z0-9-]{10,}' },
  { name: 'an age secret key', shape: 'AGE-SECRET-KEY-1[0-9A-Z]{58}' },
  { name: 'a Google API key', shape: '\\bAIza[0-9A-Za-z_-]{35}' },
];
const ANY = new RegExp(SHAPES.map(({ shape }) => `(${shape})`).join('|'), 'g');

/** True when a credential of a known shape stands in the text. */
export function looksSecret(text: string): boolean {
  return text.search(ANY) !== -1;
}

/** States every credential that stands in plain text, by the path of its field and never by its value. */
export function checkSecrets(document: Document, sink: Sink): void {
  const seen = new Set<Node | number>();
  for (const match of document.text.matchAll(ANY)) {
    const { name } = SHAPES[match.slice(1).findIndex(group => group !== undefined)] as (typeof SHAPES)[number];
    const found = document.root === null ? undefined : holderOf(document.root, match.index, match[0]);
    const key = found?.node ?? lineColumn(document, match.index).line;
    if (seen.has(key)) continue;
    seen.add(key);
    sink.error(
      { document, at: found?.node.at ?? match.index },
      {
        id: 'WS-SECRET',
        what: `${found === undefined ? 'this line' : found.path} looks like it holds ${name}`,
        why: 'whoever can read the repository could use it',
        fix: 'take it out, and replace it at its issuer: it stays in the history of the repository',
      },
    );
  }
}

/** The text value around an offset, with its path; undefined when a comment stands there. */
function holderOf(root: Node, index: number, text: string): { readonly node: Node; readonly path: string } | undefined {
  let node = root;
  let path = '';
  while (node.kind !== 'scalar') {
    let next: { readonly node: Node; readonly step: string } | undefined;
    if (node.kind === 'list')
      for (const [at, item] of node.items.entries()) if (item.at <= index) next = { node: item, step: `[${at}]` };
    if (node.kind === 'map')
      for (const entry of node.entries)
        if (entry.at <= index) next = { node: entry.node, step: `${path === '' ? '' : '.'}${showText(entry.key)}` };
    if (next === undefined) return undefined;
    node = next.node;
    path += next.step;
  }
  return typeof node.value === 'string' && node.value.includes(text) ? { node, path } : undefined;
}
