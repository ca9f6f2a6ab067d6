import { CLOUD_KINDS } from '../../schemas/name.ts';
import { CURRENCY, IMAGES, PRICES, QUOTA, SIZES, ZONES } from './catalogue.ts';
import { Refusal } from './model.ts';
import { type Answer, type Call, changeObject, createObject, deleteObject, resizeObject } from './resources.ts';
import type { Settings } from './settings.ts';
import type { Store } from './store.ts';
import { listActions, listObjects, readable, shown, sightOf } from './views.ts';

/** Does one call of the API. Throws Refusal. */
export function execute(call: Call): Answer {
  const { store, route, settings, nowMs, profile } = call;
  const sight = sightOf(settings, profile, nowMs);
  switch (route.operation) {
    case 'create':
      return createObject(call);
    case 'update':
      return changeObject(call);
    case 'action':
      return resizeObject(call);
    case 'delete':
      return deleteObject(call);
    case 'read':
      return readObject(call);
    case 'list':
      return seen(listObjects(store, route, sight, settings.pageSize));
    case 'poll':
      return seen(listActions(store, route, call.bends.half === true));
    case 'catalogue':
      return seen(catalogueOf(store, settings));
    case 'account':
      return seen({ name: settings.account });
    default:
      throw new Refusal(404, 'no_such_call', 'there is no such call');
  }
}

function seen(body: Answer['body']): Answer {
  return { status: 200, body, effect: 'none', id: null };
}

function readObject({ store, route, settings, profile, nowMs }: Call): Answer {
  const object = readable(store, route.id ?? '', sightOf(settings, profile, nowMs));
  if (object === undefined) throw new Refusal(404, 'not_found', 'there is no such object');
  return { ...seen({ object: shown(store, object) }), id: object.id, kind: object.kind };
}

function catalogueOf(store: Store, settings: Settings): Answer['body'] {
  return {
    sizes: SIZES.map(size => ({
      ...size,
      zones: ZONES,
      stock: settings.stock[size.name] ?? null,
      monthly: settings.prices[size.name] ?? size.monthly,
    })),
    images: IMAGES.map(name => ({ name, zones: ZONES })),
    zones: ZONES,
    quotas: CLOUD_KINDS.map(kind => ({ kind, limit: settings.quotas[kind] ?? QUOTA, used: store.count(kind) })),
    prices: PRICES.map(price => ({ ...price, monthly: settings.prices[price.kind] ?? price.monthly })),
    currency: CURRENCY,
  };
}
