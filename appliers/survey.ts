import type { CallContext, Connection, Observed } from '../schemas/provider.ts';
import type { WorkspaceKey } from '../schemas/name.ts';

/** Everything of ours at one provider, seen at one moment. */
export interface Sight {
  /** Monotonic time at which the listing was asked for: what was made before and long enough ago is in it. */
  readonly at: number;
  readonly byOperation: ReadonlyMap<string, readonly Observed[]>;
  /** By `<kind> <id>`: in some clouds an id is unique in its kind alone. */
  readonly byId: ReadonlyMap<string, Observed>;
}

/** Answers for many intents at once with one listing, so that a resumed run costs calls by the page and not by the object. */
export interface Survey {
  /** A listing that was asked for at `notBefore` (monotonic milliseconds) or later. Throws ProviderFault. */
  since(notBefore: number): Promise<Sight>;
}

export function openSurvey(connection: Connection, context: CallContext, workspace: WorkspaceKey): Survey {
  const { clock } = context.world;
  let latest: { readonly at: number; readonly sight: Promise<Sight> } | null = null;
  const look = async (at: number): Promise<Sight> => {
    const objects = await connection.list(context, workspace);
    const byOperation = new Map<string, Observed[]>();
    for (const object of objects) {
      const operation = object.owner?.opId ?? '';
      const same = byOperation.get(operation);
      if (same === undefined) byOperation.set(operation, [object]);
      else same.push(object);
    }
    return { at, byOperation, byId: new Map(objects.map(object => [`${object.kind} ${object.id}`, object])) };
  };
  return {
    since(notBefore) {
      if (latest !== null && latest.at >= notBefore) return latest.sight;
      const at = clock.monotonic();
      const mine = { at, sight: look(at) };
      latest = mine;
      mine.sight.catch(() => {
        if (latest === mine) latest = null;
      });
      return mine.sight;
    },
  };
}
