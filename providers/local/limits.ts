import { z } from 'zod';
import type { CallContext } from '../../schemas/provider.ts';
import { type Account, type Size, sizeNamed } from './account.ts';
import { ask } from './client.ts';

const MIB = 1 << 20;
/** Microseconds of a period in which processor time is counted. */
const PERIOD = 100_000;

/** The limits of a size in the words of the Docker API. */
export function limitsOf({ memoryMib, cpus, pids }: Size): { readonly [field: string]: number } {
  const memory = memoryMib * MIB;
  return { Memory: memory, MemorySwap: 2 * memory, NanoCpus: cpus * 1e9, PidsLimit: pids };
}

/** Gives a host the limits of another size while it runs. Podman has this only in its own API. */
export async function resize(
  ctx: CallContext,
  { url, engine }: Account,
  { id, size }: { readonly id: string; readonly size: unknown },
): Promise<void> {
  const what = 'resize server';
  const wanted = sizeNamed(size, what);
  const request = { what, method: 'POST', reply: z.unknown() } as const;
  if (engine === 'docker') {
    await ask(ctx, url, { ...request, path: `/containers/${id}/update`, body: limitsOf(wanted) });
    return;
  }
  const memory = wanted.memoryMib * MIB;
  const body = {
    memory: { limit: memory, swap: 2 * memory },
    cpu: { quota: wanted.cpus * PERIOD, period: PERIOD },
    pids: { limit: wanted.pids },
  };
  await ask(ctx, url, { ...request, isOwn: true, path: `/v4.0.0/libpod/containers/${id}/update`, body });
}
