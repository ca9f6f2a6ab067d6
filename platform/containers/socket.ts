import { connect } from 'node:net';

/** Address of an engine that listens at a socket of this machine. */
export function socketUrl(socket: string): string {
  return `http+unix://${encodeURIComponent(socket)}`;
}

/** Null when somebody listens at a socket; otherwise why it cannot be used, as the code of the system. */
export function socketRefusal(socket: string): Promise<string | null> {
  return new Promise(resolve => {
    const open = connect(socket);
    open.once('connect', () => {
      open.destroy();
      resolve(null);
    });
    open.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
  });
}
