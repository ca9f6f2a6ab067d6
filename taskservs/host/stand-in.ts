import { isObject, type Json } from '../../schemas/json.ts';
import { isJoin, isRef } from '../../schemas/resource.ts';
import { isSecretUse } from '../../schemas/secret.ts';
import { digest } from './marker.ts';

/** Texts that stand for what is secret or not known yet, each with what a reader is shown instead. */
export interface StandIns {
  readonly shown: ReadonlyMap<string, { readonly text: string; readonly isSecret: boolean }>;
}

/** Letters, digits and hyphens alone, so that no service escapes it and no format minds it. */
export function standInFor(value: unknown): string {
  return `stand-in-${digest(value).slice(0, 20)}`;
}

/** What is shown of a value that only an apply can tell. */
export const NOT_KNOWN = { text: '(known after apply)', isSecret: false } as const;

/**
 * Parameters with a stand-in for everything that may not be seen or is not known yet. `secretPaths` says which plain
 * values are secret by their schema; `*` stands for any index or key.
 */
export function withStandIns(
  spec: { readonly [field: string]: Json },
  secretPaths: readonly (readonly string[])[] = [],
): { readonly parameters: { readonly [field: string]: Json } } & StandIns {
  const shown = new Map<string, { readonly text: string; readonly isSecret: boolean }>();
  const stand = (value: unknown, text: string, isSecret: boolean): string => {
    const name = standInFor(value);
    shown.set(name, { text, isSecret });
    return name;
  };
  const walk = (value: Json, path: readonly string[]): Json => {
    if (isSecretUse(value)) return stand(value, `(secret ${value.$secret})`, true);
    if (isRef(value)) return stand(value, NOT_KNOWN.text, NOT_KNOWN.isSecret);
    if (isJoin(value)) return joined(value.$join as readonly Json[], path);
    if (typeof value === 'string' && value !== '' && secretPaths.some(secret => isAt(path, secret)))
      return stand({ secret: value }, '(secret)', true);
    if (Array.isArray(value))
      return (value as readonly Json[]).map((item, index) => walk(item, [...path, String(index)]));
    if (!isObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value as { [key: string]: Json }).map(([key, item]) => [key, walk(item, [...path, key])]),
    );
  };
  const joined = (parts: readonly Json[], path: readonly string[]): string =>
    parts.map(part => (typeof part === 'string' ? part : String(walk(part, path)))).join('');
  const parameters = walk(spec, []) as { readonly [field: string]: Json };
  return { parameters, shown };
}

function isAt(path: readonly string[], secret: readonly string[]): boolean {
  return path.length === secret.length && secret.every((step, index) => step === '*' || step === path[index]);
}

const STAND_IN = /stand-in-[0-9a-f]{20}/g;

/** A text as a reader may see it. */
export function unmasked(text: string, { shown }: StandIns): string {
  return text.replace(STAND_IN, name => shown.get(name)?.text ?? name);
}

/** Whether a value holds a stand-in for a secret. */
export function holdsSecret(value: unknown, { shown }: StandIns): boolean {
  const names = JSON.stringify(value).match(STAND_IN) ?? [];
  return names.some(name => shown.get(name)?.isSecret === true);
}
