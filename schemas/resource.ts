import { z } from 'zod';
import { Address, KindName, Name } from './name.ts';
import { isObject, type Json } from './json.ts';
import { isSecretUse, type SecretUse } from './secret.ts';

/** A value that is only known when another resource exists: `{ $ref: "server/db-1.privateIp" }`. */
export interface Ref {
  readonly $ref: string;
}

/** What a text is put together from: as it stands, a value that is known later, or one that only the call itself sees. */
export type Part = string | Ref | SecretUse;

/** Text with values inside: `http://${server.db-1.privateIp}:80` is `{ $join: ["http://", { $ref }, ":80"] }`. */
export interface Join {
  readonly $join: readonly Part[];
}

/** True for `{ $ref }`. */
export function isRef(value: unknown): value is Ref {
  return isObject(value) && typeof value['$ref'] === 'string';
}

/** True for `{ $join }`. */
export function isJoin(value: unknown): value is Join {
  return isObject(value) && Array.isArray(value['$join']);
}

/** Every use of a secret inside a spec, with the path of the field that holds it. */
export function eachSecret(
  value: Json,
  visit: (use: SecretUse, path: readonly string[]) => void,
  path: readonly string[] = [],
): void {
  if (isSecretUse(value)) visit(value, path);
  else if (Array.isArray(value))
    value.forEach((item, index) => eachSecret(item as Json, visit, [...path, String(index)]));
  // The parts of a text stand in its field.
  else if (isJoin(value)) for (const part of value.$join) eachSecret(part as Json, visit, path);
  else if (isObject(value)) for (const key of Object.keys(value)) eachSecret(value[key] as Json, visit, [...path, key]);
}

/** `server/db-1.privateIp` split into the address and the output. */
export function splitRef(ref: string): { address: Address; output: string } {
  const dot = ref.lastIndexOf('.');
  return { address: ref.slice(0, dot), output: ref.slice(dot + 1) };
}

/** Calls `visit` for every reference inside a spec, with the path of the field that holds it. */
export function eachRef(
  value: Json,
  visit: (ref: string, path: readonly string[]) => void,
  path: readonly string[] = [],
): void {
  if (isRef(value)) {
    visit(value.$ref, path);
  } else if (isJoin(value)) {
    for (const part of value.$join) if (isRef(part)) visit(part.$ref, path);
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => eachRef(item as Json, visit, [...path, String(index)]));
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) eachRef(value[key] as Json, visit, [...path, key]);
  }
}

/** The fields of a resource, by the schema of its kind; values may be `Ref` or `Join`. */
export const Spec = z.record(z.string(), z.json());
/** The fields of a resource or an object, by name; values may be `Ref` or `Join`. */
export type Spec = { readonly [field: string]: Json };

/** How a replacement is ordered. `auto` creates first where the kind allows it. */
export const ReplaceOrder = z.enum(['auto', 'create-first', 'delete-first']);
export type ReplaceOrder = z.infer<typeof ReplaceOrder>;

/** One thing that shall exist. Repetition and environments are already expanded; references are not yet resolved. */
export const Resource = z.strictObject({
  address: Address,
  kind: KindName,
  name: Name,
  /** The provider's name in the workspace file; task services use the provider of their server. */
  provider: Name,
  spec: Spec,
  /** Addresses that must exist first: those named under `needs`, the server of a task service, and every reference in the spec. Sorted. */
  needs: z.array(Address),
  /** The server a task service sits on. */
  on: Address.optional(),
  /** Deleting or replacing it is refused. */
  protect: z.boolean(),
  replace: ReplaceOrder,
  /** The provider's id of an object that already exists and is to be taken over instead of created. */
  adopt: z.string().optional(),
});
export type Resource = z.infer<typeof Resource> & { readonly spec: Spec };
