/**
 * Task services of a workspace: `taskservs/<name>/service.yaml`, one folder each. Other files in such a folder, such as a
 * readme, are left alone.
 */
import { Name } from '../name.ts';
import { nearest } from '../nearest.ts';
import { showText } from '../problem.ts';
import { ServiceFile } from '../service-file.ts';
import { ENDINGS, parseFile } from './document.ts';
import { reportIssues } from './issues.ts';
import { type Document, shapeOf } from './node.ts';
import { createSink, type Sink } from './sink.ts';
import { follow, keyPlace, plainValue, type Sourced } from './source.ts';
import { writtenNumber } from './workspace-file.ts';

const OWN = /^taskservs\/([^/]+)\/service\.([a-z]+)$/;

/** Whether a file describes a task service of the workspace. */
export function isServicePath(path: string): boolean {
  return ENDINGS.includes(OWN.exec(path)?.[2] ?? '');
}

/** The task services of a workspace as its files describe them. */
export interface OwnServices {
  readonly own: { readonly [name: string]: ServiceFile };
  /** Names of those whose file is not valid. */
  readonly flawed: ReadonlySet<Name>;
}

interface Reading {
  readonly parse: (path: string) => Document;
  /** Names of the services that the program brings along. */
  readonly builtIn: readonly Name[];
  readonly sink: Sink;
}

/** Those alone, for who wants to see them. Throws Fault `invalid`. */
export function loadServiceFiles(
  files: ReadonlyMap<string, Uint8Array>,
  { prefix, builtIn }: { readonly prefix: string; readonly builtIn: readonly Name[] },
): OwnServices['own'] {
  const sink = createSink(prefix);
  const parse = (path: string): Document => {
    const document = parseFile(path, files.get(path) ?? new Uint8Array());
    for (const flaw of document.flaws) sink.error({ document, at: flaw.at }, { ...flaw, also: [] });
    return document;
  };
  const paths = [...files.keys()].toSorted();
  const { own } = readServices(paths, { parse, builtIn, sink });
  sink.finish(paths.filter(isServicePath).length);
  return own;
}

/** Reads the services of a workspace. */
export function readServices(paths: readonly string[], { parse, builtIn, sink }: Reading): OwnServices {
  checkPaths(paths, sink);
  const read = new Map<Name, { readonly file: ServiceFile; readonly source: Sourced }>();
  const flawed = new Set<Name>();
  for (const path of paths.filter(isServicePath)) {
    const name = OWN.exec(path)?.[1] ?? '';
    const document = parse(path);
    const isGood = document.flaws.length === 0 && checkName(name, { document, builtIn, sink });
    const file = isGood ? fileOf(name, document, sink) : undefined;
    if (file === undefined) flawed.add(name);
    else read.set(name, { file, source: { document, node: document.root as Sourced['node'] } });
  }
  const known = [...builtIn, ...flawed, ...read.keys()];
  for (const [name, { file, source }] of read) checkNeighbours(name, known, { source, file, sink });
  return { own: Object.fromEntries([...read].map(([name, { file }]) => [name, file])), flawed };
}

/** What lies beside the folders of services, and folders without a service, would be forgotten silently. */
function checkPaths(paths: readonly string[], sink: Sink): void {
  const files = new Map<string, number>();
  for (const path of paths) {
    const [top, folder, ...rest] = path.split('/');
    if (top !== 'taskservs' || folder === undefined || path.endsWith('/.gitkeep')) continue;
    if (rest.length > 0) files.set(folder, (files.get(folder) ?? 0) + Number(isServicePath(path)));
    else if (ENDINGS.some(ending => folder.endsWith(`.${ending}`)))
      sink.error(undefined, {
        id: 'WS-FILE',
        what: `${showText(path)} belongs to no task service`,
        why: 'a task service of a workspace is a folder of its own',
        fix: 'move it to taskservs/<name>/service.yaml',
      });
  }
  for (const [folder, count] of files) {
    if (count === 1) continue;
    const where = `taskservs/${showText(folder)}`;
    sink.error(undefined, {
      id: 'WS-FILE',
      what: count === 0 ? `${where} has no service.yaml` : `${where} has ${count} service files`,
      fix: count === 0 ? 'write one, or delete the folder' : 'keep one of them',
    });
  }
}

function checkName(
  name: string,
  { document, builtIn, sink }: { readonly document: Document; readonly builtIn: readonly Name[]; readonly sink: Sink },
): boolean {
  const place = { document, at: 0 };
  if (!Name.safeParse(name).success) {
    sink.error(place, {
      id: 'WS-NAME',
      what: `the task service "${showText(name)}" has a name that is not allowed`,
      why: 'lower-case letters, digits and single dashes are, with a letter first',
      fix: 'rename its folder',
    });
    return false;
  }
  if (!builtIn.includes(name)) return true;
  sink.error(place, {
    id: 'WS-BUILTIN',
    what: `the task service ${name} has the name of one that this program brings along`,
    why: 'whoever reads `' + name + '` in a plan must know which one it is',
    fix: `rename the folder, for example to own-${name}`,
  });
  return false;
}

function fileOf(name: string, document: Document, sink: Sink): ServiceFile | undefined {
  const { root } = document;
  const label = `task service ${name}`;
  if (root?.kind !== 'map') {
    const what = root === null ? `${label}: its file is empty` : `${label} must be a map, not ${shapeOf(root)}`;
    sink.error({ document, at: root?.at ?? 0 }, { id: root === null ? 'WS-EMPTY' : 'WS-TYPE', what });
    return undefined;
  }
  const source: Sourced = { document, node: root };
  const value = plainValue(root);
  const parsed = ServiceFile.safeParse(value);
  if (parsed.success) return parsed.data;
  const subject = {
    label,
    schema: ServiceFile,
    value,
    locate: (path: readonly PropertyKey[]) => follow(source, path).place,
    locateKey: (path: readonly PropertyKey[], key: string) => keyPlace(source, path, key),
    written: (path: readonly PropertyKey[]) => writtenNumber(source, path),
    isSecret: () => false,
  };
  reportIssues(sink, subject, parsed.error.issues, () => false);
  return undefined;
}

/** Services that it needs, or cannot live beside, must exist. */
function checkNeighbours(
  name: Name,
  known: readonly Name[],
  { source, file, sink }: { readonly source: Sourced; readonly file: ServiceFile; readonly sink: Sink },
): void {
  const others = known.filter(other => other !== name);
  for (const field of ['needs', 'conflicts'] as const) {
    for (const [at, other] of file[field].entries()) {
      if (others.includes(other)) continue;
      const guess = nearest(other, others);
      sink.error(follow(source, [field, at]).place, {
        id: 'WS-TASKSERV',
        what: `task service ${name} ${field}: there is no other task service "${showText(other)}"`,
        fix: guess === undefined ? 'take it out' : `did you mean \`${guess}\`?`,
      });
    }
  }
}
