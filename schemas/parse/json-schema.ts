import { z } from 'zod';
import { isObject, type JsonObject } from '../json.ts';
import type { Kind } from '../kind.ts';
import { KINDS } from '../kinds/index.ts';
import { Name } from '../name.ts';
import { ReplaceOrder } from '../resource.ts';
import { WorkspaceFile } from '../workspace.ts';

type Schema = { [key: string]: unknown };

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

/** The JSON Schemas of workspace files by the sort of file, for editors: `workspace`, `infra`, `defaults`. */
export function jsonSchemas(): { readonly [file: string]: JsonObject } {
  return {
    workspace: titled(schemaOf(WorkspaceFile), 'workspace.yaml of a workspace'),
    infra: titled(infra(), 'A file under infra/ of a workspace'),
    defaults: titled(defaults(), 'config/defaults or config/<environment>-defaults of a workspace'),
  };
}

function titled(schema: Schema, title: string): JsonObject {
  const { $schema: _dialect, ...rest } = schema;
  return { $schema: DRAFT, title, ...rest } as JsonObject;
}

function schemaOf(schema: z.ZodType): Schema {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
}

/** An address as people may write it: `server/web` or `server.web`. */
const Written = z.string().regex(/^[a-z][a-z0-9.-]*[./][a-z][a-z0-9-]*$/);

const Meta = z.strictObject({
  provider: Name.optional().describe('Provider of the workspace file that creates it.'),
  count: z
    .int()
    .min(0)
    .optional()
    .describe('How many of it; each is named with `-1`, `-2`, ... and knows `${count.index}`.'),
  forEach: z
    .union([z.array(z.string()), z.record(z.string(), z.unknown())])
    .optional()
    .describe('One of it for each key; each knows `${each.key}` and `${each.value}`.'),
  needs: z.array(Written).optional().describe('Addresses that must exist first, besides those that are referred to.'),
  protect: z.boolean().optional().describe('Deleting or replacing it is refused.'),
  replace: ReplaceOrder.optional().describe('How a replacement is ordered.'),
  adopt: z.string().optional().describe('Id of an object that exists already and is taken over instead of created.'),
});

function infra(): Schema {
  return {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...eachKind(kind => ({
        description: kind.summary,
        type: 'object',
        propertyNames: schemaOf(Name),
        additionalProperties: open(resource(kind, Meta)),
      })),
      moved: {
        type: 'object',
        propertyNames: schemaOf(Written),
        additionalProperties: schemaOf(Written),
        description: 'Former and present addresses of resources; the real objects stay.',
      },
      forget: {
        type: 'array',
        items: schemaOf(Written),
        description: 'Addresses to drop from the record without touching the real objects.',
      },
    },
  };
}

function defaults(): Schema {
  const meta = Meta.pick({ provider: true, protect: true, replace: true });
  const anything = { type: 'object', additionalProperties: true };
  return {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...eachKind(kind => ({
        description: `Fields that every ${kind.name} has unless its own file says otherwise.`,
        ...open(resource(kind, meta)),
      })),
      defaultProvider: { type: 'string', description: 'Provider of resources that name none, in this environment.' },
      vars: { ...anything, description: 'Values that files refer to as `${var.<name>}`.' },
      taskservs: {
        ...anything,
        additionalProperties: anything,
        description: 'Parameters that every task service of a name has.',
      },
      clusters: {
        ...anything,
        additionalProperties: anything,
        description: 'Fields that every cluster of a template has.',
      },
    },
  };
}

function eachKind(describe: (kind: Kind) => Schema): Schema {
  return Object.fromEntries(Object.values(KINDS).map(kind => [kind.name, describe(kind)]));
}

/** The fields of a kind with those of every resource. None is required here: a file of defaults may give it. */
function resource(kind: Kind, meta: z.ZodObject): Schema {
  const { properties, required: _required, ...rest } = schemaOf(kind.spec);
  const taskservs = {
    type: 'object',
    additionalProperties: { type: ['object', 'null'] },
    description: 'Task services on this server, with their parameters.',
  };
  const more = kind.name === 'server' && meta === Meta ? { taskservs } : {};
  return { ...rest, properties: { ...(properties as Schema), ...more, ...(schemaOf(meta)['properties'] as Schema) } };
}

const EXPRESSION = { type: 'string', pattern: '\\$\\{[^}]+\\}' };

/** The same schema with an expression such as `${server.db-1.privateIp}` allowed wherever a value stands. */
function open(schema: Schema): Schema {
  const { properties, items, additionalProperties, ...rest } = schema;
  return {
    ...rest,
    ...(isObject(properties)
      ? {
          properties: Object.fromEntries(
            Object.entries(properties).map(([key, value]) => [key, openValue(value as Schema)]),
          ),
        }
      : {}),
    ...(isObject(items) ? { items: openValue(items) } : {}),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties: isObject(additionalProperties) ? openValue(additionalProperties) : additionalProperties,
        }),
  };
}

function openValue(schema: Schema): Schema {
  const inside = open(schema);
  const freeText =
    schema['type'] === 'string' &&
    schema['pattern'] === undefined &&
    schema['enum'] === undefined &&
    schema['format'] === undefined;
  if (freeText) return inside;
  const { description, default: standard, ...rest } = inside;
  return {
    anyOf: [rest, EXPRESSION],
    ...(description === undefined ? {} : { description }),
    ...(standard === undefined ? {} : { default: standard }),
  };
}
