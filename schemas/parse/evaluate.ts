import { isObject, type Json } from '../json.ts';
import { LIMITS } from '../limits.ts';
import { showText } from '../problem.ts';
import { isJoin, isRef, type Part } from '../resource.ts';
import { isSecretUse } from '../secret.ts';
import { BadExpression, type Expression, hasExpression, parseTemplate, type Template } from './expression.ts';
import type { Instance } from './instance.ts';
import { checkAgreement } from './layers.ts';
import { entryOf, type Node } from './node.ts';
import { BROKEN, type Evaluation, spreads, type Surroundings } from './scope.ts';
import type { Place } from './sink.ts';
import type { Sourced } from './source.ts';

/** The value of a node: plain JSON, with `Ref` and `Join` where another resource's output stands. States every problem; then the value is BROKEN. */
export function evaluate(node: Node, evaluation: Evaluation): Json {
  if (node.kind === 'scalar') {
    if (typeof node.value !== 'string') return node.value;
    spend(evaluation, node.value.length);
    return hasExpression(node.value) ? evaluateText(node.value, node.at, evaluation) : node.value;
  }
  if (node.kind === 'list') {
    const items: Json[] = [];
    for (const item of node.items) {
      const value = evaluate(item, evaluation);
      if (typeof value === 'object' && value !== null && spreads.has(value)) items.push(...(value as readonly Json[]));
      else items.push(value);
    }
    return items;
  }
  const value: { [key: string]: Json } = {};
  for (const entry of node.entries) value[entry.key] = evaluate(entry.node, evaluation);
  return value;
}

/** Evaluates the same field of several sources: maps merge by key at every depth, anything else is taken from the nearest. */
export function evaluateMerged(sources: readonly Sourced[], evaluation: Evaluation): Json {
  const [nearest, ...lower] = sources;
  if (nearest === undefined) return null;
  if (nearest.node.kind !== 'map' || lower.length === 0) return evaluateIn(nearest, evaluation);
  const end = sources.findIndex(source => source.node.kind !== 'map');
  const maps = end === -1 ? sources : sources.slice(0, end);
  const value: { [key: string]: Json } = {};
  for (const key of keysOf(maps)) value[key] = evaluateMerged(having(maps, key), evaluation);
  return value;
}

/**
 * One field of an instance; undefined when no source has it. What holds expressions is evaluated once and remembered, with
 * the length of its chain of references.
 */
export function fieldOf(
  instance: Instance,
  field: string,
  from: Pick<Evaluation, 'surroundings' | 'level'>,
): Json | undefined {
  const [own] = instance.sources;
  const entry = entryOf(own?.node, field);
  if (entry?.node.kind === 'scalar' && instance.sources.length === 1) {
    const { value } = entry.node;
    if (typeof value !== 'string' || !hasExpression(value)) {
      if (typeof value === 'string') spend(from, value.length);
      return value;
    }
  }
  const known = instance.fields?.get(field);
  if (known !== undefined && known !== null) return known.value;
  const sources = having(instance.sources, field);
  if (sources.length === 0) return undefined;
  if (sources.length > 1 && !doLayersAgree(instance, field, { sources, surroundings: from.surroundings }))
    return BROKEN;
  const evaluation: Evaluation = {
    surroundings: from.surroundings,
    level: from.level,
    instance,
    document: instance.place.document,
    deepest: 0,
  };
  if (!sources.some(source => isOpen(source.node))) return evaluateMerged(sources, evaluation);
  instance.fields ??= new Map();
  instance.fields.set(field, null);
  const value = evaluateMerged(sources, evaluation);
  instance.fields.set(field, { value, level: evaluation.deepest });
  return value;
}

/** Whether an expression stands anywhere in a node. */
function isOpen(node: Node): boolean {
  if (node.kind === 'scalar') return typeof node.value === 'string' && hasExpression(node.value);
  if (node.kind === 'list') return node.items.some(isOpen);
  return node.entries.some(entry => isOpen(entry.node));
}

/** Evaluates a text that holds `${...}`. A text that is one expression keeps the value's type. */
export function evaluateText(text: string, at: number, evaluation: Evaluation): Json {
  const place: Place = { document: evaluation.document, at };
  let template: Template;
  try {
    template = parseTemplate(text);
  } catch (error) {
    if (!(error instanceof BadExpression)) throw error;
    evaluation.surroundings.sink.error(place, {
      id: error.id,
      what: error.message,
      fix: 'write ${...} with its closing brace, or $${ for a literal ${',
    });
    return BROKEN;
  }
  const [first] = template;
  if (first === undefined) return '';
  if (template.length === 1 && typeof first !== 'string') return evaluateExpression(first, { place, evaluation });
  return join(template, { place, evaluation });
}

interface At {
  readonly place: Place;
  readonly evaluation: Evaluation;
}

function evaluateExpression(expression: Expression, at: At): Json {
  const inner: Json = join(expression.parts, at);
  if (inner === BROKEN) return BROKEN;
  const place = exactPlace(expression, at.place);
  if (typeof inner !== 'string') {
    at.evaluation.surroundings.sink.error(place, {
      id: 'WS-EXPRESSION',
      what: `${showText(expression.text)} depends on a value that is only known after apply`,
      fix: 'use a value that is known from the files',
    });
    return BROKEN;
  }
  const { evaluation } = at;
  const value = evaluation.surroundings.resolve(inner.trim(), { place, evaluation, shown: showText(expression.text) });
  if (typeof value === 'string') spend(evaluation, value.length);
  // A list or map may be long, and an expression for it is short.
  else if (typeof value === 'object' && value !== BROKEN) spend(evaluation, JSON.stringify(value).length);
  return value;
}

/** The values of a template as one text; a `Join` when some are only known after apply, or secret. */
function join(template: Template, at: At): Json {
  const parts: Part[] = [];
  let isBroken = false;
  const push = (part: Part): void => {
    const last = parts.at(-1);
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
    else parts.push(part);
  };
  for (const part of template) {
    const value = typeof part === 'string' ? part : evaluateExpression(part, at);
    if (value === BROKEN) isBroken = true;
    else if (isRef(value) || isSecretUse(value)) push(value);
    else if (isJoin(value)) value.$join.forEach(push);
    else if (value === null || typeof value === 'object') {
      isBroken = true;
      const shown = typeof part === 'string' ? part : part.text;
      at.evaluation.surroundings.sink.error(typeof part === 'string' ? at.place : exactPlace(part, at.place), {
        id: 'WS-EXPRESSION',
        what: `${showText(shown)} is ${value === null ? 'empty' : isObject(value) ? 'a map' : 'a list'} and cannot stand inside a text`,
        fix: 'name one value in it',
      });
    } else {
      push(String(value));
    }
  }
  if (isBroken) return BROKEN;
  if (parts.length === 0) return '';
  const [only] = parts;
  return parts.length === 1 && typeof only === 'string' ? only : ({ $join: parts } as unknown as Json);
}

/** The expression itself inside a longer text, where it can be found there as written. */
function exactPlace(expression: Expression, place: Place): Place {
  const found = place.document.text.indexOf(expression.text, place.at);
  return found === -1 || found - place.at > LIMITS.fileBytes ? place : { document: place.document, at: found };
}

/** Counts what values take after expansion, so that a small file cannot become a huge workspace. */
export function spend(evaluation: Pick<Evaluation, 'surroundings'>, characters: number): void {
  const { size } = evaluation.surroundings;
  size.characters += characters;
  if (size.characters > LIMITS.treeBytes) throw new TooLarge();
}

/** Ends a load whose values grow beyond the limit; caught at the loader's door. */
export class TooLarge extends Error {}

function evaluateIn(source: Sourced, evaluation: Evaluation): Json {
  if (source.document === evaluation.document) return evaluate(source.node, evaluation);
  const inner: Evaluation = { ...evaluation, document: source.document };
  const value = evaluate(source.node, inner);
  evaluation.deepest = Math.max(evaluation.deepest, inner.deepest);
  return value;
}

function having(sources: readonly Sourced[], key: string): Sourced[] {
  const found: Sourced[] = [];
  for (const source of sources) {
    const entry = entryOf(source.node, key);
    if (entry !== undefined) found.push({ document: source.document, node: entry.node });
  }
  return found;
}

/** Keys of several maps, the nearest source's first, each once. */
export function keysOf(sources: readonly Sourced[]): Iterable<string> {
  const [only] = sources;
  if (sources.length === 1 && only?.node.kind === 'map') return only.node.entries.map(entry => entry.key);
  const keys = new Set<string>();
  for (const { node } of sources) if (node.kind === 'map') for (const entry of node.entries) keys.add(entry.key);
  return keys;
}

function doLayersAgree(
  instance: Instance,
  field: string,
  { sources, surroundings }: { readonly sources: readonly Sourced[]; readonly surroundings: Surroundings },
): boolean {
  let agree = true;
  for (let lower = 1; lower < sources.length; lower += 1) {
    const pair = [sources[lower - 1] as Sourced, sources[lower] as Sourced] as const;
    agree = checkAgreement(...pair, { name: `${instance.kind.name} ${field}`, sink: surroundings.sink }) && agree;
  }
  return agree;
}
