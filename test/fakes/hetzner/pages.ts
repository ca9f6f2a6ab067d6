import type { Answer, Turn } from './model.ts';
import { refuse } from './rules.ts';

const PAGE = { default: 25, most: 50 };

/** One page of a list, with the numbers that lead to the others. */
export function page(turn: Turn, name: string, all: readonly unknown[], show = (item: unknown) => item): Answer {
  const number = (field: string, otherwise: number): number => Number(turn.query.get(field) ?? otherwise);
  const at = number('page', 1);
  const size = number('per_page', PAGE.default);
  if (!Number.isInteger(size) || size < 1 || size > PAGE.most || !Number.isInteger(at) || at < 1)
    throw refuse('bad-page');
  const last = Math.max(1, Math.ceil(all.length / size));
  const pagination = {
    page: at,
    per_page: size,
    previous_page: at > 1 ? at - 1 : null,
    next_page: at < last ? at + 1 : null,
    last_page: last,
    total_entries: all.length,
  };
  return { status: 200, body: { [name]: all.slice((at - 1) * size, at * size).map(show), meta: { pagination } } };
}
