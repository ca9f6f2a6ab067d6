import { createHash } from 'node:crypto';

const PAGE_SIZE = 30;
const LARGEST_PAGE = 100;

/** Size of a page as a request wants it. */
export function pageSize(query: URLSearchParams): number {
  const wanted = Number(query.get('per_page') ?? PAGE_SIZE);
  return Number.isInteger(wanted) && wanted > 0 ? Math.min(wanted, LARGEST_PAGE) : PAGE_SIZE;
}

/** One page of a list, and the header `link` that leads to the others; null when there are none. */
export function pageOf<T>(
  url: URL,
  list: readonly T[],
): { readonly items: readonly T[]; readonly link: string | null } {
  const size = pageSize(url.searchParams);
  const page = Math.max(1, Math.trunc(Number(url.searchParams.get('page') ?? 1)) || 1);
  const last = Math.max(1, Math.ceil(list.length / size));
  const items = list.slice((page - 1) * size, page * size);
  const to = (rel: string, number: number): string => linkTo(url, rel, { page: String(number) });
  const links = [
    ...(page > 1 ? [to('prev', Math.min(page - 1, last))] : []),
    ...(page < last ? [to('next', page + 1), to('last', last)] : []),
    ...(page > 1 ? [to('first', 1)] : []),
  ];
  return { items, link: links.length === 0 ? null : links.join(', ') };
}

/** One entry of a header `link`. */
export function linkTo(url: URL, rel: string, changes: { readonly [name: string]: string }): string {
  const target = new URL(url);
  for (const [name, value] of Object.entries(changes)) target.searchParams.set(name, value);
  return `<${target.href}>; rel="${rel}"`;
}

/** A weak validator of an answer, as it looks to one account. */
export function etagOf(text: string, login: string): string {
  return `W/"${createHash('sha256').update(`${login}\n${text}`).digest('hex')}"`;
}

/** Whether a header `if-none-match` names this validator. The weak mark does not count. */
export function matches(header: string | undefined, etag: string): boolean {
  const bare = (text: string): string => text.trim().replace(/^W\//, '');
  return header?.split(',').some(one => bare(one) === bare(etag)) === true;
}
