import { createRequire } from 'node:module';
import { type Fields, Refusal } from './model.ts';

/** A part of AWS's own description of an API, as the retired client library ships it. */
interface Shape {
  readonly shape?: string;
  readonly type?: string;
  readonly members?: { readonly [name: string]: Shape };
  readonly member?: Shape;
  readonly required?: readonly string[];
  readonly locationName?: string;
  readonly queryName?: string;
  readonly flattened?: boolean;
}

interface Api {
  readonly operations: { readonly [action: string]: { readonly input?: Shape; readonly output?: Shape } };
  readonly shapes: { readonly [name: string]: Shape };
}

const load = createRequire(import.meta.url);
export const EC2 = '2016-11-15';
export const ELB = '2015-12-01';
export const STS = '2011-06-15';
const APIS: { readonly [version: string]: Api } = {
  [EC2]: load('aws-sdk/apis/ec2-2016-11-15.min.json') as Api,
  [ELB]: load('aws-sdk/apis/elasticloadbalancingv2-2015-12-01.min.json') as Api,
};

export interface Call {
  readonly action: string;
  readonly version: string;
  readonly input: Fields;
}

/** A part of a form whose names are paths: `Filter.1.Value.2`. */
type Tree = { [name: string]: Tree | string };

/** The action and the input that a form asks for; a field that the action does not know is refused. */
export function decode(body: string): Call {
  const { Action: action = '', Version: version = '', ...fields } = Object.fromEntries(new URLSearchParams(body));
  if (version === STS && Object.keys(fields).length === 0) return { action, version, input: {} };
  const api = APIS[version];
  const operation = api?.operations[action];
  if (api === undefined || operation === undefined) throw new Refusal('InvalidAction');
  const tree: Tree = {};
  for (const [path, value] of Object.entries(fields)) plant(tree, path.split('.'), value);
  const input = readShape({ api, isEc2: version === EC2 }, operation.input ?? { type: 'structure' }, tree);
  return { action, version, input: input as Fields };
}

function plant(tree: Tree, path: readonly string[], value: string): void {
  let at = tree;
  for (const part of path.slice(0, -1)) {
    const inner = at[part];
    const next: Tree = typeof inner === 'object' ? inner : {};
    at[part] = next;
    at = next;
  }
  at[path.at(-1) ?? ''] = value;
}

interface Dialect {
  readonly api: Api;
  readonly isEc2: boolean;
}

const resolved = new WeakMap<Shape, Shape>();

/** A shape with what its reference says. */
function resolve(api: Api, shape: Shape): Shape {
  if (shape.shape === undefined) return shape;
  const known = resolved.get(shape);
  if (known !== undefined) return known;
  const full = { ...api.shapes[shape.shape], ...shape };
  resolved.set(shape, full);
  return full;
}

function isStructure(shape: Shape): boolean {
  return shape.members !== undefined || shape.type === 'structure';
}

/** The name of a field in a form. */
function wireName(dialect: Dialect, name: string, member: Shape): string {
  if (!dialect.isEc2) return name;
  const { queryName, locationName } = member;
  return (
    queryName ?? (locationName === undefined ? name : locationName.charAt(0).toUpperCase() + locationName.slice(1))
  );
}

function readShape(dialect: Dialect, given: Shape, tree: Tree | string): unknown {
  const shape = resolve(dialect.api, given);
  if (isStructure(shape)) return readStructure(dialect, shape, tree);
  if (shape.type === 'list') return readList(dialect, shape, tree);
  if (typeof tree !== 'string') throw new Refusal('MalformedQueryString');
  switch (shape.type) {
    case 'integer':
    case 'long':
      if (!/^-?\d+$/.test(tree)) throw new Refusal('InvalidParameterValue');
      return Number(tree);
    case 'boolean':
      if (tree !== 'true' && tree !== 'false') throw new Refusal('InvalidParameterValue');
      return tree === 'true';
    case 'blob':
      return Buffer.from(tree, 'base64').toString('utf8');
    default:
      return tree;
  }
}

function readStructure(dialect: Dialect, shape: Shape, tree: Tree | string): Fields {
  if (typeof tree === 'string') throw new Refusal('MalformedQueryString');
  const fields: { [name: string]: unknown } = {};
  const left = new Set(Object.keys(tree));
  for (const [name, reference] of Object.entries(shape.members ?? {})) {
    const wire = wireName(dialect, name, resolve(dialect.api, reference));
    const inner = tree[wire];
    if (inner === undefined) continue;
    left.delete(wire);
    fields[name] = readShape(dialect, reference, inner);
  }
  if (left.size > 0) throw new Refusal('UnknownParameter');
  if ((shape.required ?? []).some(name => fields[name] === undefined)) throw new Refusal('MissingParameter');
  return fields;
}

function readList(dialect: Dialect, shape: Shape, tree: Tree | string): unknown[] {
  const isFlat = dialect.isEc2 || shape.flattened === true;
  const items = isFlat || typeof tree === 'string' ? tree : (tree['member'] ?? {});
  if (typeof items === 'string' || shape.member === undefined) return [];
  const { member } = shape;
  return Object.entries(items)
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, item]) => readShape(dialect, member, item));
}

/** The answer of an action; a field that the action does not have is a mistake of the fake. */
export function encode({ version, action }: Call, output: Fields, requestId: string): string {
  const metadata = `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>`;
  if (version === STS) {
    const account = `<Account>${String(output['Account'])}</Account>`;
    return `<${action}Response><${action}Result>${account}</${action}Result>${metadata}</${action}Response>`;
  }
  const api = APIS[version];
  const shape = api?.operations[action]?.output;
  const inner = api === undefined || shape === undefined ? '' : written(api, shape, output);
  if (version === ELB) {
    const open = `<${action}Response xmlns="http://elasticloadbalancing.amazonaws.com/doc/${ELB}/">`;
    return `${open}<${action}Result>${inner}</${action}Result>${metadata}</${action}Response>`;
  }
  const open = `<?xml version="1.0" encoding="UTF-8"?>\n<${action}Response xmlns="http://ec2.amazonaws.com/doc/${EC2}/">`;
  const body = shape === undefined ? '<return>true</return>' : inner;
  return `${open}<requestId>${requestId}</requestId>${body}</${action}Response>`;
}

function written(api: Api, given: Shape, value: unknown): string {
  const shape = resolve(api, given);
  if (isStructure(shape)) return writtenFields(api, shape, value as Fields);
  if (shape.type === 'list') {
    const member = shape.member ?? {};
    const tag = resolve(api, member).locationName ?? 'member';
    return (value as readonly unknown[]).map(item => `<${tag}>${written(api, member, item)}</${tag}>`).join('');
  }
  if (shape.type === 'timestamp') return new Date(value as number | string).toISOString();
  return escaped(String(value));
}

function writtenFields(api: Api, shape: Shape, value: Fields): string {
  const stray = Object.keys(value).find(name => shape.members?.[name] === undefined);
  if (stray !== undefined) throw new TypeError(`the answer has no field ${stray}`);
  return Object.entries(shape.members ?? {})
    .filter(([name]) => value[name] !== undefined && value[name] !== null)
    .map(([name, member]) => {
      const tag = resolve(api, member).locationName ?? name;
      return `<${tag}>${written(api, member, value[name])}</${tag}>`;
    })
    .join('');
}

export function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\n', '&#10;');
}
