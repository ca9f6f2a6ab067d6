import type { Recorded } from '../schemas/checkpoint.ts';
import type { KindName } from '../schemas/name.ts';
import type { CallContext, Connection, Observed } from '../schemas/provider.ts';
import type { Workspace } from '../schemas/workspace.ts';

/** From this number of objects on, looking at the whole account takes fewer calls than asking for each. */
const MANY = 32;

/**
 * Objects that the files name under `adopt` and no record has. They carry no label of ours yet, so that a listing does
 * not show them, and without a look the plan could not say in what they differ from the files.
 */
export async function namedInFiles(
  look: {
    readonly workspace: Workspace;
    readonly recorded: Recorded;
    readonly connection: Connection;
    readonly context: CallContext;
    readonly provider: string;
  },
  listed: readonly Observed[],
  read: (object: { readonly kind: KindName; readonly id: string }) => Promise<Observed | null>,
): Promise<readonly Observed[]> {
  const seen = new Set(listed.map(keyOf));
  for (const object of look.recorded.objects.values()) if (object.provider === look.provider) seen.add(keyOf(object));
  const wanted = new Map<string, { readonly kind: KindName; readonly id: string }>();
  for (const { provider, kind, adopt } of look.workspace.resources) {
    if (provider !== look.provider || adopt === undefined) continue;
    const object = { kind, id: adopt };
    if (!seen.has(keyOf(object))) wanted.set(keyOf(object), object);
  }
  if (wanted.size >= MANY) {
    const all = await look.connection.scan(look.context);
    return all.filter(object => wanted.has(keyOf(object)));
  }
  const found = await Promise.all([...wanted.values()].map(read));
  return found.filter(object => object !== null);
}

function keyOf({ kind, id }: { readonly kind: KindName; readonly id: string }): string {
  return `${kind} ${id}`;
}
