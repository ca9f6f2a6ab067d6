import { z, type ZodType } from 'zod';

/** One field of a service or template as people are told of it. */
export interface ListedParameter {
  /** `port`, `users[].name`, `listeners.<name>.port`. */
  readonly name: string;
  /** `string`, `number`, `boolean`, `secret`, `list of strings`, `by name`, `block`, or the values that it takes. */
  readonly type: string;
  readonly required: boolean;
  readonly description: string;
  /** As JSON; absent where there is none. */
  readonly default?: string | undefined;
}

interface Shape {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: { readonly [field: string]: Shape };
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly additionalProperties?: Shape | boolean;
  readonly secret?: boolean;
  readonly default?: unknown;
}

/** The fields of a shape with those below them, in the order in which they are written. */
export function listParameters(schema: ZodType): readonly ListedParameter[] {
  return below(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Shape, '');
}

function below(shape: Shape, above: string): readonly ListedParameter[] {
  const required = new Set(shape.required);
  return Object.entries(shape.properties ?? {}).flatMap(([field, one]) => {
    const name = `${above}${field}`;
    const standard = one.default === undefined ? {} : { default: JSON.stringify(one.default) };
    const { description = '' } = one;
    return [{ name, type: typeOf(one), required: required.has(field), description, ...standard }, ...inside(one, name)];
  });
}

function inside(one: Shape, name: string): readonly ListedParameter[] {
  const each = typeof one.additionalProperties === 'object' ? one.additionalProperties : undefined;
  if (each !== undefined) return below(each, `${name}.<name>.`);
  return one.items === undefined ? below(one, `${name}.`) : below(one.items, `${name}[].`);
}

function typeOf({ type, enum: words, secret, items, additionalProperties }: Shape): string {
  if (secret === true) return 'secret';
  if (words !== undefined) return words.map(String).join(' | ');
  if (type === 'array') return items?.type === 'object' ? 'list' : `list of ${items?.type ?? 'value'}s`;
  if (type === 'object') return typeof additionalProperties === 'object' ? 'by name' : 'block';
  return type === 'integer' ? 'number' : (type ?? 'value');
}
