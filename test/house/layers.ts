import { posix } from 'node:path';
import {
  eachNode,
  importsOf,
  isNode,
  lineOf,
  memberName,
  type Node,
  parsed,
  type Source,
} from '../../scripts/generate/tree.ts';

/** A broken rule: where, and which. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

const FLOORS: { readonly [folder: string]: number } = {
  schemas: 1,
  planner: 2,
  providers: 2,
  taskservs: 2,
  clusters: 2,
  appliers: 3,
  platform: 3,
  reconciler: 4,
  operations: 5,
  server: 6,
  cli: 7,
};

/** Folders whose sub-folders do not see each other. */
const DIVIDED = ['platform', 'providers', 'taskservs'];

/** What the parts of a divided folder share. */
const SHARED = ['providers/transport', 'providers/course', 'taskservs/host'];

/** Where the world outside may be touched. */
const OUTER = ['platform', 'providers', 'server', 'cli'];
const OUTSIDE =
  /^(?:node:)?(?:fs|fs\/promises|net|http|https|http2|tls|dgram|dns|dns\/promises|child_process|worker_threads|cluster|readline|readline\/promises|inspector)$/;

/** Where time, randomness and the environment may be asked for directly; everything else takes `World`. */
const WORLDLY = ['platform', 'cli'];
const WORLD = new Set([
  'process.env',
  'Date.now',
  'Math.random',
  'performance.now',
  'crypto.randomUUID',
  'crypto.getRandomValues',
]);
const TIMERS = new Set(['setTimeout', 'setInterval', 'setImmediate']);

/** Pure folders: nothing in them waits. */
const PURE = ['schemas', 'planner', 'taskservs', 'clusters'];

/**
 * Files that may name an adapter besides those of `platform` itself. `wire.ts` puts adapters behind ports; the operations
 * are about this very machine and have no port, because there is nothing to choose.
 */
const ADAPTER_USERS = [
  'reconciler/wire.ts',
  'operations/demo.cloud.ts',
  'operations/doctor.check.ts',
  'operations/workspace.init.ts',
];

/** The one file of the loop that may look at the disk: it tells adapters where to work. */
const WIRE = 'reconciler/wire.ts';

function folderOf(path: string): string {
  return path.split('/')[0] ?? '';
}

function partOf(path: string): string {
  const [folder = '', part = '', ...rest] = path.split('/');
  return DIVIDED.includes(folder) && rest.length > 0 ? `${folder}/${part}` : folder;
}

/** The path that a relative import means, from the top of the repository; null for a package. */
function targetOf(source: Source, from: string): string | null {
  return from.startsWith('.') ? posix.normalize(posix.join(posix.dirname(source.path), from)) : null;
}

/** Everything one file does that its floor does not allow. */
export function violationsOf(source: Source): readonly Violation[] {
  const found: Violation[] = [];
  const report = (line: number, what: string): void => void found.push({ path: source.path, line, what });
  for (const { from, line, typeOnly } of importsOf(source)) {
    const target = targetOf(source, from);
    const what = target === null ? packageRule(source, from) : arrowRule(source, target, typeOnly);
    if (what !== null) report(line, what);
  }
  eachNode(parsed(source).program, node => {
    const what = codeRule(source, node);
    if (what !== null) report(lineOf(source, node.start), what);
  });
  return found;
}

function packageRule(source: Source, from: string): string | null {
  if (!OUTSIDE.test(from) || OUTER.includes(folderOf(source.path)) || source.path === WIRE) return null;
  return `${folderOf(source.path)} may not import ${from}`;
}

function arrowRule(source: Source, target: string, typeOnly: boolean): string | null {
  const [here, there] = [folderOf(source.path), folderOf(target)];
  const floor = FLOORS[there];
  if (floor === undefined) return `the product may not import ${target}`;
  if (!target.endsWith('.ts')) return `an import carries .ts: ${target}`;
  if (here === there) return neighbourRule(source, target);
  if (floor >= (FLOORS[here] ?? 0))
    return `${here} is on floor ${FLOORS[here]} and may not import ${target} on floor ${floor}`;
  const adapter = there === 'platform' && !typeOnly && !target.endsWith('/port.ts');
  if (adapter && here !== 'cli' && here !== 'server' && !ADAPTER_USERS.includes(source.path)) {
    return `only reconciler/wire.ts names adapters, not ${source.path}`;
  }
  return null;
}

function neighbourRule(source: Source, target: string): string | null {
  const [here, there] = [partOf(source.path), partOf(target)];
  // The generated index of a divided folder lists its parts.
  if (here === there || here === folderOf(source.path) || SHARED.includes(there)) return null;
  return `${here} may not import its neighbour ${there === folderOf(target) ? target : there}`;
}

function codeRule(source: Source, node: Node): string | null {
  const folder = folderOf(source.path);
  if (node.type === 'TSAnyKeyword') return 'there is no `any` here';
  if (PURE.includes(folder) && waits(node)) return `${folder} does not wait: no async, no await, no promise`;
  if (WORLDLY.includes(folder)) return null;
  const member = memberName(node);
  if (member !== null && WORLD.has(member)) return `${member} is only for platform and cli; take World`;
  const callee = node['callee'];
  if (!isNode(callee)) return null;
  if (node.type === 'NewExpression' && callee['name'] === 'Date' && (node['arguments'] as unknown[]).length === 0) {
    return 'new Date() is only for platform and cli; take World';
  }
  const timer = node.type === 'CallExpression' && TIMERS.has(String(callee['name']));
  return timer ? `${String(callee['name'])} is only for platform and cli; take World` : null;
}

function waits(node: Node): boolean {
  if (node['async'] === true || node.type === 'AwaitExpression') return true;
  const callee = node['callee'];
  return node.type === 'NewExpression' && isNode(callee) && callee['name'] === 'Promise';
}

/** Import cycles between files, types included, each as the files it runs through. */
export function cyclesOf(sources: readonly Source[]): readonly (readonly string[])[] {
  const arrows = new Map(
    sources.map(source => [
      source.path,
      importsOf(source)
        .map(({ from }) => targetOf(source, from))
        .filter(target => target !== null),
    ]),
  );
  const cycles: string[][] = [];
  const state = new Map<string, 'open' | 'closed'>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (state.get(path) === 'closed') return;
    if (state.get(path) === 'open') {
      cycles.push([...trail.slice(trail.indexOf(path)), path]);
      return;
    }
    state.set(path, 'open');
    for (const next of arrows.get(path) ?? []) visit(next, [...trail, path]);
    state.set(path, 'closed');
  };
  for (const path of arrows.keys()) visit(path, []);
  return cycles;
}
