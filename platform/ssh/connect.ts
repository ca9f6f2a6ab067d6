import type { LimitFunction } from 'p-limit';
import type { HostTarget } from '../../schemas/host.ts';
import type { Secrets } from '../../schemas/secret.ts';
import type { World } from '../../schemas/world.ts';
import { dial, dialThrough } from './dial.ts';
import { handshake } from './handshake.ts';
import { identityOf } from './identity.ts';
import { type Link, openLink } from './link.ts';
import { pinOf } from './pin.ts';

export interface ConnectParts {
  readonly world: World;
  readonly secrets: Secrets;
  /** Socket of the SSH agent (`SSH_AUTH_SOCK`), where one runs. */
  readonly agent: string | undefined;
  readonly times: Times;
  readonly handshakes: LimitFunction;
  /** The connection to another host, for one that is reached through it. */
  linkTo(target: HostTarget): Promise<Link>;
}

/** Milliseconds. */
export interface Times {
  /** For a connection, and again for the login. */
  readonly connectMs: number;
  /** Between two questions whether a host is still there; after three without an answer it is not. */
  readonly keepaliveMs: number;
  /** After which a connection that nobody uses is ended. */
  readonly idleMs: number;
  /** How long a host that was there before is waited for. A reboot takes less. */
  readonly reconnectMs: number;
}

/** A new connection. Whatever is missing on our side is said before anybody is contacted. */
export async function connect(target: HostTarget, parts: ConnectParts): Promise<Link> {
  const { world, times, handshakes } = parts;
  const pin = pinOf(target);
  const identity = await identityOf(target.identity, parts);
  const { via } = target;
  const between = via === undefined ? undefined : { via, link: await parts.linkTo(via) };
  await world.reach('ssh.connect.before');
  const release = between?.link.hold();
  try {
    const client = await handshakes(async () => {
      const stream = await (between === undefined
        ? dial(target, times.connectMs)
        : dialThrough(between.link.client, target, between.via));
      return handshake(stream, target, { pin, identity, ...times });
    });
    const link = openLink(client, target, { world, idleMs: times.idleMs });
    if (release !== undefined) link.onGone(release);
    await world.reach('ssh.connect.after');
    return link;
  } catch (error) {
    release?.();
    throw error;
  }
}
