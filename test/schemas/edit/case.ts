import type { Edit } from '../../../schemas/edit/edit-value.ts';

/** One edit with the whole text before and after it. */
export interface EditCase {
  readonly name: string;
  /** Default: the format's own, `infra/web.yaml` for YAML. */
  readonly path?: string;
  readonly before: string;
  readonly edits: readonly Edit[];
  readonly after: string;
}

/** `set('server.web.size', 'large')`; a key with a dot in it is given as a list. */
export function set(path: string | readonly string[], value: Edit['value']): Edit {
  return { path: typeof path === 'string' ? path.split('.') : path, value };
}

/** Removes a key or an item. */
export function drop(path: string): Edit {
  return set(path, undefined);
}
