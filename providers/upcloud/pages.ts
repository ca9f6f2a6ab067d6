import type { ZodType } from 'zod';
import type { CallContext } from '../../schemas/provider.ts';
import type { Account } from './account.ts';
import { ask } from './client.ts';
import { fault } from './faults.ts';

const PAGE = 100;
/** Pages that a listing may have; a cloud that never ends is not followed for ever. */
const MOST_PAGES = 1_000;

/**
 * All pages of one of the newer services. UpCloud does not always tell how many objects there are in all, so that each
 * page begins with the last object of the former one, and the last page has nothing else: a page with a gap shows, and
 * so does a world that changed between two pages, and then there is no listing at all.
 */
export async function pagesOf<T>(
  ctx: CallContext,
  account: Account,
  list: {
    readonly path: string;
    readonly query: string | null;
    readonly reply: ZodType<T[]>;
    readonly idOf: (item: T) => string;
  },
): Promise<readonly T[]> {
  const found = new Map<string, T>();
  const what = 'list objects';
  const label = list.query === null ? '' : `label=${encodeURIComponent(list.query)}&`;
  let last: string | null = null;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const path = `${list.path}?${label}limit=${PAGE}&offset=${Math.max(0, found.size - 1)}`;
    const reply = await ask(ctx, account.client, { what, method: 'GET', path, reply: list.reply });
    const [first] = reply;
    if (last !== null && (first === undefined || list.idOf(first) !== last)) break;
    const fresh = last === null ? reply : reply.slice(1);
    if (fresh.length === 0) return [...found.values()];
    const expected = found.size + fresh.length;
    for (const item of fresh) found.set(list.idOf(item), item);
    if (found.size !== expected) break;
    last = [...found.keys()].at(-1) ?? null;
  }
  throw fault('transient', 'listing_incomplete', what, { why: 'the pages do not fit together' });
}
