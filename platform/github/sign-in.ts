import { z } from 'zod';
import { Fault } from '../../schemas/fault.ts';
import { admitCredential, type GithubCredential } from './credential.ts';
import type { Ask, Line } from './line.ts';
import { Login } from './shapes.ts';

/** Who this program is at the host. */
export interface SignIn {
  token(): Promise<string>;
  /** Forgets a token that the host did not accept; false when there is no other. */
  renew(): boolean;
  /** Asks the host for the login. */
  account(): Promise<string>;
}

const User = z.object({ login: Login });
const Viewer = z.object({ data: z.object({ viewer: User }) });
const App = z.object({ slug: z.string().min(1) });
const Installation = z.object({ id: z.int() });

/** Signs in with a token, or as a GitHub App for one repository only. */
export async function signIn(
  line: Line,
  options: { readonly credential: GithubCredential; readonly owner: string; readonly repo: string },
): Promise<SignIn> {
  const credential = admitCredential(options.credential);
  return 'token' in credential ? asToken(line, credential.token) : asApp(line, { ...options, ...credential });
}

function asToken(line: Line, token: string): SignIn {
  const authorization = `token ${token}`;
  return {
    token: () => Promise.resolve(token),
    renew: () => false,
    async account() {
      try {
        return (await ask(line, { route: 'GET /user', about: 'the account of this credential', authorization }, User))
          .login;
      } catch (error) {
        if (!(error instanceof Fault && error.data['status'] === 403)) throw error;
        // The token of a workflow or of an App belongs to no user. Only the other API says whom it stands for.
        const route = `POST ${line.apiUrl.replace(/\/v3$/, '')}/graphql`;
        const params = { query: 'query { viewer { login } }' };
        const told = await ask(line, { route, about: 'the account of this credential', params, authorization }, Viewer);
        return told.data.viewer.login;
      }
    },
  };
}

async function asApp(
  line: Line,
  app: {
    readonly appId: string;
    readonly privateKey: string;
    readonly installationId?: number;
    readonly owner: string;
    readonly repo: string;
  },
): Promise<SignIn> {
  const { createAppAuth } = await import('@octokit/auth-app');
  const { appId, privateKey, owner, repo } = app;
  const auth = createAppAuth({ appId, privateKey, request: line.request, log: { warn: () => {} } });
  let installation = app.installationId;
  let isStale = false;
  const asItself = async (): Promise<string> => `bearer ${(await auth({ type: 'app' })).token}`;
  const installed = async (): Promise<number> => {
    const about = `installation of this GitHub App on ${owner}/${repo}`;
    const authorization = await asItself();
    const route = 'GET /repos/{owner}/{repo}/installation';
    return (await ask(line, { route, about, params: { owner, repo }, authorization }, Installation)).id;
  };
  return {
    async token() {
      installation ??= await installed();
      const refresh = isStale;
      isStale = false;
      const about = { about: 'installation of this GitHub App', repeatable: true };
      // Narrowed to the one repository, so that the token is worth less to whoever may steal it.
      const wanted = { type: 'installation' as const, installationId: installation, repositoryNames: [repo], refresh };
      return (await line.patiently(about, () => auth(wanted))).token;
    },
    renew() {
      isStale = true;
      return true;
    },
    async account() {
      const authorization = await asItself();
      return `${(await ask(line, { route: 'GET /app', about: 'this GitHub App', authorization }, App)).slug}[bot]`;
    },
  };
}

async function ask<T>(line: Line, what: Ask & { readonly authorization: string }, shape: z.ZodType<T>): Promise<T> {
  const told = await line.patiently({ about: what.about, repeatable: true }, () => line.call(what, shape));
  return told.value;
}
