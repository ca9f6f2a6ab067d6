import type { JsonObject } from '../../schemas/json.ts';

/** One object that shall exist, written twice: as the workspace file says it, and as the cloud must then hold it. */
export interface Thing {
  readonly kind: string;
  readonly name: string;
  /** Which of the site's clouds it is in. */
  readonly cloud?: number;
  /** Fields as they stand in the workspace file. */
  readonly says: JsonObject;
  /**
   * Fields of the object in the words of the cloud. `@server/web` stands for the id of that object,
   * `@server/web:private_ip` for one of its outputs.
   */
  readonly holds: JsonObject;
  /** Labels that a person asked for, with the same signs. */
  readonly labels?: { readonly [key: string]: string };
}

export function addressOf(thing: Thing): string {
  return `${thing.kind}/${thing.name}`;
}

/** A thing whose fields have the same names in both languages. */
export function same(kind: string, name: string, fields: JsonObject = {}): Thing {
  return { kind, name, says: fields, holds: fields };
}

export function server(
  name: string,
  options: { readonly size?: string; readonly image?: string; readonly cloud?: number } = {},
): Thing {
  const fields = { size: options.size ?? 'small', image: options.image ?? 'debian-12' };
  return { ...same('server', name, fields), ...(options.cloud === undefined ? {} : { cloud: options.cloud }) };
}

/** The thing with further fields. */
export function having(thing: Thing, says: JsonObject, holds: JsonObject): Thing {
  return { ...thing, says: { ...thing.says, ...says }, holds: { ...thing.holds, ...holds } };
}

export function labelled(thing: Thing, says: { readonly [key: string]: string }, holds = says): Thing {
  return { ...having(thing, { labels: says }, {}), labels: holds };
}
