import { z } from 'zod';
import { type Address, hostOf } from '../schemas/name.ts';

/** A resource or recorded object in the answer of a graph. */
export const GRAPH_NODE = z.strictObject({
  address: z.string(),
  provider: z.string(),
  needs: z.array(z.string()),
  /** The server that a service runs on. */
  on: z.string().optional(),
});

/** The node of an object, with the server that it runs on. */
export function graphNode(
  address: Address,
  { provider, needs }: { readonly provider: string; readonly needs: readonly Address[] },
): z.infer<typeof GRAPH_NODE> {
  const on = hostOf(address);
  return { address, provider, needs: [...needs], ...(on === undefined ? {} : { on }) };
}
