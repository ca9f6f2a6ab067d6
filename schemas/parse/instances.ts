import type { Json } from '../json.ts';
import type { Kind } from '../kind.ts';
import { LIMITS } from '../limits.ts';
import type { Address } from '../name.ts';
import { showText } from '../problem.ts';
import { checkName, type Declaration } from './declarations.ts';
import { evaluate } from './evaluate.ts';
import type { Instance, Instances, Turn } from './instance.ts';
import { type Layer, layersFor } from './layers.ts';
import { type Document, type Entry, entryOf, type MapNode, type Node, shapeOf, shapeOfValue } from './node.ts';
import { BROKEN, type Surroundings } from './scope.ts';
import { serviceKind, serviceNamed, unknownService } from './services.ts';
import type { Place, Sink } from './sink.ts';
import type { Sourced } from './source.ts';

/** Repeats what is to be repeated and takes the task services out of their servers. Addresses are unique afterwards. */
export function expand(
  declarations: readonly Declaration[],
  surroundings: Surroundings,
  isPartial: boolean,
): Instances {
  const all = new Map<Address, Instance>();
  const groups = new Map<string, Instance[]>();
  const { sink, layers } = surroundings;
  const before = sink.count();
  for (const declaration of declarations) {
    const { kind, name, document, node } = declaration;
    const turns = turnsOf(declaration, surroundings);
    const sources = [{ document, node }, ...kindLayers(layers, kind)];
    const declared = `${kind.name}/${name}`;
    const isRepeated = turns.length !== 1 || turns[0]?.turn !== null;
    for (const { turn, suffix } of turns) {
      if (all.size >= LIMITS.resources) {
        sink.error(
          { document, at: declaration.at },
          {
            id: 'WS-LIMIT',
            what: `the workspace has more than ${LIMITS.resources} resources`,
            fix: 'split it into several workspaces',
          },
        );
        return { all, groups, isPartial: true };
      }
      const place: Place = { document, at: declaration.at };
      const instance: Instance = {
        address: `${declared}${suffix}`,
        kind,
        name: name + suffix,
        declared,
        place,
        sources,
        turn,
        on: undefined,
        fields: undefined,
      };
      if (isRepeated && !checkName(instance.name, `${kind.name} name`, { place, sink })) break;
      if (!register(instance, { all, groups: isRepeated ? groups : undefined, sink })) continue;
      if (kind.name === 'server') services(instance, { all, groups: isRepeated ? groups : undefined, surroundings });
    }
    if (isRepeated && !groups.has(declared)) groups.set(declared, []);
  }
  // Where a repetition went wrong, what refers to it is not reported as missing.
  return { all, groups, isPartial: isPartial || sink.count() > before };
}

const cache = new WeakMap<readonly Layer[], Map<string, readonly Sourced<MapNode>[]>>();

/** The layers of a kind are the same list for all its resources. */
function kindLayers(layers: readonly Layer[], kind: Kind): readonly Sourced<MapNode>[] {
  const known = cache.get(layers) ?? new Map<string, readonly Sourced<MapNode>[]>();
  cache.set(layers, known);
  const path = kind.name.startsWith('taskserv.') ? ['taskservs', kind.name.slice('taskserv.'.length)] : [kind.name];
  const found = known.get(kind.name) ?? layersFor(layers, path);
  known.set(kind.name, found);
  return found;
}

interface Registry {
  readonly all: Map<Address, Instance>;
  readonly groups: Map<string, Instance[]> | undefined;
  readonly sink: Sink;
}

function register(instance: Instance, { all, groups, sink }: Registry): boolean {
  const other = all.get(instance.address);
  if (other !== undefined) {
    sink.error(instance.place, {
      id: 'WS-ADDRESS',
      also: [other.place],
      what: `${instance.address} is declared twice`,
      why: 'repetition makes names too',
      fix: 'rename one of them',
    });
    return false;
  }
  all.set(instance.address, instance);
  const group = groups?.get(instance.declared);
  if (group === undefined) groups?.set(instance.declared, [instance]);
  else group.push(instance);
  return true;
}

function services(
  server: Instance,
  {
    all,
    groups,
    surroundings,
  }: {
    readonly all: Map<Address, Instance>;
    readonly groups: Map<string, Instance[]> | undefined;
    readonly surroundings: Surroundings;
  },
): void {
  const { sink, layers } = surroundings;
  const { document } = server.place;
  const entry = entryOf(server.sources[0]?.node, 'taskservs');
  if (entry === undefined) return;
  if (entry.node.kind !== 'map') {
    sink.error(
      { document, at: entry.node.at },
      { id: 'WS-TYPE', what: `taskservs must be a map of task services, not ${shapeOf(entry.node)}` },
    );
    return;
  }
  for (const service of entry.node.entries) {
    const place: Place = { document, at: service.at };
    const node = serviceNode(service, document, sink);
    if (node === undefined || !checkName(service.key, 'task service', { place, sink })) continue;
    const known = serviceNamed(surroundings.services, service.key);
    if (known === undefined && surroundings.services !== undefined && !surroundings.flawedServices.has(service.key)) {
      sink.error(place, unknownService(service.key, surroundings.services));
      continue;
    }
    const kind = serviceKind(service.key, known);
    const base = server.declared.slice('server/'.length);
    const instance: Instance = {
      ...server,
      address: `${kind.name}/${server.name}`,
      kind,
      declared: `${kind.name}/${base}`,
      place,
      sources: [{ document, node }, ...kindLayers(layers, kind)],
      on: server,
      fields: undefined,
    };
    register(instance, { all, groups, sink });
  }
}

function serviceNode({ key, at, node }: Entry, document: Document, sink: Sink): MapNode | undefined {
  if (node.kind === 'map') return node;
  if (node.kind === 'scalar' && node.value === null) return { kind: 'map', at, entries: [] };
  sink.error(
    { document, at: node.at },
    { id: 'WS-TYPE', what: `task service ${showText(key)} must be a map of parameters, not ${shapeOf(node)}` },
  );
  return undefined;
}

interface Repeat {
  readonly turn: Turn | null;
  /** What is appended to the name: `-1`, `-fi-1`, or nothing. */
  readonly suffix: string;
}

const ONCE: readonly Repeat[] = [{ turn: null, suffix: '' }];

function turnsOf({ document, node }: Declaration, surroundings: Surroundings): readonly Repeat[] {
  const count = entryOf(node, 'count');
  const forEach = entryOf(node, 'forEach');
  if (count !== undefined && forEach !== undefined) {
    surroundings.sink.error(
      { document, at: forEach.at },
      {
        id: 'WS-VALUE',
        also: [{ document, at: count.at }],
        what: 'a resource has either `count` or `forEach`',
        fix: 'delete one',
      },
    );
    return [];
  }
  if (count !== undefined)
    return counted(valueOf(count.node, document, surroundings), { document, at: count.node.at }, surroundings.sink);
  if (forEach !== undefined)
    return each(valueOf(forEach.node, document, surroundings), { document, at: forEach.node.at }, surroundings.sink);
  return ONCE;
}

function valueOf(node: Node, document: Document, surroundings: Surroundings): Json {
  return evaluate(node, { surroundings, instance: undefined, document, level: 0, deepest: 0 });
}

function counted(value: Json, place: Place, sink: Sink): readonly Repeat[] {
  if (value === BROKEN) return [];
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > LIMITS.resources) {
    const found = typeof value === 'number' ? String(value) : shapeOfValue(value);
    sink.error(place, {
      id: 'WS-VALUE',
      what: `count must be a whole number from 0 to ${LIMITS.resources}, not ${found}`,
    });
    return [];
  }
  return Array.from({ length: value }, (_, index) => ({ turn: { index: index + 1 }, suffix: `-${index + 1}` }));
}

function each(value: Json, place: Place, sink: Sink): readonly Repeat[] {
  if (value === BROKEN) return [];
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    const bad = items.find(item => typeof item !== 'string');
    if (bad !== undefined) {
      sink.error(place, {
        id: 'WS-TYPE',
        what: `forEach must list names, and one item is ${shapeOfValue(bad)}`,
        fix: 'use a map to give each name a value',
      });
      return [];
    }
    const names = items as readonly string[];
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined && names.length <= LIMITS.keysPerMap) {
      sink.error(place, { id: 'WS-DUPKEY', what: `forEach lists "${showText(twice)}" twice`, fix: 'delete one' });
      return [];
    }
    return names.map(name => ({ turn: { key: name, value: name }, suffix: `-${name}` }));
  }
  if (typeof value !== 'object' || value === null) {
    sink.error(place, { id: 'WS-TYPE', what: `forEach must be a list of names or a map, not ${shapeOfValue(value)}` });
    return [];
  }
  return Object.entries(value).map(([key, item]) => ({ turn: { key, value: item as Json }, suffix: `-${key}` }));
}
