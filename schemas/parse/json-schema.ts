import { z } from 'zod';
import type { ClusterTemplate, ClusterTemplates } from '../cluster.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { Kind } from '../kind.ts';
import { KINDS } from '../kinds/index.ts';
import { Name } from '../name.ts';
import { ReplaceOrder } from '../resource.ts';
import { ServiceFile } from '../service-file.ts';
import type { TaskService } from '../taskserv.ts';
import { WorkspaceFile } from '../workspace.ts';
import { serviceKind, type Services } from './services.ts';

type Schema = { [key: string]: unknown };

const DRAFT = 'https://json-schema.org/draft/2020-12/schema';

/** What files may name besides kinds. */
export interface Named {
  readonly services: Services;
  readonly templates: ClusterTemplates;
}

const NOTHING: Named = { services: {}, templates: {} };

/** The JSON Schemas of workspace files by the sort of file, for editors. Those of services and templates are told once, and referred to. */
export function jsonSchemas(named: Named = NOTHING): { readonly [file: string]: JsonObject } {
  return {
    workspace: titled(schemaOf(WorkspaceFile), 'workspace.yaml of a workspace'),
    infra: titled(infra(named), 'A file under infra/ of a workspace'),
    clusters: titled(clusters(named), 'A file under clusters/ of a workspace'),
    taskservs: titled(
      { type: 'object', properties: each(named.services, serviceFields) },
      'What stands under `taskservs` of a server',
    ),
    defaults: titled(defaults(named), 'config/defaults or config/<environment>-defaults of a workspace'),
    service: titled(schemaOf(ServiceFile), 'taskservs/<name>/service.yaml of a workspace'),
  };
}

/** The JSON Schema of what stands under the name of a task service. */
export function serviceSchema(service: TaskService): JsonObject {
  return titled(serviceFields(service), `Parameters of the task service ${service.name}`);
}

/** The JSON Schema of what stands under the name of a cluster. */
export function clusterSchema(template: ClusterTemplate): JsonObject {
  return titled(clusterFields(template), `Fields of a cluster ${template.name}`);
}

function titled(schema: Schema, title: string): JsonObject {
  const { $schema: _dialect, ...rest } = schema;
  const $defs = JSON.stringify(rest).includes(EXPRESSION.$ref) ? { $defs: { expression: ANY_EXPRESSION } } : {};
  return { $schema: DRAFT, title, ...rest, ...$defs } as JsonObject;
}

function schemaOf(schema: z.ZodType): Schema {
  const { $schema: _dialect, $defs: _any, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return anyJson(rest) as Schema;
}

/** Where any JSON may stand, zod refers to a description of all JSON. Saying nothing says the same. */
function anyJson(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(anyJson);
  if (!isObject(schema)) return schema;
  if (String(schema['$ref']).startsWith('#/$defs/__')) return {};
  return Object.fromEntries(Object.entries(schema).map(([key, one]) => [key, anyJson(one)]));
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

function infra(named: Named): Schema {
  return {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...eachKind(kind => ({
        description: kind.summary,
        type: 'object',
        propertyNames: schemaOf(Name),
        additionalProperties: open(resource(kind, { meta: Meta, named })),
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

function defaults({ services, templates }: Named): Schema {
  const meta = Meta.pick({ provider: true, protect: true, replace: true });
  const anything = { type: 'object', additionalProperties: true };
  return {
    type: 'object',
    additionalProperties: false,
    properties: {
      ...eachKind(kind => ({
        description: `Fields that every ${kind.name} has unless its own file says otherwise.`,
        ...open(resource(kind, { meta })),
      })),
      defaultProvider: { type: 'string', description: 'Provider of resources that name none, in this environment.' },
      vars: { ...anything, description: 'Values that files refer to as `${var.<name>}`.' },
      taskservs: {
        ...anything,
        properties: each(services, ({ name }) => serviceRef(name)),
        additionalProperties: anything,
        description: 'Parameters that every task service of a name has.',
      },
      clusters: {
        ...anything,
        properties: each(templates, ({ name }) => clusterRef(name)),
        additionalProperties: anything,
        description: 'Fields that every cluster of a template has.',
      },
    },
  };
}

function clusters({ templates }: Named): Schema {
  const properties = each(templates, template => ({
    description: template.summary,
    type: 'object',
    propertyNames: schemaOf(Name),
    additionalProperties: { anyOf: [{ type: 'null' }, clusterFields(template)] },
  }));
  return { type: 'object', additionalProperties: false, properties };
}

/** None is required here, as with resources: a file of defaults may give it. */
function serviceFields(service: TaskService): Schema {
  const { spec, summary } = serviceKind(service.name, service);
  return open({ description: summary, ...fieldsWith(spec, Meta.pick({ needs: true, protect: true })) });
}

function clusterFields(template: ClusterTemplate): Schema {
  const meta = Meta.pick({ provider: true, protect: true });
  return open({ description: template.summary, ...fieldsWith(template.spec(), meta) });
}

const serviceRef = (name: string): Schema => ({ $ref: `taskservs.schema.json#/properties/${name}` });
const clusterRef = (name: string): Schema => ({
  $ref: `clusters.schema.json#/properties/${name}/additionalProperties/anyOf/1`,
});

function fieldsWith(spec: z.ZodType, meta: z.ZodObject): Schema {
  const { properties, required: _required, ...rest } = schemaOf(spec);
  return { ...rest, properties: { ...(properties as Schema), ...(schemaOf(meta)['properties'] as Schema) } };
}

function each<T>(named: { readonly [name: string]: T }, describe: (one: T) => Schema): Schema {
  return Object.fromEntries(Object.entries(named).map(([name, one]) => [name, describe(one)]));
}

function eachKind(describe: (kind: Kind) => Schema): Schema {
  return Object.fromEntries(Object.values(KINDS).map(kind => [kind.name, describe(kind)]));
}

/** The fields of a kind with those of every resource. None is required here: a file of defaults may give it. */
function resource(kind: Kind, { meta, named }: { readonly meta: z.ZodObject; readonly named?: Named }): Schema {
  const { properties, ...rest } = fieldsWith(kind.spec, meta);
  const more = kind.name === 'server' && named !== undefined ? { taskservs: taskservs(named) } : {};
  return { ...rest, properties: { ...(properties as Schema), ...more } };
}

/** Those of the workspace itself have shapes that no published schema knows. */
function taskservs({ services }: Named): Schema {
  return {
    type: 'object',
    properties: each(services, ({ name }) => ({ anyOf: [{ type: 'null' }, serviceRef(name)] })),
    additionalProperties: { type: ['object', 'null'] },
    description: 'Task services on this server, with their parameters.',
  };
}

const EXPRESSION = { $ref: '#/$defs/expression' };
const ANY_EXPRESSION = {
  type: 'string',
  pattern: '\\$\\{[^}]+\\}',
  description: 'Such as `${server.db-1.privateIp}`.',
};

/** The same schema with an expression such as `${server.db-1.privateIp}` allowed wherever a value stands. */
function open(schema: Schema): Schema {
  const { properties, items, additionalProperties, anyOf, ...rest } = schema;
  return {
    ...rest,
    ...(isObject(properties)
      ? {
          properties: Object.fromEntries(
            Object.entries(properties).map(([key, value]) => [key, openValue(value as Schema)]),
          ),
        }
      : {}),
    ...(Array.isArray(anyOf) ? { anyOf: anyOf.map(branch => open(branch as Schema)) } : {}),
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
