import type { CallContext } from '../../schemas/provider.ts';
import type { Account } from './account.ts';
import type { Goal } from './goal.ts';
import type { Move, Step } from './kind.ts';
import { labelMap, labelPairs, MEMO } from './labels.ts';
import { about, lookUp } from './look.ts';
import { type ServerDetail, ServerReply } from './replies.ts';

/** The official clients look every five seconds. */
export const POWER_POLL_MS = 5_000;
/** Seconds in which a server may shut down by itself, as UpCloud is told, and milliseconds until it is switched off. */
const SOFT_SECONDS = 60;
const SOFT_MS = 75_000;

export async function serverDetail(ctx: CallContext, account: Account, id: string): Promise<ServerDetail | null> {
  const what = 'read server';
  const found = await lookUp(ctx, account, { what, path: `/server/${encodeURIComponent(id)}`, reply: ServerReply });
  return found === null ? null : about(found.server, found.server.uuid === id, what);
}

/** The way to a stopped server: it is asked to shut down, and switched off when it does not. */
export function poweredDown(ctx: CallContext, server: ServerDetail, goal: Goal): Move {
  if (server.state !== 'started') return 'wait';
  const now = ctx.world.clock.now();
  // UpCloud shows a server that is shutting down as started.
  if (goal.hardAfter !== undefined && now < goal.hardAfter) return 'wait';
  const isHard = goal.hardAfter !== undefined;
  const stop = isHard ? { stop_type: 'hard' } : { stop_type: 'soft', timeout: String(SOFT_SECONDS) };
  return {
    method: 'POST',
    path: `/server/${server.uuid}/stop`,
    body: { stop_server: stop },
    reply: ServerReply,
    hardAfter: now + SOFT_MS,
  };
}

export function startOf(server: ServerDetail): Step {
  return { method: 'POST', path: `/server/${server.uuid}/start`, body: { server: {} }, reply: ServerReply };
}

/** For what we stop a server: its new plan, or a volume of that id that grows to so many GiB. */
export interface Debt {
  readonly by: string;
  readonly to: string;
}

/** What we have begun with a server and have not ended; undefined when there is nothing. */
export function debtOf(server: Pick<ServerDetail, 'labels'>): Debt | undefined {
  const [by, to] = (labelMap(server.labels.label)[MEMO.restart] ?? '').split(':');
  return by === undefined || to === undefined ? undefined : { by, to };
}

/** What we have begun for somebody with a server that does not run; undefined when there is nothing, or it runs. */
export function debtFor(server: Pick<ServerDetail, 'labels' | 'state'>, by: string): Debt | undefined {
  const debt = debtOf(server);
  return server.state !== 'started' && debt?.by === by ? debt : undefined;
}

/**
 * The way through a stop and back for something that can be done to a stopped server only. What for stands on the server
 * before it is stopped, so that whoever looks at it after a crash can end what was begun. `work` is what is to be done,
 * and null when it is done.
 */
export function cycled(
  ctx: CallContext,
  server: ServerDetail,
  cycle: { readonly goal: Goal; readonly debt: Debt; readonly work: Step | null },
): Move {
  const { goal, debt, work } = cycle;
  const found = debtOf(server);
  const isOurs = found?.by === debt.by;
  if (work !== null) {
    // Stopped for somebody else it is stopped all the same, and started when that one is ready.
    if (server.state === 'stopped' && found !== undefined && (!isOurs || found.to === debt.to)) return work;
    if (isOurs && found.to === debt.to) return poweredDown(ctx, server, goal);
    return server.state === 'maintenance' ? 'wait' : owing(server, debt);
  }
  if (!isOurs) return null;
  if (server.state === 'stopped') return startOf(server);
  return server.state === 'started' ? owing(server, null) : 'wait';
}

function owing(server: ServerDetail, debt: Debt | null): Step {
  const { [MEMO.restart]: _former, ...kept } = labelMap(server.labels.label);
  const labels = debt === null ? kept : { ...kept, [MEMO.restart]: `${debt.by}:${debt.to}` };
  const body = { server: { labels: { label: labelPairs(labels) } } };
  return { method: 'PUT', path: `/server/${server.uuid}`, body, reply: ServerReply };
}
