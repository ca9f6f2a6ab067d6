import { isObject } from '../../../schemas/json.ts';
import { errorReply } from './faults.ts';
import type { FakeReply } from './model.ts';
import type { Route } from './routes.ts';

/** What reads do not show as it is: new objects that are not seen yet, and deleted ones that still are. */
export interface Lag {
  hide(id: string, untilMs: number): void;
  keep(id: string, untilMs: number, shown: { readonly list: string; readonly item: unknown }): void;
  /** The answer to a read as a slow replica would give it. */
  bent(route: Route, args: readonly string[], answer: FakeReply, nowMs: number): FakeReply;
}

type Item = { readonly [field: string]: unknown };

const idOf = (item: unknown): string => (isObject(item) ? String(item['uuid'] ?? item['address'] ?? '') : '');

export function openLag(): Lag {
  const hidden = new Map<string, number>();
  const ghosts = new Map<string, { readonly untilMs: number; readonly list: string; readonly item: Item }>();
  return {
    hide: (id, untilMs) => void hidden.set(id, untilMs),
    keep: (id, untilMs, { list, item }) => void ghosts.set(id, { untilMs, list, item: item as Item }),
    bent(route, args, answer, nowMs) {
      if (hidden.size === 0 && ghosts.size === 0) return answer;
      if (route.method !== 'GET') return answer;
      const [list = ''] = route.path;
      const isHidden = (id: string): boolean => (hidden.get(id) ?? 0) > nowMs;
      if (route.asked === 'read' && isHidden(args[0] ?? ''))
        return errorReply(404, `${list.toUpperCase().replace('-', '_')}_NOT_FOUND`, 'It does not exist.');
      if (route.asked !== 'list' || answer.status !== 200) return answer;
      const shown = [...ghosts.values()].filter(ghost => ghost.list === list && ghost.untilMs > nowMs);
      const through = (value: unknown): unknown => {
        if (!Array.isArray(value)) return isObject(value) ? mapped(value, through) : value;
        return [...value.filter(item => !isHidden(idOf(item))), ...shown.map(ghost => ghost.item)];
      };
      return { ...answer, body: JSON.stringify(through(JSON.parse(answer.body))) };
    },
  };
}

function mapped(value: Item, change: (inner: unknown) => unknown): Item {
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, change(inner)]));
}

/** The item of a list answer that has this id. */
export function itemIn(answer: FakeReply, id: string): unknown {
  const search = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.find(item => idOf(item) === id);
    return isObject(value)
      ? Object.values(value)
          .map(search)
          .find(found => found !== undefined)
      : undefined;
  };
  return search(JSON.parse(answer.body));
}
