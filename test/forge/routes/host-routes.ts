import { z } from 'zod';
import { isoOf } from '../hub.ts';
import type { App, Permissions } from '../model.ts';
import { invalid, notFound, Refusal } from '../refusal.ts';
import { apiUrl, appShape, repositoryShape, userShape } from '../shapes.ts';
import { appOfHeader, issueToken, TOKEN_LIFE_MS, tokenOf } from '../sign-in.ts';
import type { Hub } from '../hub.ts';
import { hostRoute, one } from './route.ts';

const TokenWish = z
  .object({
    repositories: z.array(z.string()).optional(),
    repository_ids: z.array(z.int()).optional(),
    permissions: z.record(z.string(), z.enum(['read', 'write'])).optional(),
  })
  .nullish();

/** Who somebody is, and how an App gets a token. */
export const hostRoutes = [
  hostRoute({
    method: 'GET',
    path: '/user',
    run({ hub, authorization }) {
      const { actor } = tokenOf(hub, authorization);
      if (actor.app !== null) throw new Refusal(403, 'Resource not accessible by integration');
      return one(userShape(hub, actor.login));
    },
  }),
  hostRoute({
    method: 'GET',
    path: '/app',
    run: ({ hub, authorization }) => one(appShape(hub, appOfHeader(hub, authorization))),
  }),
  hostRoute({
    method: 'GET',
    path: '/rate_limit',
    run({ hub, authorization }) {
      tokenOf(hub, authorization);
      return one({ resources: {} });
    },
  }),
  hostRoute({
    method: 'GET',
    path: '/repos/:owner/:repo/installation',
    run({ hub, authorization, at }) {
      const app = appOfHeader(hub, authorization);
      const fullName = `${at('owner')}/${at('repo')}`;
      if (!app.repositories.has(fullName)) throw notFound();
      return one(installationShape(hub, app));
    },
  }),
  hostRoute({
    method: 'GET',
    path: '/app/installations/:id',
    run: ({ hub, authorization, at }) => one(installationShape(hub, installed(hub, authorization, at('id')))),
  }),
  hostRoute({
    method: 'POST',
    path: '/app/installations/:id/access_tokens',
    body: TokenWish,
    run({ hub, authorization, at, body }) {
      const app = installed(hub, authorization, at('id'));
      const repositories = chosen(hub, app, body ?? {});
      const permissions = narrowed(app, body?.permissions);
      const actor = { login: `${app.slug}[bot]`, app };
      const token = issueToken(hub, actor, { permissions, repositories, lifeMs: TOKEN_LIFE_MS });
      const isChosen = body?.repositories !== undefined || body?.repository_ids !== undefined;
      return one(
        {
          token,
          expires_at: isoOf(Date.now() + TOKEN_LIFE_MS),
          permissions,
          repository_selection: 'selected',
          ...(isChosen ? { repositories: repositories.map(name => shapeOf(hub, name)) } : {}),
        },
        201,
      );
    },
  }),
];

function installed(hub: Hub, authorization: string | undefined, id: string): App {
  const app = appOfHeader(hub, authorization);
  if (String(app.installation) !== id) throw notFound();
  return app;
}

function installationShape(hub: Hub, app: App) {
  const owner = [...app.repositories][0]?.split('/')[0] ?? 'nobody';
  return {
    id: app.installation,
    account: userShape(hub, owner),
    app_id: app.id,
    app_slug: app.slug,
    repository_selection: 'selected',
    access_tokens_url: `${apiUrl(hub)}/app/installations/${app.installation}/access_tokens`,
    permissions: app.permissions,
    events: [],
    suspended_at: null,
  };
}

function chosen(
  hub: Hub,
  app: App,
  wish: {
    readonly repositories?: readonly string[] | undefined;
    readonly repository_ids?: readonly number[] | undefined;
  },
): readonly string[] {
  const { repositories, repository_ids } = wish;
  if (repositories === undefined && repository_ids === undefined) return [...app.repositories];
  const found = [...app.repositories].filter(fullName => {
    const known = hub.repositories.get(fullName);
    return (
      known !== undefined &&
      (repositories?.includes(known.name) === true || repository_ids?.includes(known.id) === true)
    );
  });
  if (found.length < (repositories?.length ?? 0) + (repository_ids?.length ?? 0))
    throw new Refusal(
      422,
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    );
  return found;
}

function narrowed(app: App, wish: Permissions | undefined): Permissions {
  for (const [name, level] of Object.entries(wish ?? {})) {
    const has = app.permissions[name];
    if (has === undefined || (level === 'write' && has === 'read'))
      throw invalid({ code: 'custom', message: 'The permissions requested are not granted to this installation.' });
  }
  return wish ?? app.permissions;
}

function shapeOf(hub: Hub, fullName: string) {
  const known = hub.repositories.get(fullName);
  return known === undefined ? null : repositoryShape(hub, known);
}
