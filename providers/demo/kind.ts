import type { Json, JsonObject } from '../../schemas/json.ts';
import { isObject } from '../../schemas/json.ts';
import type { KindName } from '../../schemas/name.ts';
import type { Spec } from '../../schemas/resource.ts';

/** How a kind is written in the API of the demo cloud. */
export interface DemoKind {
  /** Word in paths. */
  readonly collection: string;
  /** Fields that a resize action changes, not a PATCH. */
  readonly resized: readonly string[];
  /** API field that names what the object is attached to; it is let go before it is deleted. */
  readonly attachedBy?: string;
  /** Our outputs besides `id`, by the field or output of the API that holds them. */
  readonly outputs: { readonly [output: string]: string };
  /** These fields of a spec as a body; one that the spec does not have becomes null. */
  encode(kind: KindName, spec: Spec, fields: readonly string[]): JsonObject;
  /** The fields that the API returns, in our words. */
  decode(fields: JsonObject): Spec;
}

/** Names of one kind: ours on the left, the API's on the right. */
type Names = { readonly [ours: string]: string };

/** A kind whose fields differ from ours in nothing but their names. `nested` does the same for the items of a list. */
export function demoKind(options: {
  readonly collection: string;
  readonly fields: Names;
  readonly nested?: { readonly [field: string]: Names };
  readonly resized?: readonly string[];
  readonly attachedBy?: string;
  readonly outputs?: Names;
}): DemoKind {
  const nested = options.nested ?? {};
  const names = Object.entries(options.fields);
  return {
    collection: options.collection,
    resized: options.resized ?? [],
    outputs: options.outputs ?? {},
    ...(options.attachedBy === undefined ? {} : { attachedBy: options.attachedBy }),
    encode(_kind, spec, fields) {
      const wanted = names.filter(([ours]) => fields.includes(ours));
      return Object.fromEntries(wanted.map(([ours, theirs]) => [theirs, renamed(spec[ours] ?? null, nested[ours])]));
    },
    decode(fields) {
      const known = names.filter(([, theirs]) => fields[theirs] !== undefined && fields[theirs] !== null);
      return Object.fromEntries(
        known.map(([ours, theirs]) => [ours, renamed(fields[theirs] ?? null, inverse(nested[ours]))]),
      );
    },
  };
}

function renamed(value: Json, names: Names | undefined): Json {
  if (names === undefined || !Array.isArray(value)) return value;
  return value.map(item =>
    isObject(item) ? Object.fromEntries(Object.entries(item).map(([key, inner]) => [names[key] ?? key, inner])) : item,
  ) as Json;
}

function inverse(names: Names | undefined): Names | undefined {
  return names === undefined
    ? undefined
    : Object.fromEntries(Object.entries(names).map(([ours, theirs]) => [theirs, ours]));
}
