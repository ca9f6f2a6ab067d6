import { z } from 'zod';
import type { CallContext } from '../../schemas/provider.ts';
import type { Account } from './account.ts';
import { ask } from './client.ts';
import { fault } from './faults.ts';
import type { Piece } from './pieces.ts';
import { ExecState, Made } from './replies.ts';

/** A script for a host, with what it reads from its environment. */
interface Script {
  readonly what: string;
  readonly script: string;
  readonly variables: { readonly [name: string]: string };
}

/** An engine learns a moment after the answer that a command has ended: how often it is asked, and how many milliseconds apart. */
const LOOKS = 40;
const LOOK_MS = 25;

/** Runs a script as root in a running host, and resolves with its exit code. */
export async function runIn(
  ctx: CallContext,
  { url }: Account,
  { piece, what, script, variables }: Script & { readonly piece: Piece },
): Promise<number | null> {
  if (piece.container?.State !== 'running')
    throw fault('state', 'not_running', what, { why: 'the server does not run' });
  const post = { what, method: 'POST' } as const;
  const Env = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const body = { Cmd: ['/bin/sh', '-c', script], Env, AttachStdout: true, AttachStderr: true };
  const { Id } = await ask(ctx, url, { ...post, path: `/containers/${piece.id}/exec`, body, reply: Made });
  // Attached: the answer ends when the command does.
  const start = { ...post, path: `/exec/${Id}/start`, body: { Detach: false, Tty: false } };
  await ask(ctx, url, { ...start, reply: z.unknown() });
  for (let left = LOOKS; left > 0; left -= 1) {
    const ended = await ask(ctx, url, { what, method: 'GET', path: `/exec/${Id}/json`, reply: ExecState });
    if (!ended.Running) return ended.ExitCode;
    await ctx.world.clock.sleep(LOOK_MS, ctx.signal);
  }
  throw fault('locked', 'still_running', what, { why: 'the server has not done it yet' });
}
