import type { z, ZodType } from 'zod';
import type { CallContext } from '../../schemas/provider.ts';
import { ask, type Client } from './client.ts';
import { fault } from './faults.ts';
import type { Page } from './replies.ts';

/** The most that one page may hold. */
const PAGE = 50;
/** Pages that a listing may have; a cloud that never ends is not followed for ever. */
const MOST_PAGES = 10_000;

interface Listing<P extends z.infer<typeof Page>, T> {
  /** Path of a collection, with a query but without a page. */
  readonly path: string;
  readonly reply: ZodType<P>;
  items(page: P): readonly T[];
  idOf(item: T): string;
}

/**
 * All pages of a listing, oldest object first. A page that repeats an object, or a number of all objects that changed
 * between two pages, shows that the pages do not fit together, and then there is no listing at all.
 */
export async function pagesOf<P extends z.infer<typeof Page>, T>(
  ctx: CallContext,
  client: Client,
  listing: Listing<P, T>,
): Promise<readonly T[]> {
  const found = new Map<string, T>();
  const what = 'list objects';
  const query = `${listing.path.includes('?') ? '&' : '?'}per_page=${PAGE}`;
  let total: number | null | undefined;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const path = `${listing.path}${query}&page=${page}`;
    const reply = await ask(ctx, client, { what, method: 'GET', path, reply: listing.reply });
    const items = listing.items(reply);
    const before = found.size;
    for (const item of items) found.set(listing.idOf(item), item);
    const { next_page: next, total_entries: all } = reply.meta.pagination;
    const isRepeated = found.size !== before + items.length;
    if (isRepeated || (total !== undefined && total !== all)) break;
    total = all;
    if (next === null) {
      if (all === null || all === found.size) return [...found.values()];
      break;
    }
    if (next !== page + 1 || items.length < PAGE) break;
  }
  throw fault('transient', 'listing_incomplete', what, { why: 'the pages do not fit together' });
}
