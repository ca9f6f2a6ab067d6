import { Fault } from '../../schemas/fault.ts';
import { Plan } from '../../schemas/plan.ts';
import type { WorkspaceState } from '../../schemas/state.ts';
import { planPath } from './layout.ts';
import { type ChainParts, lookAt } from './parts.ts';
import { forgetHead, readChain } from './reading.ts';
import { broken } from './refusal.ts';
import { compactChain, rebuildChain } from './restart.ts';
import { takeChain } from './taking.ts';
import { verifyChain } from './verifying.ts';
import { historyEntry, walk } from './walking.ts';
import { openWriter } from './writer.ts';

/** The state of one workspace over a remote and a disk, whichever they are. */
export function openChain(parts: ChainParts): WorkspaceState {
  return {
    ref: parts.refs.state,
    read: async () => (await readChain(parts)).recorded,
    async plan(digest) {
      const known = parts.cache.loaded;
      const { recorded, plans } = known?.plans.includes(digest) === true ? known : await readChain(parts);
      if (recorded.head === null || !plans.includes(digest)) return null;
      await parts.log.bring(recorded.head);
      const [text] = await parts.log.texts([{ commit: recorded.head, path: planPath(digest) }]);
      const plan = Plan.safeParse(JSON.parse(text ?? 'null'));
      if (plan.success) return plan.data;
      throw broken('ST-PLAN', `plan ${digest.slice(0, 12)} of the chain cannot be read by this version`);
    },
    async take(holder, options) {
      const taken = await takeChain(parts, { holder, ...options });
      return openWriter(parts, taken, holder);
    },
    async history({ limit, from }) {
      const head = from ?? (await lookAt(parts, parts.refs.state));
      return head === null ? [] : (await walk(parts, head, limit)).map(historyEntry);
    },
    verify: async () => verifyChain(parts, await lookAt(parts, parts.refs.state)),
    holdRequested: () => parts.wish.held,
    requestHold: held => requestHold(parts, held),
    compact: (holder, options) => compactChain(parts, { holder, ...options }),
    rebuild: anew => rebuildChain(parts, anew),
    trustReset: () => forgetHead(parts),
  };
}

/** The wish stands beside the chain, as a ref that is there or not, so it can be said while another one writes. */
async function requestHold(parts: ChainParts, held: boolean): Promise<void> {
  const { refs, log } = parts;
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const from = await lookAt(parts, refs.hold);
    if ((from !== null) === held) {
      parts.wish.held = held;
      return;
    }
    const to = held ? await log.note(`hold requested at ${new Date(parts.world.clock.now()).toISOString()}\n`) : null;
    await log.push({ ref: refs.hold, from, to });
  }
  throw new Fault('unavailable', {
    id: 'ST-HOLD',
    what: 'the wish to hold could not be put on the remote',
    fix: 'try again',
  });
}
