import type { z } from 'zod';
import { isObject, type Json } from '../json.ts';
import { showText } from '../problem.ts';
import { isJoin, isRef } from '../resource.ts';
import { isSecretUse } from '../secret.ts';
import { fieldOf, keysOf, spend } from './evaluate.ts';
import { hasExpression } from './expression.ts';
import { type Instance, type Instances, locateIn } from './instance.ts';
import { isSecretAt, reportIssues } from './issues.ts';
import { missing, repeatedAs } from './references.ts';
import { entryOf } from './node.ts';
import { BROKEN, inner, type Surroundings } from './scope.ts';
import { eachLiteral, eachMisplaced } from './secret-use.ts';
import type { Finding } from './sink.ts';
import { follow, keyPlace, writtenAt } from './source.ts';
import { serviceNamed } from './services.ts';
import { META_FIELDS, TASKSERV_FIELDS } from './words.ts';

type Fields = { [field: string]: Json };
type Path = readonly PropertyKey[];

const SERVER_FIELDS: readonly string[] = [...META_FIELDS, 'taskservs'];

/** Evaluates and checks the fields of one instance. What it returns is only of use when no problem was stated. */
export function specOf(instance: Instance, surroundings: Surroundings): Fields {
  const meta = instance.on === undefined ? META_FIELDS : TASKSERV_FIELDS;
  const spec: Fields = {};
  for (const field of keysOf(instance.sources)) {
    if (meta.includes(field) || (field === 'taskservs' && instance.kind.name === 'server')) continue;
    const value = fieldOf(instance, field, { surroundings, level: 0 });
    const rule = instance.kind.fields[field]?.ref;
    spec[field] =
      rule === undefined ? (value ?? null) : linked(value ?? null, { instance, field, kind: rule, surroundings });
  }
  checkShape(instance, spec, surroundings, instance.kind.name === 'server' ? SERVER_FIELDS : meta);
  const state = (path: readonly string[], finding: Finding): void =>
    surroundings.sink.error(locateIn(instance, path), finding);
  eachMisplaced(spec, path => instance.on !== undefined && isSecret(instance, path, surroundings), state);
  if (instance.on !== undefined) eachLiteral(spec, path => isSecretAt(instance.kind.spec, path), state);
  if (instance.on !== undefined) placeOn(instance.on, { instance, spec, surroundings });
  return spec;
}

/** A task service is told its server by reference, so that a new server means a new installation. */
function placeOn(
  server: Instance,
  to: { readonly instance: Instance; readonly spec: Fields; readonly surroundings: Surroundings },
): void {
  if ('server' in to.spec) {
    to.surroundings.sink.error(locateIn(to.instance, ['server']), {
      id: 'WS-RESERVED',
      what: '`server` cannot be set on a task service',
      why: 'it is the server that the service is written under',
      fix: 'remove the line',
    });
  }
  to.spec['server'] = { $ref: `${server.address}.id` } as unknown as Json;
}

interface Linking {
  readonly instance: Instance;
  readonly field: string;
  /** The kind that the field refers to. */
  readonly kind: string;
  readonly surroundings: Surroundings;
}

/** Turns bare names into references, in a field that names other resources; in a list the name of a repeated resource stands for all of it. */
function linked(value: Json, linking: Linking): Json {
  if (Array.isArray(value))
    return (value as readonly Json[]).flatMap((item, index) => linkedItem(item, { ...linking, index }));
  const [one, ...more] = linkedItem(value, linking);
  return more.length === 0 && one !== undefined ? one : BROKEN;
}

function linkedItem(
  value: Json,
  { instance, field, kind, surroundings, index }: Linking & { readonly index?: number },
): Json[] {
  const { sink } = surroundings;
  const instances = surroundings.instances as Instances;
  const place = (): ReturnType<typeof locateIn> => locateIn(instance, index === undefined ? [field] : [field, index]);
  if (value === BROKEN) return [BROKEN];
  if (isRef(value)) {
    const own = value.$ref.slice(value.$ref.indexOf(':') + 1);
    if (own.startsWith(`${kind}/`) && own.endsWith('.id')) return [value as unknown as Json];
    sink.error(place(), {
      id: 'WS-REF',
      what: `${field} names a ${kind}, not \`${showText(value.$ref)}\``,
      fix: `write the name of a ${kind}`,
    });
    return [BROKEN];
  }
  if (typeof value !== 'string') return [value];
  const one = instances.all.get(`${kind}/${value}`);
  if (one?.address === instance.address) {
    sink.error(place(), {
      id: 'WS-SELF',
      what: `${kind} ${instance.name} depends on itself`,
      fix: 'take the reference out',
    });
    return [BROKEN];
  }
  if (one !== undefined) return [{ $ref: `${one.address}.id` }];
  const group = instances.groups.get(`${kind}/${value}`);
  if (group !== undefined && index !== undefined) {
    spend({ surroundings }, group.length * value.length);
    return group.map(each => ({ $ref: `${each.address}.id` }));
  }
  if (group !== undefined)
    sink.error(place(), {
      id: 'WS-REF',
      what: `${kind} \`${value}\` is repeated`,
      why: repeatedAs(group),
      fix: 'name one of them',
    });
  else if (!instances.isPartial) sink.error(place(), missing(kind, value, instances));
  return [BROKEN];
}

/** True for a value that is only known after apply or to the call itself; nothing can be checked about it here. */
function isOpen(value: unknown): boolean {
  return isRef(value) || isJoin(value) || isSecretUse(value);
}

/** States where the fields of an instance are not as its kind wants them. A value that is only known after apply fits everywhere. */
export function checkShape(
  instance: Instance,
  spec: Fields,
  surroundings: Surroundings,
  extra: readonly string[],
): void {
  const { kind } = instance;
  const parsed = kind.spec.safeParse(stand(spec));
  if (parsed.success) return;
  const issues = parsed.error.issues.filter(issue => !isText(instance, spec, issue) && !isOfLayer(instance, issue));
  if (issues.length === 0) return;
  reportIssues(
    surroundings.sink,
    {
      label: instance.declared,
      schema: kind.spec,
      value: spec,
      locate: path => locateIn(instance, path),
      locateKey: (path, key) => keyOf(instance, path, key),
      written: path => writtenIn(instance, path),
      isSecret: path => isSecret(instance, path, surroundings),
      extra,
    },
    issues,
    path => isUnder(spec, path),
  );
}

/** A service that is not known may have anything as a parameter; of these only the version is ours. */
function isSecret({ on, kind }: Instance, path: Path, { services }: Surroundings): boolean {
  if (on === undefined) return kind.fields[String(path[0])]?.writeOnly === true || isSecretAt(kind.spec, path);
  const service = serviceNamed(services, kind.name.slice('taskserv.'.length));
  return service === undefined ? path[0] !== 'version' : isSecretAt(kind.spec, path);
}

/** The spec with a plain text wherever a value is only known after apply, so that the common case passes the schema at once. */
function stand(spec: Fields): Fields {
  let copy: Fields | undefined;
  for (const field of Object.keys(spec)) {
    const value = spec[field] as Json;
    const stood = stoodIn(value);
    if (stood === value) continue;
    copy ??= { ...spec };
    copy[field] = stood;
  }
  return copy ?? spec;
}

/** The value itself when nothing in it is open. */
function stoodIn(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (isOpen(value)) return 'x';
  if (!Array.isArray(value)) return stand(value as Fields);
  const items = (value as readonly Json[]).map(stoodIn);
  return items.some((item, index) => item !== value[index]) ? items : value;
}

/** A number that an expression put where text is wanted becomes text, as it would inside a longer text. */
function isText(instance: Instance, spec: Fields, issue: z.core.$ZodIssue): boolean {
  if (issue.code !== 'invalid_type' || issue.expected !== 'string') return false;
  const value = inner(spec, issue.path.map(String));
  if ((typeof value !== 'number' && typeof value !== 'boolean') || !isExpression(instance, issue.path)) return false;
  Object.assign(spec, replaced(spec, issue.path, String(value)));
  return true;
}

/** A field that only the layers have and that is not known: it was reported there, once. */
function isOfLayer({ sources }: Instance, issue: z.core.$ZodIssue): boolean {
  if (issue.code !== 'unrecognized_keys' || issue.path.length > 0) return false;
  return issue.keys.every(key => entryOf(sources[0]?.node, key) === undefined);
}

/** Whether an expression gave the value: it stands at the path itself, or above it when it gave a whole map. */
function isExpression(instance: Instance, path: Path): boolean {
  for (const source of instance.sources) {
    const { node, steps } = follow(source, path);
    const isText = node.kind === 'scalar' && typeof node.value === 'string';
    if (steps > 0 && isText) return hasExpression(node.value as string);
  }
  return false;
}

/** A copy with another value at the path; values may be shared with other resources, so nothing is changed in place. */
function replaced(value: Json, path: Path, by: Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return by;
  if (Array.isArray(value))
    return (value as readonly Json[]).map((item, index) => (index === step ? replaced(item, rest, by) : item));
  const map = value as Fields;
  return { ...map, [String(step)]: replaced(map[String(step)] ?? null, rest, by) };
}

function isUnder(spec: Fields, path: Path): boolean {
  let current: unknown = spec;
  for (const step of path) {
    if (isOpen(current)) return true;
    if (!isObject(current) && !Array.isArray(current)) return false;
    current = (current as { [key: PropertyKey]: unknown })[step];
  }
  return isOpen(current);
}

function keyOf(instance: Instance, path: Path, key: string): ReturnType<typeof keyPlace> {
  for (const source of instance.sources) {
    const found = keyPlace(source, path, key);
    const enclosing = keyPlace(source, path, '');
    if (found.at !== enclosing.at) return found;
  }
  return locateIn(instance, path);
}

function writtenIn(instance: Instance, path: Path): string | undefined {
  const place = locateIn(instance, path);
  const raw = writtenAt(place);
  // Only a number as written tells more than its value.
  return raw !== undefined && /^[-+.\d]/.test(raw) && Number.isFinite(Number(raw)) ? raw : undefined;
}
