import { z } from 'zod';
import type { Flag } from './entry.ts';
import type { Operation } from './operation.ts';

/** `autoApprove` as it is written on the command line: `auto-approve`. */
export function fieldToFlag(field: string): string {
  return field.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}

/** The fields of an operation's input as plain data: positionals first, then in the order in which they are written. */
export function flagsOf(operation: Operation): readonly Flag[] {
  const schema = z.toJSONSchema(operation.input, { io: 'input', unrepresentable: 'throw' }) as JsonSchema;
  const required = new Set(schema.required);
  const flags = Object.entries(schema.properties ?? {}).map(([field, property]) =>
    flagOf(operation.name, field, property, required.has(field)),
  );
  return flags.sort((a, b) => Number(b.positional ?? false) - Number(a.positional ?? false));
}

interface JsonSchema {
  readonly properties?: { readonly [field: string]: Property };
  readonly required?: readonly string[];
}

interface Property {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly items?: Property;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly description?: string;
  readonly positional?: boolean;
  readonly short?: string;
}

function flagOf(operation: string, field: string, property: Property, required: boolean): Flag {
  const type = typeOf(property);
  if (type === undefined) throw new Error(`${operation}: the input ${field} has a shape that a flag cannot have`);
  if (property.description === undefined) throw new Error(`${operation}: the input ${field} has no description`);
  const value = property.default;
  const shown = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return {
    name: fieldToFlag(field),
    field,
    type,
    description: property.description,
    ...(property.short === undefined ? {} : { short: property.short }),
    ...(property.enum === undefined ? {} : { choices: property.enum }),
    ...(type === 'int' && property.minimum !== undefined ? { min: property.minimum } : {}),
    ...(type === 'int' && property.maximum !== undefined ? { max: property.maximum } : {}),
    ...(shown ? { default: value } : {}),
    ...(property.positional === true ? { positional: true as const } : {}),
    ...(required ? { required: true as const } : {}),
  };
}

function typeOf(property: Property): Flag['type'] | undefined {
  if (property.enum !== undefined) return 'choice';
  if (property.type === 'array') return property.items?.type === 'string' ? 'list' : undefined;
  if (property.type === 'integer') return 'int';
  return property.type === 'string' || property.type === 'boolean' ? property.type : undefined;
}
