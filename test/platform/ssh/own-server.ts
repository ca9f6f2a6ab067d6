import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import ssh2, { type AuthContext, type Server, type ServerChannel, type Session } from 'ssh2';
import { openDoor } from './door.ts';
import { newKey } from './keys.ts';
import type { HostSite } from './site.ts';

export interface OwnSite extends HostSite {
  /** Who asked to be let in, and what was to be run. */
  readonly logins: string[];
  readonly lines: string[];
  /** Connections that are open now. */
  live(): number;
  /** Most commands that ran at one time in one connection. */
  most(): number;
}

/** A server of the ssh2 package in this process. It runs commands with a real shell, in `environment`. */
export async function openOwnServer(
  options: { readonly user?: string; readonly environment?: NodeJS.ProcessEnv; readonly forwarding?: boolean } = {},
): Promise<OwnSite> {
  const [hostKey, clientKey] = [newKey(), newKey()];
  const logins: string[] = [];
  const lines: string[] = [];
  let most = 0;
  const server: Server = new ssh2.Server({ hostKeys: [hostKey.private] }, client => {
    let running = 0;
    client.on('error', () => {});
    client.on('authentication', context => void authenticate(context));
    client.on('session', accept => serve(accept()));
    // A server that listens to nobody here forbids it.
    if (options.forwarding !== false) client.on('tcpip', forward);
    const serve = (session: Session): void => {
      session.on('exec', (accept, _refuse, { command }) => {
        lines.push(command);
        running += 1;
        most = Math.max(most, running);
        execute(accept(), command, options.environment, () => (running -= 1));
      });
    };
  });
  const authenticate = (context: AuthContext): void => {
    logins.push(`${context.username} ${context.method}`);
    const allowed = Buffer.from(clientKey.public.split(' ')[1] ?? '', 'base64');
    const right = context.method === 'publickey' && context.key.data.equals(allowed);
    const key = ssh2.utils.parseKey(clientKey.public);
    if (context.method !== 'publickey' || !right || key instanceof Error) return context.reject(['publickey']);
    if (context.signature === undefined) return context.accept();
    const { blob, signature, hashAlgo } = context;
    return key.verify(blob as Buffer, signature, hashAlgo) === true ? context.accept() : context.reject();
  };
  const arrive = (socket: Parameters<Server['injectSocket']>[0]): void => server.injectSocket(socket);
  let door = await openDoor(arrive as never);
  const { port } = door;
  return {
    hostKey,
    clientKey,
    logins,
    lines,
    live: () => door.live(),
    most: () => most,
    target: {
      address: '127.0.0.1',
      port,
      user: options.user ?? 'root',
      hostKey: hostKey.public,
      identity: { key: 'env:KEY' },
    },
    connections: () => door.connections(),
    received: () => door.received(),
    cut: () => door.cut(),
    freeze: () => door.freeze(),
    thaw: () => door.thaw(),
    async reboot() {
      await door.close();
      return {
        up: async () => {
          door = await openDoor(arrive as never, port);
        },
      };
    },
    close: () => door.close(),
  };
}

function execute(
  channel: ServerChannel,
  command: string,
  environment: NodeJS.ProcessEnv | undefined,
  end: () => void,
): void {
  const child = spawn('/bin/sh', ['-c', command], { env: environment ?? process.env, stdio: 'pipe' });
  channel.pipe(child.stdin);
  child.stdin.on('error', () => {});
  channel.on('error', () => {});
  child.stdout.pipe(channel, { end: false });
  child.stderr.pipe(channel.stderr, { end: false });
  child.on('close', (code, signal) => {
    end();
    if (signal === null) channel.exit(code ?? 0);
    else channel.exit(signal.replace('SIG', ''), false, '');
    channel.end();
  });
}

function forward(
  accept: () => ServerChannel,
  refuse: () => void,
  { destIP, destPort }: { readonly destIP: string; readonly destPort: number },
): void {
  const inner = connect(destPort, destIP, () => {
    const outer = accept();
    outer.pipe(inner).pipe(outer);
    outer.on('error', () => inner.destroy()).on('close', () => inner.destroy());
  });
  inner.once('error', () => refuse());
}
