import { z } from 'zod';
import type { CallContext } from '../../schemas/provider.ts';
import type { Account } from './account.ts';
import { ask } from './client.ts';
import { fault } from './faults.ts';
import { RULES_FILE } from './firewall.ts';
import type { Piece } from './pieces.ts';
import { ExecState, Made } from './replies.ts';

/** Only writes where it is loaded too: rules that the kernel refuses must not be those of the next boot. */
const SCRIPT = `printf %s "$RULES" > ${RULES_FILE}.new && nft -f ${RULES_FILE}.new && mv ${RULES_FILE}.new ${RULES_FILE}`;

/** Loads rules into a running host, all at once, and keeps them for its next boot. */
export async function applyRules(
  ctx: CallContext,
  { url }: Account,
  { piece, rules }: { readonly piece: Piece; readonly rules: string },
): Promise<void> {
  const what = 'change the firewall';
  if (piece.container?.State !== 'running')
    throw fault('state', 'not_running', what, { why: 'the server does not run' });
  const post = { what, method: 'POST' } as const;
  const body = { Cmd: ['/bin/sh', '-c', SCRIPT], Env: [`RULES=${rules}`], AttachStdout: true, AttachStderr: true };
  const { Id } = await ask(ctx, url, { ...post, path: `/containers/${piece.id}/exec`, body, reply: Made });
  // Attached: the answer ends when the command does.
  const start = { ...post, path: `/exec/${Id}/start`, body: { Detach: false, Tty: false } };
  await ask(ctx, url, { ...start, reply: z.unknown() });
  const ended = await ask(ctx, url, { what, method: 'GET', path: `/exec/${Id}/json`, reply: ExecState });
  if (ended.ExitCode === 0 && !ended.Running) return;
  throw fault('invalid-input', 'rules_refused', what, { why: 'the kernel of this machine does not take these rules' });
}
