import { hostname } from 'node:os';
import type { Holder } from '../../schemas/checkpoint.ts';
import { newId, type World } from '../../schemas/world.ts';

/** This process as the writer of a workspace: what others see while they wait for it. */
export function thisHolder(world: World): Holder {
  return { id: newId(world), host: hostname(), pid: process.pid };
}
