import { KINDS } from '../kinds/index.ts';
import type { CloudKind } from '../name.ts';
import { CLOUD_KINDS, Name } from '../name.ts';
import { nearest } from '../nearest.ts';
import { showText } from '../problem.ts';
import type { Kind } from '../kind.ts';
import { type Document, type Entry, type MapNode, type Node, shapeOf } from './node.ts';
import type { Place, Sink } from './sink.ts';
import { SECTIONS } from './words.ts';

/** A resource as it is written, before repetition: one entry under a kind. */
export interface Declaration {
  readonly kind: Kind;
  readonly name: string;
  readonly document: Document;
  /** Place of the name. */
  readonly at: number;
  readonly node: MapNode;
}

/** Declarations by kind and name, spelled so that look-alikes are found. */
export type Names = Map<string, Declaration>;

/** A `moved` or `forget` section with its file. */
export interface Section {
  readonly document: Document;
  readonly entry: Entry;
}

/** Everything that the files under infra/ declare, in the order of the files. */
export interface Declared {
  readonly declarations: readonly Declaration[];
  readonly moved: readonly Section[];
  readonly forget: readonly Section[];
}

const EMPTY_WHY = 'this does not mean delete everything; to remove resources delete their entries';

/** Collects what the files under infra/ declare. The names of one kind must differ by more than case or accents' encoding. */
export function collect(documents: readonly Document[], names: Names, sink: Sink): Declared {
  const declarations: Declaration[] = [];
  const sections: { moved: Section[]; forget: Section[] } = { moved: [], forget: [] };
  for (const document of documents) {
    if (document.flaws.length > 0) continue;
    const { root } = document;
    if (root === null || root.kind !== 'map') {
      const empty = root === null;
      sink.error(
        { document, at: 0 },
        empty
          ? {
              id: 'WS-EMPTY',
              what: 'the file is empty',
              why: EMPTY_WHY,
              fix: 'delete the file, or write resources into it',
            }
          : { id: 'WS-TYPE', what: `a file under infra/ must be a map of kinds, not ${shapeOf(root)}` },
      );
      continue;
    }
    for (const entry of root.entries) {
      if (entry.key === 'moved' || entry.key === 'forget') sections[entry.key].push({ document, entry });
      else declarations.push(...section(entry, { document, sink, names }));
    }
  }
  return { declarations, ...sections };
}

interface Collecting {
  readonly document: Document;
  readonly sink: Sink;
  readonly names: Names;
}

function section(entry: Entry, { document, sink, names }: Collecting): Declaration[] {
  const kind = Object.hasOwn(KINDS, entry.key) ? KINDS[entry.key as CloudKind] : undefined;
  if (kind === undefined) {
    sink.error({ document, at: entry.at }, unknownKind(entry.key));
    return [];
  }
  const { node } = entry;
  if (node.kind !== 'map') {
    const empty = node.kind === 'scalar' && node.value === null;
    sink.error(
      { document, at: node.at },
      empty
        ? {
            id: 'WS-EMPTY',
            what: `nothing stands under ${entry.key}`,
            why: EMPTY_WHY,
            fix: `delete the line, or write \`${entry.key}: {}\``,
          }
        : { id: 'WS-TYPE', what: `${entry.key} must be a map of names, not ${shapeOf(node)}` },
    );
    return [];
  }
  const declarations: Declaration[] = [];
  for (const { key, at, node: body } of node.entries) {
    const spec = bodyOf(body, at);
    if (spec === undefined) {
      sink.error(
        { document, at: body.at },
        { id: 'WS-TYPE', what: `${entry.key} ${showText(key)} must be a map of fields, not ${shapeOf(body)}` },
      );
      continue;
    }
    const declaration: Declaration = { kind, name: key, document, at, node: spec };
    if (declare(declaration, names, sink)) declarations.push(declaration);
  }
  return declarations;
}

/** A name with nothing behind it is a resource that takes every field from the defaults. */
function bodyOf(node: Node, at: number): MapNode | undefined {
  if (node.kind === 'map') return node;
  return node.kind === 'scalar' && node.value === null ? { kind: 'map', at, entries: [] } : undefined;
}

/** Takes the name of a declaration. False, with a problem, when it is not a good one or is taken. */
export function declare(declaration: Declaration, names: Names, sink: Sink): boolean {
  const { kind, name, document, at } = declaration;
  const place: Place = { document, at };
  const isPlain = /^[a-z0-9-]+$/.test(name);
  const folded = `${kind.name}/${isPlain ? name : name.normalize('NFC').toLowerCase()}`;
  const other = names.get(folded);
  if (other !== undefined) {
    const also = [{ document: other.document, at: other.at }];
    if (other.name === name) {
      sink.error(place, {
        id: 'WS-ADDRESS',
        also,
        what: `${kind.name}/${showText(name)} is declared twice`,
        why: 'only one of them could take effect',
        fix: 'rename one or delete it',
      });
    } else {
      sink.error(place, {
        id: 'WS-LOOKALIKE',
        also,
        what: `the names "${showText(other.name)}" and "${showText(name)}" look alike`,
        why: 'they differ only in case or in the encoding of accents, and clouds do not tell them apart',
        fix: 'rename one',
      });
    }
    return false;
  }
  names.set(folded, declaration);
  return checkName(name, `${kind.name} name`, { place, sink });
}

/** States the rule that a name breaks. True when it is a good name. */
export function checkName(
  name: string,
  role: string,
  { place, sink }: { readonly place: Place; readonly sink: Sink },
): boolean {
  const rule = brokenRule(name);
  if (rule === undefined) return true;
  sink.error(place, {
    id: 'WS-NAME',
    what: `the ${role} "${showText(name)}" ${rule}`,
    why: 'names are used in every cloud, so the strictest rules of all count',
    fix: 'use 1 to 63 of a-z, 0-9 and -, starting with a letter and not ending with -',
  });
  return false;
}

function brokenRule(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (name.length > 63) return `has ${name.length} characters; 63 are allowed`;
  if (/[A-Z]/.test(name)) return 'has upper-case letters';
  if (name.startsWith('xn--')) return 'starts with xn--, which marks an encoded international name';
  if (Name.safeParse(name).success) return undefined;
  if (/^\d/.test(name)) return 'starts with a digit';
  if (name.startsWith('-')) return 'starts with a dash';
  if (name.endsWith('-')) return 'ends with a dash';
  if (name.endsWith('.')) return 'ends with a dot';
  return 'has characters that are not allowed';
}

function unknownKind(key: string): { id: string; what: string; why: string; fix: string } {
  const known = [...CLOUD_KINDS, ...SECTIONS];
  const guess = nearest(key, known);
  if (key.startsWith('taskserv')) {
    return {
      id: 'WS-KIND',
      what: `"${showText(key)}" cannot stand here`,
      why: 'a task service belongs to a server',
      fix: 'put it under `taskservs` of its server',
    };
  }
  if (key === 'include' || key === 'import') {
    return {
      id: 'WS-KIND',
      what: `there is no \`${key}\``,
      why: 'every file under infra/ is read anyway, and none from elsewhere',
      fix: 'delete it',
    };
  }
  return {
    id: 'WS-KIND',
    what: `there is no kind "${showText(key)}"`,
    why: `known: ${known.join(', ')}`,
    fix: guess === undefined ? 'delete it' : `did you mean \`${guess}\`?`,
  };
}
