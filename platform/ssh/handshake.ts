import type { Duplex } from 'node:stream';
import ssh2, { type Client } from 'ssh2';
import type { HostTarget } from '../../schemas/host.ts';
import type { ProviderFault } from '../../schemas/provider.ts';
import { nameOf, refused } from './failure.ts';
import type { Identity } from './identity.ts';
import { fingerprint, type Pin } from './pin.ts';

export interface HandshakeOptions {
  readonly pin: Pin;
  readonly identity: Identity;
  readonly connectMs: number;
  /** Time between two questions whether the host is still there; three without an answer end the connection. */
  readonly keepaliveMs: number;
}

/** How many questions may stay without an answer. */
const UNANSWERED = 3;

/**
 * Proves both sides to each other. The host's key is compared before anything of ours is sent: no user name, no key, no
 * command.
 */
export function handshake(stream: Duplex, target: HostTarget, options: HandshakeOptions): Promise<Client> {
  const { pin, identity, connectMs, keepaliveMs } = options;
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client();
    let shown: Buffer | undefined;
    const fail = (error: LevelError): void => {
      client.destroy();
      // A connection that was given up may still report trouble.
      client.on('error', () => {});
      reject(handshakeFault(error, target, { shown, options }));
    };
    client.once('error', fail);
    client.once('close', () => fail(new Error('closed')));
    client.once('ready', () => {
      // From here on every command hears of the loss of its connection by itself.
      client
        .removeAllListeners('error')
        .removeAllListeners('close')
        .on('error', () => {});
      resolve(client);
    });
    client.connect({
      sock: stream as NonNullable<Parameters<Client['connect']>[0]['sock']>,
      username: target.user,
      authHandler: identity.methods(target.user),
      algorithms: { serverHostKey: pin.algorithms },
      hostVerifier: (key: Buffer) => {
        shown = key;
        return key.equals(pin.blob);
      },
      readyTimeout: connectMs,
      keepaliveInterval: keepaliveMs,
      keepaliveCountMax: UNANSWERED,
    });
  });
}

type LevelError = Error & { readonly level?: string };

function handshakeFault(
  error: LevelError,
  target: HostTarget,
  { shown, options }: { readonly shown: Buffer | undefined; readonly options: HandshakeOptions },
): ProviderFault {
  const name = nameOf(target);
  const { pin, identity, connectMs } = options;
  const pinned = fingerprint(pin.blob);
  if (shown !== undefined && !shown.equals(pin.blob)) {
    const message = `${name} shows the host key ${fingerprint(shown)}, but ${pinned} is pinned: nothing was sent. If it was rebuilt, record its new key; otherwise somebody stands between`;
    return refused('forbidden', 'host-key', message);
  }
  if (error.level === 'handshake' && error.message.includes('host key format')) {
    const [type = ''] = target.hostKey.split(' ');
    const message = `${name} has no host key of the sort ${type}, but ${pinned} is pinned: nothing was sent`;
    return refused('forbidden', 'host-key', message);
  }
  if (error.level === 'client-authentication')
    return refused('unauthenticated', 'login', `${name} refused the login with ${identity.said}`);
  const slow = error.level === 'client-timeout';
  const why = slow ? `the login took longer than ${Math.ceil(connectMs / 1_000)} s` : 'the connection was cut';
  return refused('transient', 'unreachable', `${name} cannot be reached: ${why}`);
}
