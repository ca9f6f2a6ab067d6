import type {
  CourseCloud,
  CourseKind,
  Move as CommonMove,
  Sight as CommonSight,
  Step as CommonStep,
} from '../course/sight.ts';
import type { Account } from './account.ts';
import { ask } from './client.ts';
import { capability } from './config.ts';
import { CLOUD, fault } from './faults.ts';
import { extraOf, ruled } from './goal.ts';
import type { Move, Sight, UpcloudKind } from './kind.ts';
import { kindFor } from './kinds.ts';

/** UpCloud as the common steps need it. */
export function cloudOf(account: Account): CourseCloud {
  return {
    name: CLOUD,
    kindFor: kind => courseOf(account, kindFor(kind), kind),
    fault,
    extraOf,
    isRecorded: kind => capability(kind)?.ownedBy === 'record',
  };
}

function courseOf(account: Account, rules: UpcloudKind, kind: string): CourseKind {
  const sighted = ({ observed, labels, isBusy, toward, away }: Sight): CommonSight => ({
    observed,
    labels,
    isBusy,
    isRunning: true,
    toward: async (ctx, goal) => sent(account, await toward(ctx, ruled(goal)), `${goal.verb} ${kind}`),
    async away(ctx, goal) {
      const move = await away(ctx, ruled(goal));
      const step = sent(account, move, `delete ${kind}`);
      const isEnd = move !== null && move !== 'wait' && move.method === 'DELETE';
      return isEnd ? { ...(step as CommonStep), isEnd } : step;
    },
  });
  return {
    pollMs: rules.pollMs,
    ...(rules.lingers === undefined ? {} : { lingers: rules.lingers }),
    async look(ctx, id) {
      const sight = await rules.look(ctx, account, id);
      return sight === null ? null : sighted(sight);
    },
    create: async (ctx, request) => ({ sight: sighted(await rules.create(ctx, account, request)), actions: [] }),
  };
}

/** A move that sends its one request. UpCloud has no actions to wait for. */
function sent(account: Account, move: Move, what: string): CommonMove {
  if (move === null || move === 'wait') return move;
  const { hardAfter, ...request } = move;
  return {
    ...(hardAfter === undefined ? {} : { hardAfter }),
    async send(ctx, accepted) {
      await ask(ctx, account.client, { what, ...request, ...(accepted === undefined ? {} : { accepted }) });
      return [];
    },
  };
}
