import { z } from 'zod';
import type { Json } from '../../schemas/json.ts';
import type { Name } from '../../schemas/name.ts';
import { PLACEHOLDER } from '../../schemas/service-checks.ts';
import type { ServiceFile } from '../../schemas/service-file.ts';
import { parameterShape } from '../../schemas/service-parameter.ts';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import type { Workspace } from '../../schemas/workspace.ts';
import { service } from './service.ts';

type Values = ReadonlyMap<string, Json>;

/** The task service that a file of a workspace describes. Nothing in the file is run here: it is data, and this reads it. */
export function declaredService(name: Name, file: ServiceFile): TaskService {
  const [first, ...others] = file.categories;
  if (first === undefined) throw new RangeError(`${name} is in no category`);
  return service({
    name,
    categories: [first, ...others],
    summary: file.summary,
    source: sourceOf(file),
    version: file.version ?? null,
    fields: () => shapeOf(file),
    needs: file.needs,
    conflicts: file.conflicts,
    holdsData: file.holdsData,
    ...(file.isRisky === undefined ? {} : { isRisky: file.isRisky }),
    ...(file.saysGoodbye === undefined ? {} : { saysGoodbye: file.saysGoodbye }),
    data: file.data,
    ports: fields =>
      file.ports.map(port => ({ ...port, port: Number(filled(port.port, valuesOf(file, fields, undefined))) })),
    endpoint: (fields, place) =>
      file.endpoint === undefined ? null : String(filled(file.endpoint, valuesOf(file, fields, place))),
    want: (fields, place, version) => itemsOf(file, valuesOf(file, fields, place, version)),
  });
}

/** All of a workspace, by name. */
export function declaredServices(files: Workspace['services'] = {}): { readonly [name: string]: TaskService } {
  return Object.fromEntries(Object.entries(files).map(([name, file]) => [name, declaredService(name, file)]));
}

function sourceOf({ items }: ServiceFile): TaskService['source'] {
  if (items.some(({ is }) => is === 'repository')) return 'repository';
  return items.some(({ is }) => is === 'release') ? 'release' : 'debian';
}

function shapeOf({ parameters }: ServiceFile) {
  return z.strictObject(
    Object.fromEntries(Object.entries(parameters).map(([name, one]) => [name, parameterShape(one)])),
  );
}

function valuesOf(
  file: ServiceFile,
  fields: { readonly [field: string]: unknown },
  place: HostPlace | undefined,
  version?: string,
): Values {
  return new Map<string, Json>([
    ...(Object.entries(fields) as [string, Json][]),
    ['version', version ?? file.version ?? ''],
    ['host.address', place?.address ?? ''],
    ['host.name', place?.server ?? ''],
  ]);
}

function itemsOf({ items }: ServiceFile, values: Values): readonly HostItem[] {
  return items
    .filter(({ when }) => when === undefined || values.get(when) === true)
    .map(({ when: _when, ...item }) => made(filled(item as Json, values)));
}

/** Rights are written as people write them, and the engine counts with them. */
function made(item: Json): HostItem {
  const walk = (value: Json): Json => {
    if (Array.isArray(value)) return (value as readonly Json[]).map(walk);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [
        key,
        key === 'mode' && typeof one === 'string' ? Number.parseInt(one, 8) : walk(one as Json),
      ]),
    );
  };
  const { version, ...rest } = walk(item) as { readonly [field: string]: Json };
  const defaults = rest['is'] === 'directory' ? { mode: 0o755 } : {};
  // No version was asked for, and there is none of its own: whatever the distribution has is right.
  return {
    ...defaults,
    ...rest,
    ...(version === undefined || version === '' ? {} : { version }),
  } as unknown as HostItem;
}

/** Puts values in. A word that is a list and nothing else becomes its words; everything else stays one text, whatever it holds. */
function filled(value: Json, values: Values): Json {
  if (typeof value === 'string') return textWith(value, values);
  if (Array.isArray(value)) return (value as readonly Json[]).flatMap(one => wordsWith(one, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filled(one as Json, values)]));
}

function wordsWith(word: Json, values: Values): readonly Json[] {
  const whole = typeof word === 'string' ? /^\$\{([^{}]*)\}$/.exec(word)?.[1] : undefined;
  const list = whole === undefined ? undefined : values.get(whole);
  return Array.isArray(list) ? (list as readonly Json[]) : [filled(word, values)];
}

function textWith(text: string, values: Values): string {
  return text.replaceAll(PLACEHOLDER, (found: string, name: string | undefined) => {
    if (name === undefined) return found === '$$' ? '$' : found;
    const value = values.get(name);
    return Array.isArray(value) ? value.join(' ') : String(value ?? '');
  });
}
