import pLimit from 'p-limit';
import type { HostCommand, HostTarget, OpenHost, Ran } from '../../schemas/host.ts';
import { connect, type ConnectParts, type Times } from './connect.ts';
import { isTransient } from './failure.ts';
import type { Link } from './link.ts';
import { commandLine } from './words.ts';

export interface HostsOptions extends Pick<ConnectParts, 'world' | 'secrets' | 'agent'> {
  readonly times?: Partial<Times>;
}

const TIMES: Times = { connectMs: 15_000, keepaliveMs: 5_000, idleMs: 60_000, reconnectMs: 60_000 };

/** Between two attempts to reach a host that was there before. */
const PAUSE_MS = 500;

/** Handshakes at once: they are the costly part, and one processor does about twenty in a second. */
const HANDSHAKES = 32;

/** Opens hosts over SSH: one connection for each, shared by everybody, made when it is needed. */
export function openHosts(options: HostsOptions): OpenHost {
  const { clock } = options.world;
  const times = { ...TIMES, ...options.times };
  const links = new Map<string, Promise<Link>>();
  const parts: ConnectParts = {
    ...options,
    times,
    handshakes: pLimit(HANDSHAKES),
    linkTo(target) {
      const key = keyOf(target);
      const known = links.get(key);
      if (known !== undefined) return known;
      const made = connect(target, parts);
      links.set(key, made);
      const forget = (): void => {
        if (links.get(key) === made) links.delete(key);
      };
      made.then(link => link.onGone(forget), forget);
      return made;
    },
  };
  const run = async (target: HostTarget, command: HostCommand): Promise<Ran> => {
    // Words that cannot be sent are refused before anybody is contacted.
    commandLine(command, false);
    const until = clock.monotonic() + Math.min(command.timeoutMs, times.reconnectMs);
    for (;;) {
      try {
        return await (await parts.linkTo(target)).run(command);
      } catch (error) {
        if (!isTransient(error) || clock.monotonic() + PAUSE_MS > until) throw error;
        await clock.sleep(PAUSE_MS, command.signal).catch(() => Promise.reject(error));
      }
    }
  };
  const close = async (target: HostTarget): Promise<void> => {
    const key = keyOf(target);
    const link = links.get(key);
    links.delete(key);
    (await link?.catch(() => undefined))?.end();
  };
  return async target => {
    await parts.linkTo(target);
    return { run: command => run(target, command), close: () => close(target) };
  };
}

/** Two targets share a connection when all that decides about it is the same. */
function keyOf({ address, port, user, hostKey, identity, via }: HostTarget): string {
  return JSON.stringify([address, port, user, hostKey, identity?.key, identity?.passphrase, via && keyOf(via)]);
}
