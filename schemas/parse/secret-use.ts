import { isObject, type Json } from '../json.ts';
import { nearest } from '../nearest.ts';
import { showText } from '../problem.ts';
import { eachSecret, isJoin, isRef } from '../resource.ts';
import { isSecretUse, type SecretEntry } from '../secret.ts';
import { type Reference, refuse } from './scope.ts';
import type { Finding } from './sink.ts';

/** The use of the secret at a path such as `db/password`. That it exists is read from the keys of its file, which are not encrypted. */
export function secretUse(path: string, reference: Reference): Json {
  const { secrets } = reference.evaluation.surroundings;
  const entry = secrets.get(path);
  if (entry !== undefined) return { $secret: entry.path, version: entry.version };
  return refuse(reference, { id: 'SEC-USE', ...lacking(path, reference.shown, [...secrets.values()]) });
}

function lacking(path: string, shown: string, entries: readonly SecretEntry[]): Omit<Finding, 'id'> {
  const below = entries.filter(entry => entry.path.startsWith(`${path}/`));
  if (below.length > 0)
    return { what: `${shown} names several secrets`, why: `it holds ${listed(below)}`, fix: 'name one of them' };
  const [file = ''] = path.split('/');
  const siblings = entries.filter(entry => entry.path === file || entry.path.startsWith(`${file}/`));
  const guess = nearest(
    path,
    entries.map(entry => entry.path),
  );
  const fix =
    guess === undefined ? `provisioning secret set ${showText(path)}` : `did you mean \`\${secret.${guess}}\`?`;
  if (siblings.length === 0) return { what: `${shown}: there is no file secrets/${showText(file)}.sops.yaml`, fix };
  return { what: `${shown}: ${siblings[0]?.file} has no such key`, why: `it holds ${listed(siblings)}`, fix };
}

function listed(entries: readonly SecretEntry[]): string {
  const paths = entries.map(entry => entry.path);
  return paths.length <= 8 ? paths.join(', ') : `${paths.slice(0, 8).join(', ')} and ${paths.length - 8} more`;
}

/**
 * Calls `state` for every use of a secret in a field that does not take one: what is no secret is shown everywhere, and
 * names and labels stand at the cloud for all to read.
 */
export function eachMisplaced(
  spec: { readonly [field: string]: Json },
  takesSecret: (path: readonly string[]) => boolean,
  state: (path: readonly string[], finding: Finding) => void,
): void {
  eachSecret(spec, ({ $secret }, path) => {
    if (takesSecret(path)) return;
    state(path, {
      id: 'SEC-PLACE',
      what: `\`${path.join('.')}\` takes no secret, and \${secret.${$secret}} stands there`,
      why: 'what is written there is shown in plans, in recorded state and at the cloud',
      fix: 'use a field that is meant for a secret, such as a password of a task service',
    });
  });
}

/** Calls `state` for every text that stands as it is in a field that is marked secret: whoever reads the files would know it. */
export function eachLiteral(
  value: Json,
  isMarked: (path: readonly string[]) => boolean,
  state: (path: readonly string[], finding: Finding) => void,
  path: readonly string[] = [],
): void {
  if (typeof value === 'string') {
    if (value === '' || !isMarked(path)) return;
    state(path, {
      id: 'SEC-LITERAL',
      what: `\`${path.join('.')}\` is a secret, and stands here in plain text`,
      why: 'whoever can read the repository could use it, and its history keeps it',
      fix: 'take another value, keep it with `provisioning secret set <file>/<key>`, and write ${secret.<file>/<key>} here',
    });
  } else if (Array.isArray(value)) {
    value.forEach((item, index) => eachLiteral(item as Json, isMarked, state, [...path, String(index)]));
  } else if (isObject(value) && !isRef(value) && !isJoin(value) && !isSecretUse(value)) {
    for (const key of Object.keys(value)) eachLiteral(value[key] as Json, isMarked, state, [...path, key]);
  }
}
