import { z } from 'zod';
import { nearest } from '../nearest.ts';
import { showText } from '../problem.ts';
import { shapeOfValue } from './node.ts';
import { looksSecret } from './secrets.ts';
import type { Finding, Place, Sink } from './sink.ts';

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

/** What a validated value is, and where its parts stand. */
export interface Subject {
  /** How people call it: `server/web-1`, `the workspace file`. */
  readonly label: string;
  readonly schema: z.ZodType;
  readonly value: unknown;
  /** Place of the value at a path; the nearest enclosing one when it has none of its own. */
  locate(path: Path): Place | undefined;
  /** Place of a key of the map at a path. */
  locateKey(path: Path, key: string): Place | undefined;
  /** Text as it stands in the file at a path, where that may be shown. */
  written(path: Path): string | undefined;
  /** True where nothing of the value may be shown, because it may hold a secret. */
  isSecret(path: Path): boolean;
  /** Field names that are allowed at the top beside those of the schema. */
  readonly extra?: readonly string[];
}

/** States what zod found in our own words, each at its place. `skip` leaves issues out whose value is not known yet. */
export function reportIssues(
  sink: Sink,
  subject: Subject,
  issues: readonly Issue[],
  skip: (path: Path) => boolean,
): void {
  // What has the wrong type has no length either.
  const ofWrongType = new Set(issues.filter(({ code }) => code === 'invalid_type').map(({ path }) => showPath(path)));
  for (const issue of issues) {
    const isLength = issue.code === 'too_small' || issue.code === 'too_big';
    if (isLength && ofWrongType.has(showPath(issue.path))) continue;
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys)
        sink.error(subject.locateKey(issue.path, key), unknownKey(subject, issue.path, key));
    } else if (!skip(issue.path)) {
      const inner = innermost(issue);
      if (!skip(inner.path)) sink.error(placeOf(subject, inner), findingOf(subject, inner));
    }
  }
}

/** `['rules', 3, 'port']` as `rules[3].port`. */
export function showPath(path: Path): string {
  let text = '';
  for (const step of path)
    text += typeof step === 'number' ? `[${step}]` : `${text === '' ? '' : '.'}${showText(String(step))}`;
  return text;
}

/** Of the branches of a union, the one that got furthest; a record's key and element errors are unwrapped. */
function innermost(issue: Issue): Issue {
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.map(errors => errors[0]).filter(error => error !== undefined);
    const deep = branches.find(error => error.path.length > 0) ?? branches.find(error => error.code !== 'invalid_type');
    if (deep === undefined) return issue;
    return innermost({ ...deep, path: [...issue.path, ...deep.path] } as Issue);
  }
  return issue;
}

function placeOf(subject: Subject, issue: Issue): Place | undefined {
  if (issue.code === 'invalid_key') return subject.locateKey(issue.path.slice(0, -1), String(issue.path.at(-1)));
  return subject.locate(issue.path);
}

function unknownKey(subject: Subject, path: Path, key: string): Finding {
  const known = [...fieldsOf(subject.schema, path, subject.value), ...(path.length === 0 ? (subject.extra ?? []) : [])];
  const guess = nearest(key, known);
  return {
    id: 'WS-UNKNOWN',
    what: `${named(subject, path)} has no field "${showText(key)}"`,
    why: known.length === 0 ? undefined : `known: ${known.toSorted().join(', ')}`,
    fix: guess === undefined ? 'delete it' : `did you mean \`${guess}\`?`,
  };
}

function findingOf(subject: Subject, issue: Issue): Finding {
  const value = valueAt(subject.value, issue.path);
  const name = named(subject, issue.path);
  if (value === undefined && issue.code !== 'custom') return lacking(subject, issue);
  if (issue.code === 'invalid_key') {
    return {
      id: 'WS-NAME',
      what: `${named(subject, issue.path.slice(0, -1))} has a key "${showText(String(issue.path.at(-1)))}" that is not allowed`,
      why: issue.issues[0]?.message,
    };
  }
  const found = shown(subject, issue.path, value);
  if (issue.code === 'invalid_type')
    return {
      id: 'WS-TYPE',
      what: `${name} must be ${wanted(issue.expected)}, not ${found}`,
      fix: typeFix(issue.expected, value, subject, issue.path),
    };
  const values = allowedBy(issue);
  if (values !== undefined) {
    const guess = typeof value === 'string' ? nearest(value, values) : undefined;
    return {
      id: 'WS-VALUE',
      what: `${name} must be ${oneOf(values)}, not ${found}`,
      fix: guess === undefined ? undefined : `did you mean \`${guess}\`?`,
    };
  }
  if (issue.code === 'invalid_union') {
    const types = issue.errors.flatMap(([first]) => (first?.code === 'invalid_type' ? [wanted(first.expected)] : []));
    return { id: 'WS-TYPE', what: `${name} must be ${types.join(' or ')}, not ${found}` };
  }
  if (issue.code === 'too_big')
    return {
      id: 'WS-VALUE',
      what: `${name} ${bound(issue.origin, 'at most', Number(issue.maximum))}${given(found, issue.origin)}`,
    };
  if (issue.code === 'too_small')
    return {
      id: 'WS-VALUE',
      what: `${name} ${bound(issue.origin, 'at least', Number(issue.minimum))}${given(found, issue.origin)}`,
    };
  return { id: 'WS-VALUE', what: `${name} is not valid: ${found}`, why: ownWords(issue) };
}

/** The values of a field that takes some alone; of a map that says by one field what it is, those of that field. */
function allowedBy(issue: Issue): readonly string[] | undefined {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  return issue.code === 'invalid_union' && 'options' in issue ? issue.options?.map(String) : undefined;
}

function lacking(subject: Subject, issue: Issue): Finding {
  const fix = issue.path.length > 1 || subject.extra === undefined ? 'add it' : 'add it, or set it in config/defaults';
  const values = issue.code === 'invalid_value' ? `: ${oneOf(issue.values.map(String))}` : '';
  return {
    id: 'WS-REQUIRED',
    what: `${named(subject, issue.path.slice(0, -1))} lacks \`${String(issue.path.at(-1))}\``,
    why: ownWords(issue),
    fix: fix + values,
  };
}

/** Messages that our schemas give themselves are in our words; zod's own start with "Invalid". */
function ownWords(issue: Issue): string | undefined {
  return issue.message.startsWith('Invalid') ? undefined : issue.message;
}

function named(subject: Subject, path: Path): string {
  return path.length === 0 ? subject.label : `${subject.label} ${showPath(path)}`;
}

function shown(subject: Subject, path: Path, value: unknown): string {
  if (value === null) return 'empty';
  const shape = shapeOfValue(value);
  if (typeof value === 'object' || subject.isSecret(path) || (typeof value === 'string' && looksSecret(value)))
    return shape;
  const text = subject.written(path) ?? (typeof value === 'string' ? `"${showText(value)}"` : String(value));
  if (typeof value === 'string') return `the text ${text}`;
  return typeof value === 'boolean' ? text : `the number ${text}`;
}

function wanted(expected: string): string {
  const words: { readonly [type: string]: string } = {
    string: 'text',
    int: 'a whole number',
    number: 'a number',
    boolean: 'true or false',
    object: 'a map',
    record: 'a map',
    array: 'a list',
  };
  return words[expected] ?? expected;
}

function typeFix(expected: string, value: unknown, subject: Subject, path: Path): string | undefined {
  if (expected === 'array' && (typeof value === 'string' || typeof value === 'number'))
    return 'put it in brackets: [ ]';
  if (subject.isSecret(path)) return undefined;
  if (expected === 'string' && (typeof value === 'number' || typeof value === 'boolean'))
    return `quote it: "${subject.written(path) ?? String(value)}"`;
  if (expected === 'boolean' && typeof value === 'string' && /^(?:yes|no|on|off)$/i.test(value))
    return `write ${/^(?:yes|on)$/i.test(value)}`;
  if ((expected === 'int' || expected === 'number') && typeof value === 'string' && /^\d+$/.test(value))
    return 'write it without quotes';
  return undefined;
}

function oneOf(values: readonly string[]): string {
  if (values.length === 1) return `"${values[0]}"`;
  return `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}

function bound(origin: string, word: string, limit: number): string {
  if (origin === 'string') return `must have ${word} ${limit} characters`;
  if (origin === 'array' || origin === 'set') return `must have ${word} ${limit} ${limit === 1 ? 'item' : 'items'}`;
  return `must be ${word} ${limit}`;
}

function given(found: string, origin: string): string {
  return origin === 'number' || origin === 'int' ? `, not ${found.replace('the number ', '')}` : '';
}

function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as { [key: PropertyKey]: unknown })[step];
  }
  return current;
}

/** Names of the fields that a schema knows at a path; empty where any are allowed. Some maps say in the value what they are. */
export function fieldsOf(schema: z.ZodType, path: Path, value?: unknown): string[] {
  const found = [...schemasAlong(schema, path)];
  const last = found.length > path.length ? unwrap(found.at(-1) as z.ZodType) : undefined;
  const inner = last instanceof z.ZodDiscriminatedUnion ? chosen(last, valueAt(value, path)) : last;
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

/** The branch of a union that a value means. */
function chosen(union: z.ZodDiscriminatedUnion, value: unknown): unknown {
  const { discriminator } = union.def;
  const word = valueAt(value, [discriminator]);
  return union.options.find(
    option => option instanceof z.ZodObject && (option.shape[discriminator] as z.ZodType).safeParse(word).success,
  );
}

/** Whether a schema says that what stands at a path, or around it, is secret. */
export function isSecretAt(schema: z.ZodType, path: Path): boolean {
  return [...schemasAlong(schema, path)].some(isMarkedSecret);
}

function isMarkedSecret(schema: z.ZodType): boolean {
  for (let current: unknown = schema; current instanceof z.ZodType; current = wrapped(current))
    if (current.meta()?.['secret'] === true) return true;
  return false;
}

/** The schema itself and those of the steps of a path, as far as they are known. */
function* schemasAlong(schema: z.ZodType, path: Path): Generator<z.ZodType> {
  yield schema;
  const inner = unwrap(schema);
  const [step, ...rest] = path;
  if (step === undefined) return;
  const next: unknown =
    inner instanceof z.ZodObject
      ? inner.shape[String(step)]
      : inner instanceof z.ZodArray
        ? inner.element
        : inner instanceof z.ZodRecord
          ? inner.valueType
          : undefined;
  if (next instanceof z.ZodType) yield* schemasAlong(next, rest);
}

function wrapped(schema: z.ZodType): unknown {
  const wraps =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodNullable;
  return wraps ? schema.unwrap() : undefined;
}

function unwrap(schema: z.ZodType): z.ZodType {
  const inner = wrapped(schema);
  return inner instanceof z.ZodType ? unwrap(inner) : schema;
}
