import { type ZodType, z } from 'zod';
import type { Call } from './client.ts';
import { fault } from './errors.ts';
import type { Where } from './kind.ts';

/** Pages that a listing may have; a cloud that never ends is not followed for ever. */
const MOST_PAGES = 20_000;
/** Values that one filter may have. */
const MOST_VALUES = 200;

export type Filters = { Name: string; Values: string[] }[];

/** A list in an answer; AWS leaves an empty one out. */
export function listOf<T>(item: ZodType<T>): ZodType<readonly T[]> {
  return z
    .array(item)
    .nullish()
    .transform(items => items ?? []) as unknown as ZodType<readonly T[]>;
}

export const Id = z.string().min(1).max(2_048);
export const Word = z.string().max(1_024).nullish();

/** All pages. A page that comes twice, or an object that does, makes it no listing. */
export async function allPages<T>(
  call: Call,
  idOf: (item: T) => string,
  page: (
    next: string | undefined,
  ) => Promise<{ readonly items: readonly T[]; readonly next?: string | null | undefined }>,
): Promise<readonly T[]> {
  const found = new Map<string, T>();
  const tokens = new Set<string>();
  let next: string | undefined;
  for (let at = 0; at < MOST_PAGES; at += 1) {
    const reply = await page(next);
    const before = found.size;
    for (const item of reply.items) found.set(idOf(item), item);
    if (found.size !== before + reply.items.length) break;
    if (reply.next === undefined || reply.next === null || reply.next === '') return [...found.values()];
    if (tokens.has(reply.next)) break;
    tokens.add(reply.next);
    next = reply.next;
  }
  throw fault('transient', 'listing_incomplete', call.what, { why: 'the pages do not fit together' });
}

/** The filters for what is looked for: one set for each call that is needed. */
export function filtersFor(where: Where, names: { readonly id: string; readonly name?: string }): readonly Filters[] {
  switch (where.by) {
    case 'all':
      return [[]];
    case 'tag':
      return [[{ Name: `tag:${where.key}`, Values: [where.value] }]];
    case 'token':
      return [];
    case 'name':
      return names.name === undefined ? [] : [[{ Name: names.name, Values: [where.name] }]];
    case 'ids':
      return chunks(where.ids, MOST_VALUES).map(Values => [{ Name: names.id, Values }]);
  }
}

/** Several sets of filters, each with all its pages. */
export async function eachFilter<T>(
  sets: readonly Filters[],
  gather: (filters: Filters) => Promise<readonly T[]>,
): Promise<T[]> {
  const found: T[] = [];
  for (const filters of sets) found.push(...(await gather(filters)));
  return found;
}

export function chunks<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts;
}
