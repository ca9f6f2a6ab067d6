import { Fault } from '../schemas/fault.ts';
import { nearest } from '../schemas/nearest.ts';

/** The one of that name. Throws Fault `usage` that says which there are. */
export function named<T>(all: { readonly [name: string]: T }, name: string, what: { id: string; noun: string }): T {
  const found = Object.hasOwn(all, name) ? all[name] : undefined;
  if (found !== undefined) return found;
  const known = Object.keys(all);
  const meant = nearest(name, known);
  throw new Fault('usage', {
    id: what.id,
    what: `there is no such ${what.noun}; known: ${known.join(', ')}`,
    ...(meant === undefined ? {} : { fix: `did you mean ${meant}?` }),
  });
}
