import { Fault } from '../../schemas/fault.ts';
import type { Sha } from '../../schemas/name.ts';
import type { Fate } from './fate.ts';
import { type ChainParts, lookAt } from './parts.ts';
import { superseded } from './refusal.ts';

/** A new value of the lease: different from every former one, readable for people. */
async function freshValue(parts: ChainParts, owner: { readonly id: string; readonly epoch: number }): Promise<Sha> {
  const text = { holder: owner.id, epoch: owner.epoch, at: parts.world.clock.now(), nonce: parts.world.randomHex(8) };
  return parts.log.note(`${JSON.stringify(text)}\n`);
}

/** Takes the lease from whoever let it lapse; null when it changed in the meantime. */
export async function claimLease(
  parts: ChainParts,
  claim: { readonly from: Sha | null; readonly id: string; readonly epoch: number },
): Promise<Sha | null> {
  const value = await freshValue(parts, claim);
  const result = await parts.log.push({ ref: parts.refs.lease, from: claim.from, to: value });
  if (result === 'done') return value;
  const now = await lookAt(parts, parts.refs.lease);
  if (now === claim.from) throw new Fault('unavailable', { id: 'ST-LEASE', what: 'the remote did not take the lease' });
  return now === value ? value : null;
}

/** Sets the lease by right of the chain: whoever took the epoch owns it, whatever value it has. */
export async function seizeLease(
  parts: ChainParts,
  owner: { readonly id: string; readonly epoch: number },
): Promise<Sha> {
  for (;;) {
    const from = await lookAt(parts, parts.refs.lease);
    const value = await claimLease(parts, { ...owner, from });
    if (value !== null) return value;
  }
}

export interface Heartbeat {
  stop(): Promise<void>;
}

/** Renews the lease every third of its time, and looks whether somebody asked to hold. Ends the writer's fate when the lease is another's. */
export function startHeartbeat(
  parts: ChainParts,
  fate: Fate,
  lease: { readonly value: Sha; readonly id: string; readonly epoch: number },
): Heartbeat {
  const { world, timing, refs } = parts;
  const stopping = new AbortController();
  let value = lease.value;
  let renewedAt = world.clock.monotonic();

  async function beat(): Promise<void> {
    const looked = await parts.log.look([refs.hold]);
    parts.wish.held = looked.has(refs.hold);
    if (world.clock.monotonic() - renewedAt < timing.ttlMs / 3) return;
    const sentAt = world.clock.monotonic();
    const renewed = await claimLease(parts, { from: value, id: lease.id, epoch: lease.epoch });
    if (renewed === null) throw superseded(lease.epoch);
    value = renewed;
    renewedAt = sentAt;
    fate.confirm(sentAt);
  }

  async function run(): Promise<void> {
    const pauseMs = Math.min(timing.pollMs, timing.ttlMs / 6);
    while (!stopping.signal.aborted && fate.ended() === null) {
      try {
        await world.clock.sleep(pauseMs, stopping.signal);
        await beat();
      } catch (error) {
        if (stopping.signal.aborted) return;
        // A remote that does not answer is not a verdict: the lease runs out by itself.
        if (!(error instanceof Fault) || error.code !== 'unavailable') fate.end(error);
      }
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
