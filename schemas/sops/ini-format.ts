import type { Flaw } from '../parse/node.ts';
import { flatten, unflatten } from './flat.ts';
import type { Leaf, Reading, SopsFormat } from './format.ts';

/** Sections of `key = value` as SOPS reads them: keys before the first section are in `DEFAULT`, metadata is the section `sops`. */
export const iniFormat: SopsFormat = {
  read: text => new IniReader(text).read(),
  write(leaf, value) {
    if (leaf.kind === 'comment') return value.text.replace(/^(?![;#])/gm, '; ');
    const { text } = value;
    if (/["\\]{3}|\r/.test(text) || (text.includes('\n') && /^[\s]|"$/.test(text))) return null;
    if (/[\n`]/.test(text)) return `"""${text}"""`;
    return /[#;\\]|^\s|\s$|^["'].*["']$|^["']/.test(text) || text === '' ? `\`${text}\`` : text;
  },
  seal(body, metadata) {
    const lines = [...flatten(metadata)].map(([key, value]) => `${key} = ${value}\n`);
    return `${body.trimEnd()}\n\n[sops]\n${lines.join('')}`;
  },
  add(body, steps, text) {
    const [section = '', key = ''] = steps;
    const value = iniFormat.write(
      { kind: 'value', type: 'str', text, names: steps, steps, start: 0, end: 0 },
      { type: 'str', text },
    );
    if (steps.length !== 2 || value === null) return null;
    const line = `${key} = ${value}`;
    const lines = body.trimEnd().split('\n');
    const from = section === 'DEFAULT' ? -1 : lines.findIndex(one => one.trim() === `[${section}]`);
    if (from === -1 && section !== 'DEFAULT')
      return `${body.trim() === '' ? '' : `${body.trimEnd()}\n\n`}[${section}]\n${line}\n`;
    const next = lines.findIndex((one, at) => at > from && /^\s*\[/.test(one));
    const at = next === -1 ? lines.length : next;
    return `${[...lines.slice(0, at), line, ...lines.slice(at)].filter((one, index) => index > 0 || one !== '').join('\n')}\n`;
  },
  remove(body, steps) {
    const reading = new IniReader(body).read();
    if (!('leaves' in reading)) return body;
    const leaf = reading.leaves.find(one => one.kind === 'value' && one.steps.join('/') === steps.join('/'));
    if (leaf === undefined) return body;
    const start = body.lastIndexOf('\n', leaf.start) + 1;
    const end = body.indexOf('\n', leaf.end);
    return body.slice(0, start) + (end === -1 ? '' : body.slice(end + 1));
  },
};

class IniReader {
  readonly #text: string;
  readonly #leaves: Leaf[] = [];
  readonly #meta = new Map<string, string>();
  readonly #seen = new Set<string>();
  #section = 'DEFAULT';
  /** Comment lines that wait for what they stand above. */
  #open: { start: number; end: number } | null = null;
  #metaStart: number | null = null;
  #metaEnd = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(): Reading | Flaw {
    const text = this.#text;
    for (let at = 0; at < text.length; ) {
      const end = text.indexOf('\n', at) === -1 ? text.length : text.indexOf('\n', at);
      const next = this.#line(at, end);
      if (next === null)
        return {
          id: 'SEC-FORMAT',
          at,
          what: 'this line is neither a section nor key = value, or its key stands twice',
        };
      at = next;
    }
    this.#closeComment();
    const metadata = this.#metaStart === null ? null : unflatten(this.#meta);
    const body =
      this.#metaStart === null ? text : `${text.slice(0, this.#metaStart).trimEnd()}\n${text.slice(this.#metaEnd)}`;
    return { text, leaves: this.#leaves, metadata, body };
  }

  /** Reads what starts at `at`, and returns where the next line starts. */
  #line(at: number, end: number): number | null {
    const line = this.#text.slice(at, end);
    const trimmed = line.trim();
    const start = at + line.length - line.trimStart().length;
    if (trimmed === '') return end + 1;
    if (trimmed.startsWith(';') || trimmed.startsWith('#')) {
      this.#open = { start: this.#open?.start ?? start, end: start + trimmed.length };
      return end + 1;
    }
    const header = /^\[([^\]]+)\]$/.exec(trimmed);
    if (header !== null) {
      if (this.#section === 'sops') this.#metaEnd = at;
      this.#section = header[1] ?? '';
      if (this.#section === 'sops') [this.#metaStart, this.#metaEnd] = [at, this.#text.length];
      this.#closeComment();
      return end + 1;
    }
    return this.#pair(start, end);
  }

  #pair(start: number, lineEnd: number): number | null {
    const delimiter = /[=:]/.exec(this.#text.slice(start, lineEnd))?.index ?? 0;
    const key = this.#text.slice(start, start + delimiter).trim();
    if (delimiter === 0 || this.#seen.has(`${this.#section}/${key}`)) return null;
    this.#seen.add(`${this.#section}/${key}`);
    this.#closeComment();
    let from = start + delimiter + 1;
    while (this.#text[from] === ' ' || this.#text[from] === '\t') from += 1;
    const { text, end } = this.#value(from, lineEnd);
    if (this.#section === 'sops') this.#meta.set(key, text);
    else
      this.#leaves.push({
        kind: 'value',
        type: 'str',
        text,
        names: [this.#section, key],
        steps: [this.#section, key],
        start: from,
        end,
      });
    const after = this.#text.indexOf('\n', end);
    const rest = this.#text.slice(end, after === -1 ? this.#text.length : after);
    const inline = rest.search(/[#;]/);
    if (inline !== -1) this.#open = { start: end + inline, end: end + rest.trimEnd().length };
    this.#closeComment();
    return (after === -1 ? this.#text.length : after) + 1;
  }

  #value(from: number, lineEnd: number): { readonly text: string; readonly end: number } {
    const rest = this.#text.slice(from, lineEnd);
    for (const quote of ['"""', '`']) {
      const close = rest.startsWith(quote) ? this.#text.indexOf(quote, from + quote.length) : -1;
      if (close !== -1) return { text: this.#text.slice(from + quote.length, close), end: close + quote.length };
    }
    const inline = this.#section === 'sops' ? -1 : rest.search(/[#;]/);
    const shown = (inline === -1 ? rest : rest.slice(0, inline)).trimEnd();
    const quoted = /^"([^"]*)"$|^'([^']*)'$/.exec(shown);
    return { text: quoted?.[1] ?? quoted?.[2] ?? shown, end: from + shown.length };
  }

  #closeComment(): void {
    if (this.#open === null) return;
    const { start, end } = this.#open;
    this.#open = null;
    if (this.#section === 'sops') return;
    const text = this.#text.slice(start, end).replace(/^(?:;[; ]*|#[# ]*)/, '');
    this.#leaves.push({
      kind: 'comment',
      type: 'str',
      text,
      names: [this.#section],
      steps: [this.#section],
      start,
      end,
    });
    this.#leaves.sort((one, other) => one.start - other.start);
  }
}
