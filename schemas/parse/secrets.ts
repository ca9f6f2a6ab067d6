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
  { name: 'an npm token', shape: '\\bnpm_[A-Za-z0-9]{36}\\b' },
  { name: 'a PyPI token', shape: '\\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,}' },
  { name: 'a Stripe key', shape: '\\b[rs]k_live_[A-Za-z0-9]{24,}' },
  { name: 'a signed token', shape: '\\beyJ[A-Za-z0-9_-]{10,}\\.eyJ[A-Za-z0-9_-]{10,}\\.[A-Za-z0-9_-]{20,}' },
  { name: 'a Vault token', shape: '\\bhv[sb]\\.[A-Za-z0-9_-]{24,}' },
  // What a placeholder holds is no password: `${...}`, `<...>`, `***`.
  {
    name: 'an address with a password',
    shape: '\\b[a-z][a-z0-9+.-]{1,20}://[^\\s:/@"\'$<*]{1,64}:[^\\s:/@"\'$<*{][^\\s/@"\'$<]{5,}@[^\\s/@]',
  },
];
const ANY = new RegExp(SHAPES.map(({ shape }) => `(${shape})`).join('|'), 'g');

/** True when a credential of a known shape stands in the text. */
export function looksSecret(text: string): boolean {
  return text.search(ANY) !== -1;
}

/** Names of fields whose value nobody else may know. */
const NAME =
  /(?:pass(?:word|phrase|wd)|secret|token|credentials?|(?:api|access|private|auth|encryption|signing)[-_]?key)$/i;

/** Values that stand for one that is still to come. */
const PLACEHOLDER =
  /change.?me|example|placeholder|dummy|todo|x{4,}|your[-_ ]|^[a-z][a-z0-9]*(?:[-_/. ][a-z0-9]+)*$|^(?:env|file|#|\/|\.\/|https?:)/i;

/** True for a value that somebody, or a program, made up so that nobody guesses it. */
function looksMadeUp(value: string): boolean {
  if (value.length < 8 || value.includes('${') || PLACEHOLDER.test(value)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter(kind => kind.test(value)).length;
  return kinds >= 2 && bitsOf(value) >= 2.75;
}

/** Shannon entropy of the characters of a text, in bits for each. */
function bitsOf(text: string): number {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
}

/** Every field with the name of a secret and a value that looks made up, with its path. */
function* madeUp(node: Node, path = ''): Generator<{ readonly node: Node; readonly path: string }> {
  if (node.kind === 'list') for (const [at, item] of node.items.entries()) yield* madeUp(item, `${path}[${at}]`);
  if (node.kind !== 'map') return;
  for (const { key, node: value } of node.entries) {
    const own = `${path}${path === '' ? '' : '.'}${showText(key)}`;
    if (value.kind !== 'scalar') yield* madeUp(value, own);
    else if (typeof value.value === 'string' && NAME.test(key) && looksMadeUp(value.value))
      yield { node: value, path: own };
  }
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
  if (document.root === null) return;
  for (const { node, path } of madeUp(document.root)) if (!seen.has(node)) state(node, path);

  function state(node: Node, path: string): void {
    sink.error(
      { document, at: node.at },
      {
        id: 'WS-SECRET',
        what: `${path} looks like a secret in plain text`,
        why: 'whoever can read the repository could use it',
        fix: 'replace it, keep the new one with `provisioning secret set <file>/<key>`, and write ${secret.<file>/<key>} here',
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
