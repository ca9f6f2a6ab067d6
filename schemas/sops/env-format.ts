import { flatten, unflatten } from './flat.ts';
import type { Leaf, SopsFormat } from './format.ts';

const PREFIX = 'sops_';

/** `KEY=value` lines as SOPS reads them: no quotes, a line end inside a value written `\n`, metadata as keys that start with `sops_`. */
export const envFormat: SopsFormat = {
  read(text) {
    const leaves: Leaf[] = [];
    const meta = new Map<string, string>();
    const seen = new Set<string>();
    let body = '';
    let start = 0;
    for (const line of text.split('\n')) {
      const end = start + line.length;
      const equals = line.indexOf('=');
      if (line.startsWith('#')) {
        leaves.push({ kind: 'comment', type: 'str', text: line.slice(1), names: [], steps: [], start, end });
      } else if (line !== '' && equals < 1) {
        return { id: 'SEC-FORMAT', at: start, what: 'this line is not KEY=value' };
      }
      const key = line.startsWith('#') ? '' : line.slice(0, Math.max(0, equals));
      if (key !== '' && seen.has(key)) return { id: 'SEC-FORMAT', at: start, what: 'this key stands twice' };
      seen.add(key);
      if (key.startsWith(PREFIX)) meta.set(key.slice(PREFIX.length), line.slice(equals + 1));
      else {
        body += end < text.length ? `${line}\n` : line;
        if (key !== '') {
          const value = line.slice(equals + 1).replaceAll('\\n', '\n');
          leaves.push({
            kind: 'value',
            type: 'str',
            text: value,
            names: [key],
            steps: [key],
            start: start + equals + 1,
            end,
          });
        }
      }
      start = end + 1;
    }
    return { text, leaves, metadata: meta.size === 0 ? null : unflatten(meta), body };
  },
  write(leaf, value) {
    if (leaf.kind === 'comment') return `#${value.text}`;
    return value.text.includes('\\n') ? null : value.text.replaceAll('\n', '\\n');
  },
  seal(body, metadata) {
    const lines = [...flatten(metadata)].map(([key, value]) => `${PREFIX}${key}=${value}\n`);
    return `${ended(body)}${lines.join('')}`;
  },
  add(body, steps, text) {
    const [key = ''] = steps;
    if (steps.length !== 1 || text.includes('\\n')) return null;
    return `${ended(body)}${key}=${text.replaceAll('\n', '\\n')}\n`;
  },
  remove(body, [key = '']) {
    return body
      .split('\n')
      .filter(line => !line.startsWith(`${key}=`))
      .join('\n');
  },
};

function ended(body: string): string {
  return body === '' || body.endsWith('\n') ? body : `${body}\n`;
}
