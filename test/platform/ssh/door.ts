import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/** A TCP address in front of a server that counts, cuts and freezes what goes through it. */
export interface Door {
  readonly port: number;
  connections(): number;
  /** Those that are open now. */
  live(): number;
  received(): Buffer;
  cut(): void;
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

/** `arrive` gets every connection, for example to hand it to a server of this process. */
export async function openDoor(arrive: (socket: Socket) => void, port = 0): Promise<Door> {
  const sockets = new Set<Socket>();
  const parts: Buffer[] = [];
  let count = 0;
  const server: Server = createServer(socket => {
    count += 1;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('data', part => void parts.push(part));
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    arrive(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const each = (act: (socket: Socket) => void): void => [...sockets].forEach(act);
  return {
    port: (server.address() as { port: number }).port,
    connections: () => count,
    live: () => sockets.size,
    received: () => Buffer.concat(parts),
    cut: () => each(socket => socket.destroy()),
    freeze: () => each(socket => socket.pause()),
    thaw: () => each(socket => socket.resume()),
    close: async () => {
      each(socket => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}

/** For `openDoor`: hands every connection on to a port of this machine. */
export function onwards(port: number): (socket: Socket) => void {
  return socket => {
    const inner = connect({ host: '127.0.0.1', port, noDelay: true });
    socket.pipe(inner).pipe(socket);
    inner.on('error', () => socket.destroy());
    inner.on('close', () => socket.destroy());
    socket.on('close', () => inner.destroy());
  };
}
