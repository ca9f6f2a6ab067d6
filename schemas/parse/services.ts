import { z } from 'zod';
import type { Kind } from '../kind.ts';
import { kindNamed } from '../kinds/index.ts';
import type { Address, Name } from '../name.ts';
import { nearest } from '../nearest.ts';
import { showText } from '../problem.ts';
import type { TaskService } from '../taskserv.ts';
import type { Instance, Instances } from './instance.ts';
import type { Finding, Sink } from './sink.ts';

/** Every task service that may be named, by its name. */
export interface Services {
  readonly [name: string]: TaskService;
}

/**
 * Whether these files may name a task service, told without reading them: the catalogue is large, and many workspaces need
 * none of it. A name can be spelled with escapes, and every escape begins with a backslash; so "no" is certain.
 */
export function mayNameServices(files: ReadonlyMap<string, Uint8Array>): boolean {
  const plain = new TextDecoder('latin1');
  return [...files.values()].some(bytes => /taskserv|\\/.test(plain.decode(bytes)));
}

/** The service of that name; undefined when none is known. */
export function serviceNamed(services: Services | undefined, name: Name): TaskService | undefined {
  return services !== undefined && Object.hasOwn(services, name) ? services[name] : undefined;
}

const kinds = new WeakMap<TaskService, Kind>();

/** The kind of a task service with the shape of its own parameters; without a service, the kind that takes anything. */
export function serviceKind(name: Name, service: TaskService | undefined): Kind {
  const plain = kindNamed(`taskserv.${name}`) as Kind;
  if (service === undefined) return plain;
  const known = kinds.get(service) ?? { ...plain, summary: service.summary, spec: versioned(service, plain) };
  kinds.set(service, known);
  return known;
}

/** The parameters with `version`, unless the service has its own idea of it. */
function versioned(service: TaskService, plain: Kind): z.ZodType {
  const parameters = service.parameters();
  if (!(parameters instanceof z.ZodObject)) throw new TypeError(`the parameters of ${service.name} are not a map`);
  const { version } = (plain.spec as z.ZodObject).shape;
  return 'version' in parameters.shape ? parameters : parameters.safeExtend({ version: version as z.ZodType });
}

/** What is said of a name that no task service has. */
export function unknownService(name: string, services: Services): Finding {
  const known = Object.keys(services).toSorted();
  const guess = nearest(name, known);
  return {
    id: 'WS-TASKSERV',
    what: `there is no task service "${showText(name)}"`,
    why: `known: ${known.join(', ')}`,
    fix: guess === undefined ? 'name one of them' : `did you mean \`${guess}\`?`,
  };
}

/**
 * The services on the same server that are installed before this one. States which of them are missing, and which
 * others cannot be there.
 */
export function neighboursNeeded(
  instance: Instance,
  {
    services,
    instances,
    sink,
  }: { readonly services: Services | undefined; readonly instances: Instances | undefined; readonly sink: Sink },
): readonly Address[] {
  const name = instance.kind.name.slice('taskserv.'.length);
  const service = serviceNamed(services, name);
  const server = instance.on;
  if (service === undefined || server === undefined) return [];
  const beside = (other: Name): Instance | undefined => instances?.all.get(`taskserv.${other}/${server.name}`);
  for (const other of service.conflicts ?? []) {
    const found = beside(other);
    // Where both say so, one line is enough.
    const isSaid = name > other && serviceNamed(services, other)?.conflicts?.includes(name) === true;
    if (found === undefined || isSaid) continue;
    sink.error(instance.place, {
      id: 'WS-CONFLICT',
      also: [found.place],
      what: `${name} and ${other} cannot both be on ${server.declared}`,
      why: 'they do the same thing, or use the same port or files',
      fix: 'put one of them on another server, or delete it',
    });
  }
  return (service.needs ?? []).flatMap(other => {
    const found = beside(other);
    if (found !== undefined) return [found.address];
    sink.error(instance.place, {
      id: 'WS-NEEDS',
      what: `${name} on ${server.declared} needs ${other}`,
      why: `${name} is installed on top of it, on the same server`,
      fix: `add \`${other}: {}\` under the same \`taskservs\``,
    });
    return [];
  });
}
