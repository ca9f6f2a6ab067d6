import type { z } from 'zod';
import type { Hub } from '../hub.ts';
import type { Access, Actor, Repository, Token } from '../model.ts';

/** What a route says. `list` is cut into pages; `listName` is the field it stands in when it is not the whole answer. */
export type Answer =
  | { readonly status: number; readonly json?: unknown; readonly link?: string }
  | {
      readonly status: number;
      readonly list: readonly unknown[];
      readonly listName?: string;
      readonly more?: { readonly [field: string]: unknown };
    };

/** One request, as far as a route has to know it. */
export interface Asked<Body> {
  readonly hub: Hub;
  readonly actor: Actor;
  readonly token: Token;
  readonly repository: Repository;
  /** Parts of the path by name. */
  readonly at: (name: string) => string;
  readonly url: URL;
  readonly query: URLSearchParams;
  readonly body: Body;
}

/** One request that names no repository. */
export interface HostAsked<Body> {
  readonly hub: Hub;
  readonly authorization: string | undefined;
  readonly at: (name: string) => string;
  readonly body: Body;
}

interface Place<Body> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/pulls/:number`; `:name+` takes slashes too. */
  readonly path: string;
  readonly body?: z.ZodType<Body>;
}

/** A route below `/repos/:owner/:repo`. */
export interface RepositoryRoute<Body> extends Place<Body> {
  /** What a person must be allowed to do. */
  readonly access: Access;
  /** Permissions of an App, one of which is enough: `issues|pull_requests`. Written to when the method is not GET. */
  readonly permission: string;
  run(asked: Asked<Body>): Answer | Promise<Answer>;
}

/** A route at the top. */
export interface HostRoute<Body> extends Place<Body> {
  run(asked: HostAsked<Body>): Answer | Promise<Answer>;
}

/** A route whose body is checked before it runs. */
export interface BoundRoute {
  readonly method: string;
  readonly pattern: RegExp;
  readonly rule: { readonly access: Access; readonly permission: string } | null;
  readonly body: z.ZodType | null;
  readonly runAt: (asked: Asked<unknown>) => Answer | Promise<Answer>;
  readonly runHost: (asked: HostAsked<unknown>) => Answer | Promise<Answer>;
}

/** Binds a route of repositories. */
export function route<Body>(rule: RepositoryRoute<Body>): BoundRoute {
  return {
    ...bound(rule, '/repos/:owner/:repo'),
    rule: { access: rule.access, permission: rule.permission },
    runAt: asked => rule.run(asked as Asked<Body>),
    runHost: misplaced,
  };
}

/** Binds a route at the top. */
export function hostRoute<Body>(rule: HostRoute<Body>): BoundRoute {
  return { ...bound(rule, ''), rule: null, runAt: misplaced, runHost: asked => rule.run(asked as HostAsked<Body>) };
}

function misplaced(): never {
  throw new Error('this route stands in another place');
}

function bound<Body>(place: Place<Body>, above: string): Pick<BoundRoute, 'method' | 'pattern' | 'body'> {
  const source = `${above}${place.path}`.replace(/:(\w+)\+/g, '(?<$1>.+)').replace(/:(\w+)/g, '(?<$1>[^/]+)');
  return { method: place.method, pattern: new RegExp(`^${source}$`), body: place.body ?? null };
}

/** An answer that is one thing. */
export function one(json: unknown, status = 200): Answer {
  return { status, json };
}

/** An answer that is a list. */
export function many(list: readonly unknown[]): Answer {
  return { status: 200, list };
}
