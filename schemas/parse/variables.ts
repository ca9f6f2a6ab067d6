import type { Json } from '../json.ts';
import { LIMITS } from '../limits.ts';
import { nearest } from '../nearest.ts';
import { showText } from '../problem.ts';
import { evaluateMerged, keysOf } from './evaluate.ts';
import { layersFor } from './layers.ts';
import { entryOf } from './node.ts';
import { BROKEN, type Evaluation, inner, type Reference, refuse, tooDeep } from './scope.ts';
import type { Sourced } from './source.ts';

/** The value of `${var.a.b}`: `vars` of the environment's layer goes before that of the defaults. Variables may use other variables. */
export function variable(steps: readonly string[], reference: Reference): Json {
  const { evaluation } = reference;
  const { surroundings } = evaluation;
  const [name = '', ...rest] = steps;
  const known = surroundings.vars.get(name);
  if (known === null)
    return refuse(reference, {
      id: 'WS-CYCLE',
      what: `variable \`${showText(name)}\` refers back to itself`,
      fix: 'write the value in one of the places',
    });
  if (evaluation.level >= LIMITS.interpolationDepth) return tooDeep(reference);
  const evaluated = known ?? evaluateVariable(name, evaluation);
  if (evaluated === undefined) return unknown(name, reference);
  surroundings.vars.set(name, evaluated);
  evaluation.deepest = Math.max(evaluation.deepest, evaluated.level + 1);
  if (evaluated.level >= LIMITS.interpolationDepth) return tooDeep(reference);
  if (evaluated.value === BROKEN) return BROKEN;
  const value = inner(evaluated.value, rest);
  if (value === undefined) {
    return refuse(reference, {
      id: 'WS-VAR',
      what: `variable \`${showText(name)}\` has no part \`${showText(rest.join('.'))}\``,
      fix: 'name a part that it has, or add it in config/defaults',
    });
  }
  return value;
}

function evaluateVariable(
  name: string,
  { surroundings, level }: Evaluation,
): { value: Json; level: number } | undefined {
  const sources: Sourced[] = [];
  for (const { document, node } of layersFor(surroundings.layers, ['vars'])) {
    const entry = entryOf(node, name);
    if (entry !== undefined) sources.push({ document, node: entry.node });
  }
  const [first] = sources;
  if (first === undefined) return undefined;
  surroundings.vars.set(name, null);
  const evaluation: Evaluation = {
    surroundings: { ...surroundings, instances: undefined },
    instance: undefined,
    document: first.document,
    level: level + 1,
    deepest: 0,
  };
  const value = evaluateMerged(sources, evaluation);
  return { value, level: evaluation.deepest };
}

function unknown(name: string, reference: Reference): Json {
  const known = [...keysOf(layersFor(reference.evaluation.surroundings.layers, ['vars']))];
  const guess = nearest(name, known);
  return refuse(reference, {
    id: 'WS-VAR',
    what: `no variable \`${showText(name)}\``,
    why: known.length === 0 ? 'config/defaults has no `vars`' : `known: ${known.toSorted().join(', ')}`,
    fix: guess === undefined ? 'add it under `vars` in config/defaults' : `did you mean \`${guess}\`?`,
  });
}
