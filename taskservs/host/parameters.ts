import { type ZodType, z } from 'zod';
import { isObject, type Json } from '../../schemas/json.ts';
import type { HostItem, HostPlace, Parameters, TaskService } from '../../schemas/taskserv.ts';
import type { Scene, Want } from './draft.ts';
import type { HostFacts } from './facts.ts';
import { ownFields } from './service.ts';
import { holdsSecret, NOT_KNOWN, standInFor, type StandIns, unmasked, withStandIns } from './stand-in.ts';

/** A spec as the files or the record have it: references and secrets may be unresolved in it. */
export type ServiceSpec = { readonly [field: string]: Json };

/** Fields of a spec that are no parameters. */
const NO_PARAMETERS: ReadonlySet<string> = new Set(['server', 'labels']);

/** A service as its parameters want it on a host, with stand-ins for what may not be seen. */
export interface Wish extends StandIns {
  readonly parameters: Parameters;
  readonly place: HostPlace;
  readonly wants: readonly Want[];
  readonly isSecret: (shown: HostItem) => boolean;
}

/**
 * What a service wants on a host. `real` are the same parameters with the values of secrets. Null when the parameters
 * do not fit its schema: with stand-ins that means that nothing can be said before they are known.
 */
export function wishOf(
  service: TaskService,
  { spec, real }: { readonly spec: ServiceSpec; readonly real?: ServiceSpec },
  at: Place,
): Wish | null {
  const { parameters: masked, shown: stood } = withStandIns(plainSpec(spec), secretPaths(service));
  const { shown, place } = placed(at, stood);
  const parameters = fitting(service, masked);
  const values = real === undefined ? parameters : fitting(service, plainSpec(real));
  if (parameters === null || values === null) return null;
  const shownItems = service.want(parameters, place);
  const realItems = real === undefined ? shownItems : service.want(values, place);
  if (shownItems.length !== realItems.length || shownItems.some((item, index) => item.is !== realItems[index]?.is))
    throw new RangeError(`${service.name} wants other things when a secret has another value`);
  for (const item of shownItems) refuseOpenSecrets(service, item, { shown });
  return {
    parameters,
    place,
    shown,
    wants: shownItems.map((item, index) => ({ shown: item, real: realItems[index] ?? item })),
    isSecret: item => (item.is === 'file' && item.isSecret === true) || holdsSecret(item, { shown }),
  };
}

/** A place whose address may not be known yet. */
export type Place = Omit<HostPlace, 'address'> & { readonly address: string | null };

function placed(at: Place, stood: StandIns['shown']): StandIns & { readonly place: HostPlace } {
  const { address } = at;
  if (address !== null) return { shown: stood, place: { ...at, address } };
  const name = standInFor('address');
  return { shown: new Map([...stood, [name, NOT_KNOWN]]), place: { ...at, address: name } };
}

/** The scene of one service on a host. */
export function sceneOf(service: TaskService, wish: Wish, facts: HostFacts): Scene {
  const { wants, isSecret } = wish;
  return {
    service: service.name,
    wants,
    facts,
    isSecret,
    show: text => unmasked(text, wish),
    isRisky: service.isRisky === true,
    data: service.data ?? [],
  };
}

/** What the service tells others, from its parameters and the host. */
export function outputsOf(
  service: TaskService,
  { wish, facts }: { readonly wish: Wish; readonly facts: HostFacts },
): { readonly version: string | null; readonly endpoint: string | null } {
  const asked = wish.parameters['version'];
  const first = wish.wants.find(({ shown }) => shown.is === 'package')?.shown;
  const installed = first?.is === 'package' ? facts.packages[first.name]?.version : undefined;
  const endpoint = service.endpoint(wish.parameters, wish.place);
  return {
    version: typeof asked === 'string' ? asked : (service.version ?? installed ?? null),
    endpoint: endpoint === null ? null : unmasked(endpoint, wish),
  };
}

/** In what a host is too little for a service, in words; empty when it suffices. Nothing is changed on such a host. */
export function unmetNeeds({ name, host = {} }: TaskService, facts: HostFacts): readonly string[] {
  const { architectures, codenames, memoryMib = 0, diskMib = 0, paths = [] } = host;
  const unmet: string[] = [];
  if (architectures !== undefined && !architectures.includes(facts.architecture))
    unmet.push(`${name} runs on ${architectures.join(', ')}, and this host is ${facts.architecture}`);
  if (codenames !== undefined && !codenames.includes(facts.codename))
    unmet.push(`${name} is for ${codenames.join(', ')}, and this host has ${facts.codename}`);
  if (facts.memoryMib < memoryMib)
    unmet.push(`${name} needs ${memoryMib} MiB of memory, and this host has ${facts.memoryMib}`);
  if (facts.diskMib < diskMib)
    unmet.push(`${name} needs ${diskMib} MiB of free disk, and this host has ${facts.diskMib}`);
  for (const { path, hint } of paths)
    if ((facts.paths[path] ?? null) === null) unmet.push(`${path} is not there: ${hint}`);
  return unmet;
}

function plainSpec(spec: ServiceSpec): ServiceSpec {
  return Object.fromEntries(Object.entries(spec).filter(([field]) => !NO_PARAMETERS.has(field)));
}

/** The parameters with the defaults of the schema; null when they do not fit. */
function fitting(service: TaskService, spec: ServiceSpec): Parameters | null {
  const { version } = spec;
  const shape = service.parameters();
  const parsed = shape.safeParse(ownFields(shape, spec));
  if (!parsed.success) return null;
  return { ...(parsed.data as Parameters), ...(version === undefined ? {} : { version }) };
}

/** Words of a command can be seen by everybody on the host. */
function refuseOpenSecrets({ name }: TaskService, item: HostItem, standIns: StandIns): void {
  const { is } = item;
  const words =
    is === 'task' ? [item.run, item.done, item.undo, item.title] : is === 'verify' ? [item.run, item.title] : [];
  const rest = is === 'file' ? item.path : is === 'task' || is === 'verify' ? '' : item;
  if (holdsSecret([words, rest], standIns))
    throw new RangeError(`${name} puts a secret where everybody on the host can see it`);
}

const paths = new WeakMap<TaskService, readonly (readonly string[])[]>();

/** Where the schema of a service has secrets; `*` stands for any index or key. */
export function secretPaths(service: TaskService): readonly (readonly string[])[] {
  const known = paths.get(service) ?? pathsIn(service.parameters());
  paths.set(service, known);
  return known;
}

function pathsIn(schema: ZodType): readonly (readonly string[])[] {
  const found: (readonly string[])[] = [];
  const walk = (node: unknown, path: readonly string[]): void => {
    if (!isObject(node)) return;
    if (node['secret'] === true) found.push(path);
    if (isObject(node['properties']))
      for (const [key, below] of Object.entries(node['properties'])) walk(below, [...path, key]);
    walk(node['items'], [...path, '*']);
    walk(node['additionalProperties'], [...path, '*']);
    for (const some of ['anyOf', 'oneOf', 'allOf'])
      if (Array.isArray(node[some])) for (const below of node[some]) walk(below, path);
  };
  walk(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }), []);
  return found;
}
