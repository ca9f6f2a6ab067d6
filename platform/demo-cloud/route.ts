import { kindOfCollection } from './kinds.ts';
import { type CloudRequest, type Operation, Refusal } from './model.ts';

/** What a request asks for, read from its method and path alone. */
export interface Route {
  readonly operation: Operation;
  /** `taskserv` where a path cannot say which one. */
  readonly kind: string | null;
  readonly id: string | null;
  readonly path: string;
  readonly query: URLSearchParams;
}

export function routeOf(request: CloudRequest): Route {
  const [path = '', search = ''] = request.path.split('?', 2);
  const query = new URLSearchParams(search);
  const [version, collection = '', id = null, verb, command, ...rest] = path.split('/').slice(1);
  const route = { operation: 'none' as Operation, kind: null as string | null, id: null as string | null, path, query };
  if (version === 'admin') return { ...route, operation: 'admin' };
  if (version !== 'v1' || rest.length > 0) return route;
  if (request.method === 'GET' && id === null && isOperation(collection)) {
    return { ...route, operation: WORDS[collection], kind: collection === 'objects' ? query.get('kind') : null };
  }
  const kind = kindOfCollection(collection);
  if (kind === undefined) return route;
  const known = { ...route, kind, id };
  if (verb === 'actions' && command === 'resize' && request.method === 'POST') return { ...known, operation: 'action' };
  if (verb !== undefined) return route;
  return { ...known, operation: operationOf(request.method, id) };
}

const WORDS = { objects: 'list', actions: 'poll', catalogue: 'catalogue', account: 'account' } as const;

function isOperation(word: string): word is keyof typeof WORDS {
  return Object.hasOwn(WORDS, word);
}

function operationOf(method: string, id: string | null): Operation {
  if (id === null) return method === 'POST' ? 'create' : method === 'GET' ? 'list' : 'none';
  return ({ GET: 'read', PATCH: 'update', DELETE: 'delete' } as const)[method] ?? 'none';
}

/** The body as a JSON object. */
export function bodyOf(request: CloudRequest): { [field: string]: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(request.body === '' ? '{}' : request.body);
  } catch {
    throw new Refusal(400, 'invalid_json', 'the body is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refusal(400, 'invalid_json', 'the body is not an object');
  }
  return value as { [field: string]: unknown };
}
