import { broken, decode } from './text.ts';
import { readJson } from './json-text.ts';
import type { Document, Flaw, Node } from './node.ts';
import { readToml } from './toml.ts';
import { readYaml } from './yaml-full.ts';
import { readYamlSubset } from './yaml-subset.ts';

/** Endings of the files that are read, without the dot. */
export const ENDINGS: readonly string[] = ['yaml', 'yml', 'toml', 'json'];

/** `yaml` for `infra/web.yaml`; the whole name where there is no dot. */
export function endingOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1);
}

/**
 * Reads one workspace file into a tree with places. Never throws for what the file holds: that is in `flaws`.
 * A file without any value has neither root nor flaws.
 */
export function parseFile(path: string, bytes: Uint8Array): Document {
  const document = decode(path, bytes);
  if (document.flaws.length > 0) return document;
  const { text } = document;
  const { root, flaws } = read(endingOf(path), text);
  if (flaws.length > 0) return broken(path, text, ...flaws.map(flaw => discreet(flaw, text)));
  return { path, text, root, flaws: [] };
}

/** A number is shown as it is written, unless the word before it says that it may be a secret. */
function discreet(flaw: Flaw, text: string): Flaw {
  if (flaw.id !== 'WS-NUMBER') return flaw;
  const before = text.slice(text.lastIndexOf('\n', flaw.at - 1) + 1, flaw.at);
  if (!/(?:pass|pwd|pin|secret|token|credential|key)[\w-]*["']?\s*[:=]\s*$/i.test(before)) return flaw;
  return {
    id: flaw.id,
    at: flaw.at,
    what: 'this number is read differently by other programs',
    fix: 'quote it if it is text',
  };
}

/**
 * The same for a file that is read in time proportional to its size; null for YAML outside the plain subset, whose
 * reading a caller may want to bound.
 */
export function parseQuickly(path: string, bytes: Uint8Array): Document | null {
  const ending = endingOf(path);
  if (ending !== 'yaml' && ending !== 'yml') return parseFile(path, bytes);
  const document = decode(path, bytes);
  if (document.flaws.length > 0) return document;
  const root = readYamlSubset(document.text);
  return root === null ? null : { ...document, root };
}

function read(ending: string, text: string): { readonly root: Node | null; readonly flaws: readonly Flaw[] } {
  if (ending === 'toml') return readToml(text);
  if (ending === 'json') return readJson(text);
  const root = readYamlSubset(text);
  return root === null ? readYaml(text) : { root, flaws: [] };
}
