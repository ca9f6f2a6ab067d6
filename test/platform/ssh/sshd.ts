import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Door, onwards, openDoor } from './door.ts';
import { newKey } from './keys.ts';
import type { HostSite } from './site.ts';

export interface SshdSite extends HostSite {
  /** Processes of this sshd, the listening one first. */
  processes(): number[];
  /** Its address without the counting door in front. */
  readonly inner: number;
}

/** A real sshd on loopback, which lets root in, behind a door that counts. `more` is added to its configuration. */
export async function openSshd(more: readonly string[] = []): Promise<SshdSite> {
  const folder = mkdtempSync(join(tmpdir(), 'sshd-'));
  const [hostKey, clientKey] = [newKey(), newKey()];
  const inner = await freePort();
  writeFileSync(join(folder, 'host'), hostKey.private, { mode: 0o600 });
  writeFileSync(join(folder, 'authorized'), `${clientKey.public}\n`);
  mkdirSync('/run/sshd', { recursive: true });
  const lines = [
    `Port ${inner}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host')}`,
    `AuthorizedKeysFile ${join(folder, 'authorized')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'MaxStartups 100',
    // The start-up files of whoever runs the tests may take longer than all the rest.
    `SetEnv HOME=${folder}`,
    ...more,
  ];
  writeFileSync(join(folder, 'config'), `${lines.join('\n')}\n`);
  let sshd = await startSshd(folder);
  let door: Door = await openDoor(onwards(inner));
  const { port } = door;
  const processes = (): number[] => withChildren(sshd.pid ?? 0);
  const signal = (name: NodeJS.Signals): void => processes().forEach(pid => process.kill(pid, name));
  const stop = async (): Promise<void> => {
    // Its children outlive the listening one, as they do when only that is restarted.
    signal('SIGKILL');
    await once(sshd, 'exit');
    await door.close();
  };
  return {
    hostKey,
    clientKey,
    inner,
    processes,
    target: { address: '127.0.0.1', port, user: 'root', hostKey: hostKey.public, identity: { key: 'env:KEY' } },
    connections: () => door.connections(),
    received: () => door.received(),
    cut: () => door.cut(),
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    async reboot() {
      await stop();
      return {
        up: async () => {
          sshd = await startSshd(folder);
          door = await openDoor(onwards(inner), port);
        },
      };
    },
    async close() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function startSshd(folder: string): Promise<ChildProcess> {
  const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    sshd.stderr.on('data', (part: Buffer) => {
      said += part.toString();
      if (said.includes('Server listening')) resolve();
    });
    sshd.once('exit', () => reject(new Error(`sshd ended: ${said}`)));
  });
  return sshd;
}

/** A process and all below it, as far as they are sshd. */
function withChildren(pid: number): number[] {
  const children = readText(`/proc/${pid}/task/${pid}/children`).trim().split(/\s+/).filter(Boolean).map(Number);
  const own = children.filter(child => readText(`/proc/${child}/comm`).startsWith('sshd'));
  return [pid, ...own.flatMap(withChildren)];
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
