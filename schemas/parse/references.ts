import type { Json } from '../json.ts';
import type { Kind } from '../kind.ts';
import { LIMITS } from '../limits.ts';
import { CLOUD_KINDS, isTaskserv } from '../name.ts';
import { nearest } from '../nearest.ts';
import { showText } from '../problem.ts';
import { evaluateText, fieldOf } from './evaluate.ts';
import type { Instance, Instances } from './instance.ts';
import { fieldsOf } from './issues.ts';
import { kindPath } from './kind-path.ts';
import { BROKEN, inner, type Reference, refuse, spreads, tooDeep } from './scope.ts';
import { secretUse } from './secret-use.ts';
import type { Finding } from './sink.ts';
import { upstreamValue } from './upstream.ts';
import { variable } from './variables.ts';

/** The value behind the text between the braces: `server.db-1.privateIp`, `var.size`, `each.key`. */
export function resolvePath(path: string, reference: Reference): Json {
  const steps = path.split('.');
  const [root = ''] = steps;
  if (root === 'secret') return secretUse(path.slice('secret.'.length), reference);
  if (root === 'var') return variable(steps.slice(1), reference);
  if (root === 'count' || root === 'each') return turnValue(steps, reference);
  if (root === 'cluster') return clusterOutput(steps, reference);
  if (root === 'workspace' && steps.length > 1) return upstreamValue(steps, reference);
  if (root === 'workspace' || root === 'env') return named(steps, reference);
  return resourceValue(steps, reference);
}

function named(steps: readonly string[], reference: Reference): Json {
  const { workspace, env } = reference.evaluation.surroundings;
  if (steps.length > 1)
    return refuse(reference, { id: 'WS-VAR', what: `${reference.shown} has no parts`, fix: `write \${${steps[0]}}` });
  const value = steps[0] === 'env' ? env : workspace;
  return (
    value ??
    refuse(reference, {
      id: 'WS-VAR',
      what: '${env} has no value',
      why: 'the workspace is loaded without an environment',
      fix: 'declare `environments`, or delete the expression',
    })
  );
}

function clusterOutput([, name = '', output = '', ...rest]: readonly string[], reference: Reference): Json {
  const { place, evaluation, shown } = reference;
  const { clusters, instances } = evaluation.surroundings;
  const cluster = clusters.get(name);
  if (cluster === undefined) {
    const known = [...clusters.keys()];
    const guess = nearest(name, known);
    return instances?.isPartial === true
      ? BROKEN
      : refuse(reference, {
          id: 'WS-REF',
          what: `no cluster \`${showText(name)}\``,
          why: known.length === 0 ? 'no file under clusters/ declares one' : undefined,
          fix: guess === undefined ? 'declare it, or name one that exists' : `did you mean \`${guess}\`?`,
        });
  }
  const text = Object.hasOwn(cluster.outputs, output) && rest.length === 0 ? cluster.outputs[output] : undefined;
  if (text === undefined) {
    const known = Object.keys(cluster.outputs);
    const guess = nearest(output, known);
    return refuse(reference, {
      id: 'WS-REF',
      what: `${shown} is no output of the cluster`,
      why: `outputs: ${known.join(', ')}`,
      fix: guess === undefined ? 'name one of them' : `did you mean \`${guess}\`?`,
    });
  }
  if (evaluation.level >= LIMITS.interpolationDepth) return tooDeep(reference);
  const inside = { ...evaluation, level: evaluation.level + 1 };
  const value = evaluateText(text, place.at, inside);
  evaluation.deepest = Math.max(evaluation.deepest, inside.deepest + 1);
  return value;
}

function turnValue(steps: readonly string[], reference: Reference): Json {
  const [root, what, ...rest] = steps;
  const turn = reference.evaluation.instance?.turn;
  const wanted = root === 'count' ? 'count' : 'forEach';
  if (turn === undefined || turn === null || (root === 'count') !== (turn.index !== undefined)) {
    return refuse(reference, {
      id: 'WS-VAR',
      what: `${reference.shown} has no value here`,
      why: `the resource has no \`${wanted}\``,
      fix: `add \`${wanted}\`, or delete the expression`,
    });
  }
  const value: Json | undefined =
    what === 'index' ? turn.index : what === 'key' ? turn.key : what === 'value' ? turn.value : undefined;
  const inside = value === undefined ? undefined : inner(value, rest);
  return (
    inside ??
    refuse(reference, {
      id: 'WS-VAR',
      what: `${reference.shown} has no value`,
      why: root === 'count' ? 'there is only ${count.index}' : 'there are ${each.key} and ${each.value}',
    })
  );
}

function resourceValue(steps: readonly string[], reference: Reference): Json {
  const { kindName, kind, name, rest } = kindPath(steps);
  const { instances } = reference.evaluation.surroundings;
  if (kind === undefined) return refuse(reference, unknownRoot(kindName, reference.shown));
  if (instances === undefined)
    return refuse(reference, {
      id: 'WS-EXPRESSION',
      what: `${reference.shown} cannot be used here`,
      why: 'how often a resource is repeated must be known before any resource is',
      fix: 'use a variable',
    });
  const isAll = name.endsWith('[*]');
  const bare = isAll ? name.slice(0, -3) : name;
  const found = targets({ kind, name: bare, isAll }, { instances, reference });
  if (found === undefined) return BROKEN;
  if (rest.length === 0) {
    return refuse(reference, {
      id: 'WS-REF',
      what: `${reference.shown} names no output`,
      why: `outputs of ${kind.name}: ${Object.keys(kind.outputs).join(', ')}`,
      fix: `write \${${steps.join('.')}.id}`,
    });
  }
  if (!isAll) return valueOf(found[0] as Instance, rest, reference);
  const values = found.map(target => valueOf(target, rest, reference));
  spreads.add(values);
  return values.includes(BROKEN) ? BROKEN : values;
}

function targets(
  { kind, name, isAll }: { readonly kind: Kind; readonly name: string; readonly isAll: boolean },
  { instances, reference }: { readonly instances: Instances; readonly reference: Reference },
): readonly Instance[] | undefined {
  const one = instances.all.get(`${kind.name}/${name}`);
  const group = instances.groups.get(`${kind.name}/${name}`);
  if (isAll && group !== undefined) return group;
  if (!isAll && one !== undefined) return [one];
  if (isAll && one !== undefined)
    refuse(reference, {
      id: 'WS-REF',
      what: `${kind.name} \`${name}\` is not repeated`,
      fix: `write ${name} without [*]`,
    });
  else if (group !== undefined)
    refuse(reference, {
      id: 'WS-REF',
      what: `${kind.name} \`${name}\` is repeated`,
      why: repeatedAs(group),
      fix: `name one of them, or write ${name}[*] for all`,
    });
  else if (!instances.isPartial) refuse(reference, missing(kind.name, name, instances));
  return undefined;
}

/** Says what a repeated resource became: `it became web-1 to web-3`. */
export function repeatedAs(group: readonly Instance[]): string {
  const [first] = group;
  if (first === undefined) return 'it is repeated 0 times';
  return group.length === 1 ? `it became ${first.name}` : `it became ${first.name} to ${group.at(-1)?.name}`;
}

/** `no network `prv`; did you mean `priv`?` */
export function missing(kind: string, name: string, instances: Instances): Finding {
  const start = `${kind}/`;
  const known = [...instances.all.keys(), ...instances.groups.keys()]
    .filter(address => address.startsWith(start))
    .map(address => address.slice(start.length));
  const guess = nearest(name, known);
  return {
    id: 'WS-REF',
    what: `no ${kind} \`${showText(name)}\``,
    why: known.length === 0 ? `the workspace declares no ${kind}` : undefined,
    fix: guess === undefined ? 'declare it, or name one that exists' : `did you mean \`${guess}\`?`,
  };
}

function valueOf(target: Instance, rest: readonly string[], reference: Reference): Json {
  const [first = '', ...more] = rest;
  const rule = Object.hasOwn(target.kind.outputs, first) ? target.kind.outputs[first] : undefined;
  if (rule !== undefined && more.length === 0) {
    const known = rule.sameAs === undefined ? undefined : fieldValue(target, [rule.sameAs], reference);
    if (known !== undefined) return known;
    if (target.address === reference.evaluation.instance?.address) {
      return refuse(reference, {
        id: 'WS-SELF',
        what: `${target.kind.name} ${target.name} depends on itself`,
        fix: 'take the reference out',
      });
    }
    return { $ref: `${target.address}.${first}` };
  }
  const known = fieldsOf(target.kind.spec, []);
  if (known.includes(first) || isTaskserv(target.kind.name)) {
    return (
      fieldValue(target, rest, reference) ??
      refuse(reference, {
        id: 'WS-REF',
        what: `${target.address} does not set \`${showText(rest.join('.'))}\``,
        fix: `set it there, or name an output: ${Object.keys(target.kind.outputs).join(', ')}`,
      })
    );
  }
  const outputs = Object.keys(target.kind.outputs);
  const guess = nearest(first, [...outputs, ...known]);
  return refuse(reference, {
    id: 'WS-REF',
    what: `${target.kind.name} has no output \`${showText(first)}\``,
    why: `outputs: ${outputs.join(', ')}`,
    fix: guess === undefined ? 'name one of the outputs' : `did you mean \`${guess}\`?`,
  });
}

/** A field of another resource's spec; undefined when it is not set there. */
function fieldValue(target: Instance, path: readonly string[], reference: Reference): Json | undefined {
  const { evaluation } = reference;
  const [field = '', ...more] = path;
  if (target.fields?.get(field) === null) {
    return refuse(reference, {
      id: 'WS-CYCLE',
      what: `${target.address} \`${showText(field)}\` refers back to itself`,
      fix: 'write the value in one of the places',
    });
  }
  if (evaluation.level >= LIMITS.interpolationDepth) return tooDeep(reference);
  const value = fieldOf(target, field, { surroundings: evaluation.surroundings, level: evaluation.level + 1 });
  if (value === undefined) return undefined;
  const level = (target.fields?.get(field)?.level ?? 0) + 1;
  evaluation.deepest = Math.max(evaluation.deepest, level);
  if (level > LIMITS.interpolationDepth) return tooDeep(reference);
  return value === BROKEN ? BROKEN : inner(value, more);
}

function unknownRoot(root: string, shown: string): Finding {
  const known = [...CLOUD_KINDS, 'taskserv', 'cluster', 'secret', 'var', 'count', 'each', 'env', 'workspace'];
  const guess = nearest(root, known);
  return {
    id: 'WS-VAR',
    what: `${shown} refers to nothing that is known`,
    why: `an expression starts with a kind, cluster, secret, var, count, each, env or workspace`,
    fix: guess === undefined ? 'write $${ if the text shall hold a literal ${' : `did you mean \`${guess}\`?`,
  };
}
