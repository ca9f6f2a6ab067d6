import type { Json } from '../json.ts';
import type { Kind } from '../kind.ts';
import { CLOUD_KINDS, Name } from '../name.ts';
import { nearest } from '../nearest.ts';
import { showText } from '../problem.ts';
import { upstreamText } from '../upstream.ts';
import { kindPath } from './kind-path.ts';
import { type Reference, refuse } from './scope.ts';

const SHAPE = '${workspace.<name>.<kind>.<resource>.<output>}';

/**
 * The reference behind `workspace.net.network.main.id`. Only its form is judged here: whether the other workspace and its
 * resource exist can be told only where the whole repository is known.
 */
export function upstreamValue(steps: readonly string[], reference: Reference): Json {
  const { surroundings } = reference.evaluation;
  const [name = '', env = null, ...more] = (steps[1] ?? '').split('@');
  const { kindName, kind, name: resource, rest } = kindPath(steps.slice(2));
  if (!isName(name) || (env !== null && !isName(env)) || more.length > 0) return shapeless(reference);
  if (name === surroundings.workspace)
    return refuse(reference, {
      id: 'WS-UPSTREAM',
      what: `${reference.shown} names its own workspace`,
      fix: steps.length > 2 ? `write \${${steps.slice(2).map(showText).join('.')}}` : 'write ${workspace}',
    });
  if (steps[2] === 'secret')
    return refuse(reference, {
      id: 'SEC-USE',
      what: `${reference.shown} is a secret of another workspace`,
      why: 'what a workspace may decrypt lies in its own folder',
      fix: 'encrypt the value for this workspace too: `provisioning secret set`',
    });
  if (surroundings.instances === undefined)
    return refuse(reference, {
      id: 'WS-EXPRESSION',
      what: `${reference.shown} cannot be used here`,
      why: 'how often a resource is repeated must be known before any other workspace is looked at',
      fix: 'use a variable',
    });
  if (steps.length > 2 && kind === undefined) {
    const guess = nearest(kindName, [...CLOUD_KINDS, 'taskserv']);
    return refuse(reference, {
      id: 'WS-UPSTREAM',
      what: `${reference.shown} names no kind`,
      why: `the form is ${SHAPE}`,
      fix: guess === undefined ? 'name a kind after the workspace' : `did you mean \`${guess}\`?`,
    });
  }
  if (kind === undefined || !isName(resource)) return shapeless(reference);
  const [output = ''] = rest;
  if (rest.length !== 1 || !Object.hasOwn(kind.outputs, output)) return noOutput(kind, rest.join('.'), reference);
  return { $ref: upstreamText({ workspace: name, env, address: `${kind.name}/${resource}`, output }) };
}

function isName(text: string): boolean {
  return Name.safeParse(text).success;
}

function shapeless(reference: Reference): Json {
  return refuse(reference, {
    id: 'WS-UPSTREAM',
    what: `${reference.shown} names no output of another workspace`,
    why: `the form is ${SHAPE}, or <name>@<environment> for another environment`,
    fix: 'write all of its parts',
  });
}

function noOutput(kind: Kind, written: string, reference: Reference): Json {
  const outputs = Object.keys(kind.outputs);
  const guess = nearest(written, outputs);
  return refuse(reference, {
    id: 'WS-UPSTREAM',
    what: written === '' ? `${reference.shown} names no output` : `${kind.name} has no output \`${showText(written)}\``,
    why: `of another workspace only outputs can be used: ${outputs.join(', ')}`,
    fix: guess === undefined ? 'name one of the outputs' : `did you mean \`${guess}\`?`,
  });
}
