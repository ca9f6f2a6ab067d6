import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, expect, test } from 'vitest';
import { gitFault } from '../../../platform/git/failure.ts';
import { nativeGit } from '../../../platform/git/native.ts';
import { Fault } from '../../../schemas/fault.ts';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function remoteThat(answer: (respond: { status(code: number): void; hang(): void }) => void): Promise<string> {
  server = createServer((_request, response) => {
    answer({
      status(code) {
        response.statusCode = code;
        if (code === 401) response.setHeader('www-authenticate', 'Basic realm="x"');
        response.end('<html>a secret of the host</html>');
      },
      hang: () => {},
    });
  });
  await new Promise<void>(resolve => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/shop.git`;
}

async function asked(remote: string, timeoutMs = 20_000): Promise<Fault> {
  const call = nativeGit().network({ directory: tmpdir(), command: 'ls-remote', remote, timeoutMs });
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Fault) return error;
  throw new Error('a Fault was expected', { cause: error });
}

test.each([
  [401, 'GIT-AUTH'],
  [403, 'GIT-FORBIDDEN'],
  [404, 'GIT-NOT-FOUND'],
  [500, 'GIT-REMOTE-ERROR'],
  [503, 'GIT-REMOTE-ERROR'],
])('a remote that answers %i is unavailable, as %s', async (status, id) => {
  const fault = await asked(await remoteThat(respond => respond.status(status)));
  expect(fault.code).toBe('unavailable');
  expect(fault.problems[0]?.id).toBe(id);
  expect(JSON.stringify(fault.problems)).not.toMatch(/secret|127\.0\.0\.1|fatal/);
});

test('a remote that does not answer is given up', async () => {
  const fault = await asked(await remoteThat(respond => respond.hang()), 300);
  expect(fault).toMatchObject({ code: 'unavailable', problems: [{ id: 'GIT-TIMEOUT' }] });
});

test('a remote that is not there is unavailable', async () => {
  expect((await asked('http://127.0.0.1:1/shop.git')).problems[0]?.id).toBe('GIT-CONNECTION');
});

test.each([
  ["fatal: transport 'ext' not allowed", 'GIT-PROTOCOL', 'usage'],
  ['fatal: detected dubious ownership in repository at /srv', 'GIT-OWNER', 'denied'],
  ['git@host: Permission denied (publickey).', 'GIT-AUTH', 'unavailable'],
  ['Host key verification failed.', 'GIT-HOST-KEY', 'unavailable'],
  ['fatal: unable to access: SSL certificate problem: self-signed certificate', 'GIT-TLS', 'unavailable'],
  ['fatal: unable to access: Could not resolve host: git.example.com', 'GIT-DNS', 'unavailable'],
  ['fatal: write error: No space left on device', 'GIT-DISK-FULL', 'unavailable'],
  [`error: object ${'a'.repeat(40)}: hasDotgit: fsck error`, 'GIT-OBJECT', 'integrity'],
  ['something new that says hunter2', 'GIT', 'unavailable'],
])('%s is %s', (stderr, id, code) => {
  const fault = gitFault(stderr, 'fetch');
  expect(fault.code).toBe(code);
  expect(fault.problems[0]?.id).toBe(id);
  expect(JSON.stringify(fault)).not.toContain('hunter2');
});
