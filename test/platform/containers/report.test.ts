import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createListener } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { engineReport } from '../../../platform/containers/report.ts';
import { withSockets } from '../../../platform/containers/unix-fetch.ts';

/** Sockets of engines and of what is none, each found by the way that people name it. */
describe('what is said of the engine of a machine', () => {
  const home = mkdtempSync(join(tmpdir(), 'provisioning-engine-'));
  const at = (name: string): string => join(home, name);
  const servers: Server[] = [];
  beforeAll(async () => {
    const versions = {
      podman: { Components: [{ Name: 'Podman Engine', Version: '4.3.1' }] },
      docker: { Components: [{ Name: 'Engine', Version: '20.10.24+dfsg1' }] },
      other: { hello: 'there' },
    };
    for (const [name, version] of Object.entries(versions)) {
      const server = createServer((_ask, answer) => answer.end(JSON.stringify(version)));
      servers.push(server);
      await once(server.listen(at(name)), 'listening');
    }
    writeFileSync(at('file'), '');
    // A socket stays when its process is killed: the listener is closed behind the back of its name.
    const dead = createListener();
    await once(dead.listen(at('alive')), 'listening');
    const { renameSync } = await import('node:fs');
    renameSync(at('alive'), at('dead'));
    await new Promise(resolve => dead.close(resolve));
  });
  afterAll(() => {
    for (const server of servers) server.close();
    rmSync(home, { recursive: true });
  });

  const report = (
    entry: { engine?: 'podman' | 'docker'; socket?: string },
    environment: { [name: string]: string } = {},
  ) => engineReport({ home, environment, ...entry }, withSockets(globalThis.fetch));

  it.each([
    [{ socket: at('podman') }, {}, `podman 4.3.1 at ${at('podman')} (\`socket\` of the provider)`],
    [{}, { CONTAINER_HOST: `unix://${at('podman')}` }, `podman 4.3.1 at ${at('podman')} (CONTAINER_HOST)`],
    [
      { engine: 'docker' as const },
      { CONTAINER_HOST: `unix://${at('podman')}`, DOCKER_HOST: `unix://${at('docker')}` },
      `Docker 20.10.24+dfsg1 at ${at('docker')} (DOCKER_HOST)`,
    ],
  ])('%j with %j', async (entry, environment, what) => {
    expect(await report(entry, environment)).toEqual({ isUsable: true, what });
  });

  it.each([
    [
      { socket: at('none') },
      `${at('none')} (\`socket\` of the provider) does not exist: start it: podman system service --time=0 unix://${at('none')}`,
    ],
    [{ socket: at('none'), engine: 'docker' as const }, 'systemctl start docker'],
    [{ socket: at('dead') }, 'is a socket that nobody listens at any more: start it'],
    [{ socket: at('file') }, 'nobody listens at any more'],
    [{ socket: at('other') }, 'look whether that is a container engine'],
  ])('%j is nothing to work with, and the remedy is named', async (entry, fix) => {
    const told = await report(entry);
    expect(told.isUsable).toBe(false);
    expect(told.fix).toContain(fix);
  });

  it('names the packages that are missing, and starts nothing', async () => {
    const told = await report({}, { PATH: '/nowhere' });
    if (told.isUsable) expect(told.what).toMatch(/ at \//);
    else expect(told.fix).toMatch(/^install what is missing: apt-get install .*podman/);
  });
});
