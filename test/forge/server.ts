import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { z } from 'zod';
import type { Hub } from './hub.ts';
import { accessOf, reaches, type Repository, type Token } from './model.ts';
import { etagOf, matches, pageOf } from './pages.ts';
import { notFound, Refusal, type RefusalReason } from './refusal.ts';
import { gitRoutes } from './routes/git-routes.ts';
import { hostRoutes } from './routes/host-routes.ts';
import { issueRoutes } from './routes/issue-routes.ts';
import { markRoutes } from './routes/mark-routes.ts';
import { pullRoutes } from './routes/pull-routes.ts';
import type { Answer, BoundRoute } from './routes/route.ts';
import { tokenOf } from './sign-in.ts';
import { admitGit, isGitPath, serveGit } from './smart-http.ts';
import type { Trouble } from './trouble.ts';

/** One request that came. `path` holds the query and, for REST, not the `/api/v3`. Status 0: the connection was cut. */
export interface LedgerEntry {
  readonly method: string;
  readonly path: string;
  readonly login: string | null;
  readonly status: number;
}

export interface ForgeServer {
  readonly url: string;
  readonly rest: LedgerEntry[];
  readonly git: LedgerEntry[];
  close(): Promise<void>;
}

const API = '/api/v3';
// A reference may hold slashes, so the routes that take one for the rest of the path come last.
const ROUTES: readonly BoundRoute[] = [...hostRoutes, ...pullRoutes, ...issueRoutes, ...markRoutes, ...gitRoutes];

/** What goes over the wire. */
interface Said {
  readonly status: number;
  readonly text: string;
  readonly headers: { readonly [name: string]: string };
  readonly login: string | null;
}

/** Serves Git and REST on a free port of the loopback address. */
export async function serveForge(hub: Hub, trouble: Trouble): Promise<ForgeServer> {
  const rest: LedgerEntry[] = [];
  const gitEntries: LedgerEntry[] = [];
  let requests = 0;
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', hub.url);
    const isGit = isGitPath(url.pathname);
    const path = `${url.pathname}${url.search}`.slice(isGit || !url.pathname.startsWith(API) ? 0 : API.length);
    requests += 1;
    const turn = { hub, trouble, request, response, url, path, number: requests };
    const ledger = isGit ? gitEntries : rest;
    const answering = isGit ? answerGit(turn) : answerRest(turn);
    answering
      .then(({ login, status }) => ledger.push({ method: request.method ?? '', path, login, status }))
      .catch((error: unknown) => {
        if (request.destroyed && !request.complete)
          return void ledger.push({ method: request.method ?? '', path, login: null, status: 0 });
        // A defect of the forge itself must not look like a failure that a test ordered.
        if (!response.headersSent) response.writeHead(599, { 'content-type': 'text/plain' });
        response.end(String(error instanceof Error ? error.stack : error));
      });
  });
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, rest, git: gitEntries, close: () => closed(server) };
}

function closed(server: Server): Promise<void> {
  return new Promise(done => {
    server.close(() => done());
    server.closeAllConnections();
  });
}

interface Turn {
  readonly hub: Hub;
  readonly trouble: Trouble;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly path: string;
  readonly number: number;
}

type Done = Pick<LedgerEntry, 'login' | 'status'>;

async function answerGit({ hub, trouble, request, response, url, path }: Turn): Promise<Done> {
  const login = loginOf(hub, request);
  try {
    const asked = admitGit(hub, url, request.headers.authorization);
    const fault = trouble.due(request.method ?? '', path);
    if (fault === null || fault.isDone === true)
      await serveGit(hub, asked, { request, response: fault === null ? response : null });
    if (fault === null) return { login, status: response.statusCode };
    return { login, status: brokenBy(fault.answer, request, response) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    request.resume();
    response.writeHead(error.status, { 'content-type': 'text/plain', ...error.headers });
    response.end(`remote: ${error.message}\n`);
    return { login, status: error.status };
  }
}

function brokenBy(answer: number | 'lost', request: IncomingMessage, response: ServerResponse): number {
  if (answer === 'lost') {
    request.socket.destroy();
    return 0;
  }
  request.resume();
  response.writeHead(answer, { 'content-type': 'text/html' });
  response.end('<html><body>Unicorn!</body></html>');
  return answer;
}

async function answerRest(turn: Turn): Promise<Done> {
  const { hub, trouble, request, response, path } = turn;
  const sent = await bodyOf(request);
  const fault = trouble.due(request.method ?? '', path);
  const login = loginOf(hub, request);
  if (fault !== null && fault.isDone !== true) return { login, status: brokenBy(fault.answer, request, response) };
  const said = await hub.lock(() => spoken(turn, sent));
  if (fault !== null) return { login, status: brokenBy(fault.answer, request, response) };
  const date = new Date(hub.clock.now()).toUTCString();
  response.writeHead(said.status, { ...said.headers, date, 'x-github-request-id': String(turn.number) });
  response.end(said.text);
  return { login: said.login, status: said.status };
}

function loginOf(hub: Hub, request: IncomingMessage): string | null {
  try {
    return tokenOf(hub, request.headers.authorization).actor.login;
  } catch {
    return null;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const part of request) chunks.push(part as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Runs the route and puts its answer, or its refusal, into words. */
async function spoken(turn: Turn, sent: string): Promise<Said> {
  const { hub, trouble, request, url, path } = turn;
  const login = loginOf(hub, request);
  const method = request.method ?? '';
  try {
    if (login !== null) trouble.spend(login, { method, path });
    const answer = await routed(turn, sent);
    const { text, link } = worded(answer, url);
    const headers: { [name: string]: string } = { ...limits(trouble, login), ...(link === null ? {} : { link }) };
    if (answer.status === 204) return { status: 204, text: '', headers, login };
    headers['content-type'] = 'application/json; charset=utf-8';
    if (method !== 'GET') return { status: answer.status, text, headers, login };
    headers['etag'] = etagOf(text, login ?? '');
    headers['cache-control'] = 'private, max-age=60, s-maxage=60';
    headers['vary'] = 'Accept, Authorization';
    if (!matches(request.headers['if-none-match'], headers['etag']))
      return { status: answer.status, text, headers, login };
    // What did not change costs nothing.
    if (login !== null) trouble.refund(login);
    return { status: 304, text: '', headers: { ...headers, ...limits(trouble, login) }, login };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { status, message, reasons } = error;
    const text = JSON.stringify({
      message,
      ...(reasons.length === 0 ? {} : { errors: reasons }),
      ...DOCUMENTED,
      status: String(status),
    });
    const headers = { 'content-type': 'application/json; charset=utf-8', ...limits(trouble, login), ...error.headers };
    return { status, text, headers, login };
  }
}

const DOCUMENTED = { documentation_url: 'https://docs.github.com/rest' };

function limits(trouble: Trouble, login: string | null): { readonly [name: string]: string } {
  return login === null ? {} : trouble.headers(login);
}

function worded(answer: Answer, url: URL): { readonly text: string; readonly link: string | null } {
  if (!('list' in answer)) return { text: JSON.stringify(answer.json) ?? '', link: answer.link ?? null };
  const { items, link } = pageOf(url, answer.list);
  const json = answer.listName === undefined ? items : { ...answer.more, [answer.listName]: items };
  return { text: JSON.stringify(json), link };
}

async function routed({ hub, request, url }: Turn, sent: string): Promise<Answer> {
  const { authorization } = request.headers;
  const path = url.pathname.slice(API.length);
  if (url.pathname === '/api/graphql') return viewer(hub, authorization);
  if (!url.pathname.startsWith(API)) throw notFound();
  const method = request.method ?? '';
  const found = ROUTES.find(route => route.method === method && route.pattern.test(path));
  // Who is nobody learns nothing, not even that an address does not exist.
  if (found === undefined) {
    tokenOf(hub, authorization);
    throw notFound();
  }
  const parts = found.pattern.exec(path)?.groups ?? {};
  const at = (name: string): string => decodeURIComponent(parts[name] ?? '');
  if (found.rule === null) return found.runHost({ hub, authorization, at, body: bodyFor(found.body, sent) });
  const token = tokenOf(hub, authorization);
  const repository = hub.repositories.get(`${at('owner')}/${at('repo')}`);
  if (repository === undefined) throw notFound();
  admit(repository, { token, method, rule: found.rule });
  const body = bodyFor(found.body, sent);
  return found.runAt({ hub, actor: token.actor, token, repository, at, url, query: url.searchParams, body });
}

/** The one question that people ask of the other interface here: who am I? */
function viewer(hub: Hub, authorization: string | undefined): Answer {
  const { actor } = tokenOf(hub, authorization);
  return { status: 200, json: { data: { viewer: { login: actor.login } } } };
}

function admit(
  repository: Repository,
  asked: { readonly token: Token; readonly method: string; readonly rule: NonNullable<BoundRoute['rule']> },
): void {
  const { token, method, rule } = asked;
  const { actor } = token;
  if (token.repositories?.includes(repository.fullName) === false) throw notFound();
  if (actor.app === null) {
    const access = accessOf(repository, actor.login);
    if (!reaches(access, 'read') || (rule.access === 'admin' && access !== 'admin')) throw notFound();
    if (!reaches(access, rule.access)) throw new Refusal(403, 'Must have push access to repository');
  }
  if (token.permissions === null) return;
  const wanted = method === 'GET' ? 'read' : 'write';
  const names = rule.permission.split('|');
  const levels = { metadata: 'read', ...token.permissions } as { readonly [name: string]: string };
  if (names.some(name => levels[name] === 'write' || levels[name] === wanted)) return;
  const headers = { 'x-accepted-github-permissions': names.map(name => `${name}=${wanted}`).join('; ') };
  const kind = actor.app === null ? 'personal access token' : 'integration';
  throw new Refusal(403, `Resource not accessible by ${kind}`, { headers });
}

function bodyFor(shape: z.ZodType | null, sent: string): unknown {
  if (shape === null) return null;
  let json: unknown;
  try {
    json = sent === '' ? null : JSON.parse(sent);
  } catch {
    throw new Refusal(400, 'Problems parsing JSON');
  }
  const parsed = shape.safeParse(json);
  if (parsed.success) return parsed.data;
  const reasons = parsed.error.issues.map(
    (issue): RefusalReason => ({ field: issue.path.map(String).join('.'), code: 'invalid', message: issue.message }),
  );
  throw new Refusal(422, 'Invalid request.', { reasons });
}
