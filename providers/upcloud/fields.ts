import type { Spec } from '../../schemas/resource.ts';

/** A field of a spec that holds text; undefined where it does not. */
export function textOf(spec: Spec, field: string): string | undefined {
  const value = spec[field];
  return typeof value === 'string' ? value : undefined;
}

/** A field of a spec that holds a list of text. */
export function textsOf(spec: Spec, field: string): readonly string[] {
  const value = spec[field];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
