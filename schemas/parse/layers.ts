import type { ClusterTemplates } from '../cluster.ts';
import { CLOUD_KINDS, type Name } from '../name.ts';
import { KINDS } from '../kinds/index.ts';
import type { Kind } from '../kind.ts';
import { nearest } from '../nearest.ts';
import { showText } from '../problem.ts';
import { ENDINGS } from './document.ts';
import { fieldsOf } from './issues.ts';
import { type Document, entryOf, type MapNode, type Node, shapeOf } from './node.ts';
import type { Place, Sink } from './sink.ts';
import { serviceKind, serviceNamed, type Services } from './services.ts';
import type { Sourced } from './source.ts';
import { templateNamed, unknownTemplate } from './templates.ts';
import { CLUSTER_FIELDS, LAYER_FIELDS, TASKSERV_FIELDS } from './words.ts';

/** One file of defaults. Earlier layers go before later ones; the resource itself goes before all of them. */
export interface Layer {
  readonly document: Document;
  /** `dev` for the layer of an environment, null for the one of all. */
  readonly env: Name | null;
  readonly root: MapNode;
}

/** Paths of the files of defaults that count, the environment's own first; states when one exists twice or belongs to no environment. */
export function layerPaths(
  paths: readonly string[],
  {
    env,
    environments,
    sink,
  }: { readonly env: Name | null; readonly environments: readonly Name[]; readonly sink: Sink },
): { readonly path: string; readonly env: Name | null }[] {
  const found = new Map<string, string[]>();
  for (const path of paths) {
    const match = /^config\/(?:([^/]+)-)?defaults\.([a-z]+)$/.exec(path);
    if (match === null || !ENDINGS.includes(match[2] ?? '')) continue;
    const name = match[1] ?? '';
    found.set(name, [...(found.get(name) ?? []), path]);
  }
  for (const [name, files] of found) {
    if (files.length > 1)
      sink.error(undefined, {
        id: 'WS-FILE',
        what: `there are ${files.length} files for the same defaults: ${files.map(showText).join(', ')}`,
        fix: 'keep one of them',
      });
    if (name !== '' && !environments.includes(name)) {
      const guess = nearest(name, environments);
      sink.error(undefined, {
        id: 'WS-ENV',
        what: `${showText(files[0] ?? '')} belongs to no environment`,
        why: environments.length === 0 ? 'the workspace file declares none' : `declared: ${environments.join(', ')}`,
        fix:
          guess === undefined
            ? `add \`${showText(name)}\` to environments, or delete the file`
            : `did you mean config/${guess}-defaults?`,
      });
    }
  }
  const names = env === null ? [''] : [env, ''];
  return names.flatMap(name =>
    (found.get(name) ?? []).slice(0, 1).map(path => ({ path, env: name === '' ? null : name })),
  );
}

/** Checks the top of a file of defaults: kinds, `vars` and `taskservs`, each a map. An empty file says nothing and is allowed. */
export function readLayer(
  document: Document,
  {
    env,
    sink,
    services,
    templates,
    kinds = KINDS,
  }: {
    readonly env: Name | null;
    readonly sink: Sink;
    readonly services?: Services | undefined;
    readonly templates?: ClusterTemplates | undefined;
    readonly kinds?: typeof KINDS;
  },
): Layer | undefined {
  const { root } = document;
  if (root === null) return undefined;
  if (root.kind !== 'map') {
    sink.error(
      { document, at: root.at },
      { id: 'WS-TYPE', what: `a file of defaults must be a map, not ${shapeOf(root)}` },
    );
    return undefined;
  }
  for (const entry of root.entries) {
    const place = { document, at: entry.at };
    const known = [...CLOUD_KINDS, 'vars', 'taskservs', 'clusters', 'defaultProvider'];
    if (entry.key === 'defaultProvider') {
      checkProvider(entry.node, document, sink);
    } else if (!known.includes(entry.key)) {
      const guess = nearest(entry.key, known);
      sink.error(place, {
        id: 'WS-KIND',
        what: `there is no kind "${showText(entry.key)}"`,
        why: `known: ${known.join(', ')}`,
        fix: guess === undefined ? 'delete it' : `did you mean \`${guess}\`?`,
      });
    } else if (entry.node.kind !== 'map') {
      sink.error(
        { document, at: entry.node.at },
        { id: 'WS-TYPE', what: `${entry.key} must be a map, not ${shapeOf(entry.node)}` },
      );
    } else if (entry.key === 'taskservs') {
      checkTaskservs(entry.node, services, { document, env, sink });
    } else if (entry.key === 'clusters') {
      checkClusters(entry.node, templates, { document, env, sink });
    } else if (entry.key !== 'vars') {
      checkFields(entry.node, kinds[entry.key] as Kind, { document, env, sink, meta: LAYER_FIELDS });
    }
  }
  return { document, env, root };
}

function checkProvider(node: Node, document: Document, sink: Sink): void {
  if (node.kind === 'scalar' && typeof node.value === 'string') return;
  sink.error(
    { document, at: node.at },
    { id: 'WS-TYPE', what: `defaultProvider must be the name of a provider, not ${shapeOf(node)}` },
  );
}

/** The provider of resources that name none, as the nearest layer says it, with its place. */
export function layeredProvider(layers: readonly Layer[]): Sourced<Node> | undefined {
  return layersFor(layers, []).flatMap(({ document, node }) => {
    const found = entryOf(node, 'defaultProvider')?.node;
    return found === undefined ? [] : [{ document, node: found }];
  })[0];
}

interface Layered {
  readonly document: Document;
  readonly env: Name | null;
  readonly sink: Sink;
}

function checkClusters(node: MapNode, templates: ClusterTemplates | undefined, layered: Layered): void {
  const { document, sink } = layered;
  if (templates === undefined) return;
  for (const entry of node.entries) {
    const template = templateNamed(templates, entry.key);
    if (template === undefined) {
      sink.error({ document, at: entry.at }, unknownTemplate(entry.key, templates));
    } else if (entry.node.kind !== 'map') {
      sink.error(
        { document, at: entry.node.at },
        { id: 'WS-TYPE', what: `clusters ${entry.key} must be a map, not ${shapeOf(entry.node)}` },
      );
    } else {
      const kind = { name: template.name, spec: template.spec(), fields: {} };
      checkFields(entry.node, kind, { ...layered, meta: CLUSTER_FIELDS });
    }
  }
}

function checkTaskservs(node: MapNode, services: Services | undefined, layered: Layered): void {
  const { document, sink } = layered;
  for (const entry of node.entries) {
    const service = serviceNamed(services, entry.key);
    if (entry.node.kind !== 'map') {
      sink.error(
        { document, at: entry.node.at },
        { id: 'WS-TYPE', what: `taskservs ${showText(entry.key)} must be a map, not ${shapeOf(entry.node)}` },
      );
    } else if (service !== undefined) {
      checkFields(entry.node, serviceKind(entry.key, service), { ...layered, meta: TASKSERV_FIELDS });
    }
  }
}

/** A field of defaults is checked by name here, so that a slip is found even while no resource of the kind exists; its value is checked with each resource. */
function checkFields(
  node: MapNode,
  kind: Pick<Kind, 'name' | 'spec' | 'fields'>,
  { document, env, sink, meta }: Layered & { readonly meta: readonly string[] },
): void {
  const known = [...fieldsOf(kind.spec, []), ...meta];
  for (const { key, at } of node.entries) {
    const place = { document, at };
    if (!known.includes(key)) {
      const guess = nearest(key, known);
      sink.error(place, {
        id: 'WS-UNKNOWN',
        what: `${kind.name} has no field "${showText(key)}" that can have a default`,
        why: `known: ${known.toSorted().join(', ')}`,
        fix: guess === undefined ? 'delete it' : `did you mean \`${guess}\`?`,
      });
    }
    if (env !== null && kind.fields[key]?.final === true) {
      sink.error(place, {
        id: 'WS-LAYER',
        what: `the layer of environment ${env} may not set ${kind.name} ${key}`,
        why: 'the field is final: it is the same in every environment',
        fix: 'set it at the resource, or in config/defaults',
      });
    }
  }
}

/** What the layers say for one kind, or under `taskservs` for one service, nearest first. */
export function layersFor(layers: readonly Layer[], path: readonly string[]): Sourced<MapNode>[] {
  const found: Sourced<MapNode>[] = [];
  for (const { document, root } of layers) {
    let node: Node | undefined = root;
    for (const step of path) node = entryOf(node, step)?.node;
    if (node?.kind === 'map') found.push({ document, node });
  }
  return found;
}

/** States every field on whose type two layers disagree, with both places; true when there is none. Expressions have no type yet. */
export function checkAgreement(
  upper: Sourced,
  lower: Sourced,
  { name, sink }: { readonly name: string; readonly sink: Sink },
): boolean {
  if (upper.node.kind === 'map' && lower.node.kind === 'map') {
    let isGood = true;
    for (const entry of lower.node.entries) {
      const above = entryOf(upper.node, entry.key);
      if (above === undefined) continue;
      const of = { name: `${name}.${entry.key}`, sink };
      isGood =
        checkAgreement(
          { document: upper.document, node: above.node },
          { document: lower.document, node: entry.node },
          of,
        ) && isGood;
    }
    return isGood;
  }
  if (agree(upper.node, lower.node)) return true;
  const place: Place = { document: upper.document, at: upper.node.at };
  sink.error(place, {
    id: 'WS-LAYER',
    also: [{ document: lower.document, at: lower.node.at }],
    what: `${showText(name)} is ${shapeOf(upper.node)} in ${upper.document.path} and ${shapeOf(lower.node)} in ${lower.document.path}`,
    why: `${upper.document.path} goes before ${lower.document.path}, so the type would change with the layer`,
    fix: 'give both the same type',
  });
  return false;
}

function agree(upper: Node, lower: Node): boolean {
  const isOpen = (node: Node): boolean =>
    node.kind === 'scalar' && (node.value === null || (typeof node.value === 'string' && node.value.includes('${')));
  return isOpen(upper) || isOpen(lower) || shapeOf(upper) === shapeOf(lower);
}
