import pLimit from 'p-limit';
import type { Client } from 'ssh2';
import type { HostCommand, HostTarget, Ran } from '../../schemas/host.ts';
import { showText } from '../../schemas/problem.ts';
import type { World } from '../../schemas/world.ts';
import { execute } from './execution.ts';
import { nameOf } from './failure.ts';
import { rootGate } from './root.ts';
import { commandLine, limitS } from './words.ts';

/** A server allows ten sessions in one connection (MaxSessions); two are left to people. */
const CHANNELS = 8;

/** One open connection to one host. */
export interface Link extends Holding {
  readonly client: Client;
  run(command: HostCommand): Promise<Ran>;
  /** Calls back when the connection is gone, for whatever reason; at once when it is gone already. */
  onGone(gone: () => void): void;
}

/** Who needs a connection. */
interface Holding {
  /** Keeps the connection open until the function that is returned is called. */
  hold(): () => void;
  /** Ends the connection as soon as nothing holds it. */
  end(): void;
}

/** Wraps a connection that was just made. It ends by itself when nothing used it for `idleMs`. */
export function openLink(
  client: Client,
  target: HostTarget,
  { world, idleMs }: { readonly world: World; readonly idleMs: number },
): Link {
  const { clock, reach } = world;
  const limit = pLimit(CHANNELS);
  const send = (command: HostCommand, sudo: boolean): Promise<Ran> =>
    limit(() =>
      execute(client, {
        line: commandLine(command, sudo),
        stdin: command.stdin ?? '',
        limitS: limitS(command.timeoutMs),
        signal: command.signal,
        what: `${showText(command.argv[0] ?? '')} on ${nameOf(target)}`,
        monotonic: () => clock.monotonic(),
        sent: () => reach('ssh.run.sent'),
      }),
    );
  const becomeRoot = rootGate(target, command => send(command, true));
  const holding = endIdle(client, idleMs);
  let isGone = false;
  client.on('close', () => (isGone = true));
  return {
    ...holding,
    client,
    async run(command) {
      const release = holding.hold();
      try {
        const sudo = command.asRoot === true && target.user !== 'root';
        if (sudo) await becomeRoot();
        await reach('ssh.run.before');
        const ran = await send(command, sudo);
        await reach('ssh.run.after');
        return ran;
      } finally {
        release();
      }
    },
    onGone: gone => (isGone ? gone() : void client.once('close', gone)),
  };
}

function endIdle(client: Client, idleMs: number): Holding {
  let held = 0;
  let isEnding = false;
  let idle: NodeJS.Timeout | undefined;
  const rest = (): void => {
    clearTimeout(idle);
    if (held > 0) return;
    if (isEnding) return void client.end();
    idle = setTimeout(() => client.end(), idleMs);
    // An idle connection is no reason for the program to go on.
    idle.unref();
  };
  client.on('close', () => clearTimeout(idle));
  rest();
  return {
    hold() {
      clearTimeout(idle);
      held += 1;
      return () => {
        held -= 1;
        rest();
      };
    },
    end() {
      isEnding = true;
      rest();
    },
  };
}
