/**
 * Clusters of a workspace. Files under clusters/ are maps by template, then by name, then fields. Each cluster becomes
 * ordinary declarations before anything else is worked out, so that everything after it sees resources only. What a
 * cluster passes on as `${...}` is evaluated where it ends up, by the rules of that place.
 */
import type { ClusterTemplate, ClusterTemplates, TemplatePlace, TemplateResource } from '../cluster.ts';
import type { Json } from '../json.ts';
import type { Kind } from '../kind.ts';
import { KINDS } from '../kinds/index.ts';
import type { Name } from '../name.ts';
import { showText } from '../problem.ts';
import { isJoin, isRef } from '../resource.ts';
import { isSecretUse } from '../secret.ts';
import type { WorkspaceFile, Workspace } from '../workspace.ts';
import { checkName, type Declaration, declare, type Names } from './declarations.ts';
import { fieldOf, keysOf } from './evaluate.ts';
import { type Instance, locateIn } from './instance.ts';
import { layersFor } from './layers.ts';
import { providerOf } from './meta.ts';
import { type Document, type Entry, type MapNode, shapeOf } from './node.ts';
import { resolvePath } from './references.ts';
import { BROKEN, type ExpandedCluster, type Surroundings } from './scope.ts';
import type { Place, Sink } from './sink.ts';
import { checkShape } from './spec.ts';
import { templateNamed, unknownTemplate } from './templates.ts';
import { treeOf } from './tree.ts';
import { CLUSTER_FIELDS } from './words.ts';

/** What clusters are expanded with. */
export interface Expanding {
  readonly templates: ClusterTemplates;
  readonly file: WorkspaceFile | undefined;
  readonly providers: Workspace['providers'];
  /** Names that are taken, by kind; those of the clusters are added. */
  readonly names: Names;
  readonly surroundings: Surroundings;
}

type Fields = { readonly [field: string]: Json };

/** The declarations that the clusters of these files stand for, and the clusters by name. */
export function expandClusters(
  documents: readonly Document[],
  expanding: Expanding,
): { readonly declarations: readonly Declaration[]; readonly clusters: ReadonlyMap<Name, ExpandedCluster> } {
  const declarations: Declaration[] = [];
  const clusters = new Map<Name, ExpandedCluster>();
  const places = new Map<Name, Place>();
  const { sink } = expanding.surroundings;
  for (const written of writtenIn(documents, expanding)) {
    const { name, place } = written;
    const other = places.get(name);
    if (other !== undefined) {
      sink.error(place, {
        id: 'WS-ADDRESS',
        also: [other],
        what: `the cluster ${name} is declared twice`,
        why: 'the names of its resources begin with its own, whatever its template',
        fix: 'rename one or delete it',
      });
      continue;
    }
    places.set(name, place);
    const made = expandOne(written, expanding);
    if (made === undefined) continue;
    clusters.set(name, { place, outputs: made.outputs });
    declarations.push(...made.declarations.filter(declaration => declare(declaration, expanding.names, sink)));
  }
  return { declarations, clusters };
}

interface Written {
  readonly template: ClusterTemplate;
  readonly name: Name;
  readonly place: Place;
  readonly node: MapNode;
}

function writtenIn(documents: readonly Document[], { templates, surroundings: { sink } }: Expanding): Written[] {
  return documents.flatMap(document => {
    if (document.flaws.length > 0) return [];
    const root = mapOf(document, sink);
    return (root?.entries ?? []).flatMap(entry => {
      const template = templateNamed(templates, entry.key);
      if (template !== undefined) return clustersOf(entry, { document, template, sink });
      sink.error({ document, at: entry.at }, unknownTemplate(entry.key, templates));
      return [];
    });
  });
}

function mapOf(document: Document, sink: Sink): MapNode | undefined {
  const { root } = document;
  if (root?.kind === 'map') return root;
  sink.error(
    { document, at: 0 },
    root === null
      ? { id: 'WS-EMPTY', what: 'the file is empty', fix: 'delete the file, or write a cluster into it' }
      : { id: 'WS-TYPE', what: `a file under clusters/ must be a map of templates, not ${shapeOf(root)}` },
  );
  return undefined;
}

function clustersOf(
  { key, node }: Entry,
  {
    document,
    template,
    sink,
  }: { readonly document: Document; readonly template: ClusterTemplate; readonly sink: Sink },
): Written[] {
  if (node.kind !== 'map') {
    const what = `${key} must be a map of names, not ${shapeOf(node)}`;
    sink.error({ document, at: node.at }, { id: 'WS-TYPE', what, fix: `write \`${key}: { main: { ... } }\`` });
    return [];
  }
  return node.entries.flatMap(({ key: name, at, node: body }) => {
    const place = { document, at };
    const isBare = body.kind === 'scalar' && body.value === null;
    if (body.kind !== 'map' && !isBare) {
      const what = `${key} ${showText(name)} must be a map of fields, not ${shapeOf(body)}`;
      sink.error({ document, at: body.at }, { id: 'WS-TYPE', what });
      return [];
    }
    if (!checkName(name, 'cluster name', { place, sink })) return [];
    return [{ template, name, place, node: body.kind === 'map' ? body : { kind: 'map', at, entries: [] } }];
  });
}

interface Made {
  readonly declarations: readonly Declaration[];
  readonly outputs: { readonly [output: string]: string };
}

/** Undefined when the cluster is not right; then a problem was stated. */
function expandOne(written: Written, expanding: Expanding): Made | undefined {
  const { template, name, place } = written;
  const { file, providers, surroundings } = expanding;
  const { sink } = surroundings;
  const before = sink.count();
  const instance = asInstance(written, surroundings);
  const early: Surroundings = { ...surroundings, resolve: resolveEarly };
  const read = (field: string): Json => fieldOf(instance, field, { surroundings: early, level: 0 }) ?? null;
  const fields: { [field: string]: Json } = {};
  for (const field of keysOf(instance.sources))
    if (!CLUSTER_FIELDS.includes(field)) fields[field] = writtenAgain(read(field));
  checkShape(instance, fields, surroundings, CLUSTER_FIELDS);
  const provider = providerOf(instance, file, surroundings);
  const protect = read('protect');
  if (protect !== null && typeof protect !== 'boolean')
    sink.error(locateIn(instance, ['protect']), {
      id: 'WS-TYPE',
      what: `${instance.declared} protect must be true or false`,
    });
  const driver = providers[provider]?.driver;
  const parsed = template.spec().safeParse(fields);
  if (sink.count() > before || driver === undefined || !parsed.success) return undefined;
  const spec = parsed.data as Fields;
  const at: TemplatePlace = { name, provider, driver };
  return {
    declarations: declarationsOf(template.resources(spec, at), { place, provider, protect: protect === true }),
    outputs: template.outputs(spec, at),
  };
}

/** A cluster looks like a resource of the kind of its template while its fields are read. */
function asInstance({ template, name, place, node }: Written, { layers }: Surroundings): Instance {
  const kind: Kind = {
    name: template.name,
    summary: template.summary,
    spec: template.spec(),
    fields: {},
    outputs: {},
    holdsData: true,
    createFirst: false,
  };
  const address = `${template.name}/${name}`;
  const sources = [{ document: place.document, node }, ...layersFor(layers, ['clusters', template.name])];
  return { address, kind, name, declared: address, place, sources, turn: null, on: undefined, fields: undefined };
}

/** What is known from the files is worked out; everything else stays as it is written, until the resources exist. */
const resolveEarly: Surroundings['resolve'] = (path, reference) =>
  /^(?:var\.|env$|workspace$)/.test(path) ? resolvePath(path, reference) : { $ref: path };

/** A value with the expressions that are left written out, so that a template passes them on as text. */
function writtenAgain(value: Json): Json {
  if (typeof value === 'string') return literal(value);
  if (value === BROKEN) return value;
  if (isRef(value)) return `\${${value.$ref}}`;
  if (isSecretUse(value)) return `\${secret.${value.$secret}}`;
  if (isJoin(value))
    return value.$join
      .map(part => (typeof part === 'string' ? literal(part) : String(writtenAgain(part as unknown as Json))))
      .join('');
  if (Array.isArray(value)) return (value as readonly Json[]).map(writtenAgain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, writtenAgain(item as Json)]));
}

function literal(text: string): string {
  return text.split('${').join('$${');
}

/** The resources of a template as if they stood in the file, at the line of the cluster. */
function declarationsOf(
  resources: readonly TemplateResource[],
  { place, provider, protect }: { readonly place: Place; readonly provider: Name; readonly protect: boolean },
): Declaration[] {
  const { document, at } = place;
  return resources.flatMap(({ kind: kindName, name, fields, on }) => {
    const kind = KINDS[kindName];
    if (on !== undefined || kind === undefined) return [];
    const services = resources.filter(other => kindName === 'server' && other.on === name);
    const taskservs = Object.fromEntries(services.map(other => [other.kind.slice('taskserv.'.length), other.fields]));
    const value: Fields = {
      ...fields,
      provider,
      ...(protect && kind.holdsData ? { protect } : {}),
      ...(services.length > 0 ? { taskservs } : {}),
    };
    return [{ kind, name, document, at, node: treeOf(value, at) as MapNode }];
  });
}
