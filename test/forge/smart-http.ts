import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { notice } from './branches.ts';
import { gitEnvironment } from './git.ts';
import type { Hub } from './hub.ts';
import { accessOf, reaches, type Repository, type Token } from './model.ts';
import { rulesFor } from './protection.ts';
import { Refusal } from './refusal.ts';
import { tokenOf } from './sign-in.ts';

/** One request of a Git client. */
export interface GitAsked {
  readonly repository: Repository;
  readonly login: string | null;
  readonly isPush: boolean;
  /** `/info/refs`, `/git-upload-pack`, `/git-receive-pack` */
  readonly service: string;
  readonly url: URL;
}

const PATH = /^\/([^/]+\/[^/]+?)(?:\.git)?(\/info\/refs|\/git-(?:upload|receive)-pack)$/;

/** Whether an address belongs to Git and not to the REST interface. */
export function isGitPath(path: string): boolean {
  return PATH.test(path);
}

/** Who wants what. Throws Refusal 401, 403 or 404, as GitHub does. */
export function admitGit(hub: Hub, url: URL, authorization: string | undefined): GitAsked {
  const [, fullName = '', service = ''] = PATH.exec(url.pathname) ?? [];
  const isPush = service === '/git-receive-pack' || url.searchParams.get('service') === 'git-receive-pack';
  const repository = hub.repositories.get(fullName);
  const token = authorization === undefined ? null : tokenOf(hub, authorization);
  if (token === null && (repository === undefined || repository.isPrivate || isPush)) {
    const headers = { 'www-authenticate': 'Basic realm="GitHub"' };
    throw new Refusal(401, 'Requires authentication', { headers });
  }
  const may = (wanted: 'read' | 'write'): boolean => repository !== undefined && mayUse(repository, token, wanted);
  if (repository === undefined || !may('read')) throw new Refusal(404, 'Repository not found.');
  const login = token?.actor.login ?? null;
  if (isPush && !may('write')) throw new Refusal(403, `Permission to ${fullName}.git denied to ${login}.`);
  return { repository, login, isPush, service, url };
}

function mayUse(repository: Repository, token: Token | null, wanted: 'read' | 'write'): boolean {
  if (token === null || token.actor.app === null) {
    if (!reaches(accessOf(repository, token?.actor.login ?? null), wanted)) return false;
  }
  if (token === null) return true;
  const level = token.permissions === null ? 'write' : token.permissions['contents'];
  return token.repositories?.includes(repository.fullName) !== false && (level === 'write' || level === wanted);
}

/**
 * Answers a Git client with Git's own service. A push is taken in whole before anything is done with it, so that a client that stops
 * in the middle stops nobody else; its consequences are there before it is answered.
 */
export async function serveGit(
  hub: Hub,
  asked: GitAsked,
  { request, response }: { readonly request: IncomingMessage; readonly response: ServerResponse | null },
): Promise<void> {
  const teller = tell(response);
  if (asked.service === '/git-receive-pack') {
    const sent: Buffer[] = [];
    for await (const part of request) sent.push(part as Buffer);
    await hub.lock(async () => {
      await run(hub, asked, { request, input: Readable.from(sent), onPart: teller.part });
      await notice(hub, asked.repository, { by: asked.login ?? 'ghost' });
    });
  } else await run(hub, asked, { request, input: request, onPart: teller.part });
  teller.end();
}

/** Turns what the service prints into an answer: headers first, then the rest as it comes. */
function tell(response: ServerResponse | null): { part(part: Buffer): void; end(): void } {
  let head = Buffer.alloc(0);
  let isBody = false;
  return {
    part(part) {
      if (isBody) return void response?.write(part);
      head = Buffer.concat([head, part]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) return;
      isBody = true;
      const fields = head
        .subarray(0, end)
        .toString()
        .split('\r\n')
        .map(line => line.split(/: (.*)/));
      const status = fields.find(([name]) => name === 'Status')?.[1] ?? '200';
      const headers = fields.flatMap(([name = '', value = '']) => (name === 'Status' ? [] : [[name, value] as const]));
      response?.writeHead(Number.parseInt(status, 10), Object.fromEntries(headers));
      response?.write(head.subarray(end + 4));
    },
    end() {
      if (!isBody) response?.writeHead(500);
      response?.end();
    },
  };
}

function run(
  hub: Hub,
  asked: GitAsked,
  of: { readonly request: IncomingMessage; readonly input: Readable; readonly onPart: (part: Buffer) => void },
): Promise<void> {
  const { repository, login, service, url } = asked;
  const { request, input, onPart } = of;
  return new Promise((done, failed) => {
    const child = spawn('git', ['http-backend'], {
      env: {
        ...gitEnvironment(),
        GIT_PROJECT_ROOT: hub.root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: `/${repository.fullName}.git${service}`,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method ?? 'GET',
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        REMOTE_ADDR: '127.0.0.1',
        ...(login === null ? {} : { REMOTE_USER: login }),
        FORGE_LOCKED: locked(repository, login ?? 'ghost'),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    // A client that went away in the middle of a request ends the service too. After the end the pipe closes it in its own time.
    const stop = (): void => {
      if (!input.readableEnded) child.stdin.destroy();
    };
    input.pipe(child.stdin);
    input.once('close', stop);
    child.stdin.on('error', () => {});
    child.stdout.on('data', onPart);
    child.on('error', failed);
    child.on('close', () => {
      input.off('close', stop);
      done();
    });
  });
}

/** Branches that this account may not push to, or may not rewrite, for the hook in the repository. */
function locked(repository: Repository, login: string): string {
  return [...repository.protections.keys()]
    .flatMap(branch => {
      const rules = rulesFor(repository, branch, login);
      if (rules === undefined) return [];
      const isLocked = rules.approvals !== undefined || (rules.checks ?? []).length > 0;
      return [`${isLocked ? 'locked' : 'guarded'} refs/heads/${branch}`];
    })
    .join('\n');
}
