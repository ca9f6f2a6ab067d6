import type { StepsOf } from '../../planner/input.ts';
import { isTaskserv, type KindName } from '../../schemas/name.ts';
import {
  type CallContext,
  type Connection,
  type CreateRequest,
  type Outcome,
  ProviderFault,
} from '../../schemas/provider.ts';
import { openLooking } from './looking.ts';
import { pollServices } from './polling.ts';
import { installing, removing } from './running.ts';
import { openServers } from './servers.ts';
import type { Serving } from './serving.ts';
import { stepsFrom } from './steps.ts';

/** A connection that has services too, and what is known of them without asking. */
export interface Served {
  readonly connection: Connection;
  /** What a change of a service does on its server, from what was seen of that last. */
  readonly steps: StepsOf;
}

/**
 * A connection that also has task services on its servers. What stands behind one is a host that is reached over SSH:
 * a marker on it says whose a service is, and a run on it, which goes on without us, brings it to what is asked for.
 */
export function withServices(connection: Connection, serving: Serving): Served {
  // A service whose folder is gone from the files can still be taken away: its marker knows how.
  const isServed = (kind: KindName): boolean => isTaskserv(kind) && serving.capability(kind) === undefined;
  const servers = openServers(connection, serving);
  const looking = openLooking({ serving, servers, isServed });
  const { read } = looking;
  const parts = { serving, servers, tracks: { failed: new Map(), waiting: new Set<string>() } };
  const put = (ctx: CallContext, request: CreateRequest): Promise<Outcome> => installing(ctx, parts, request);
  const remembered = (outcome: Outcome): Outcome => {
    if (outcome.status === 'done') servers.saw([outcome.object]);
    return outcome;
  };
  const served: Connection = {
    ...connection,
    list: async (ctx, workspace) => {
      const objects = await connection.list(ctx, workspace);
      servers.saw(objects);
      return [...objects, ...(await looking.list(ctx, objects))];
    },
    find: (ctx, request) => (isServed(request.kind) ? looking.find(ctx, request) : connection.find(ctx, request)),
    read: async (ctx, object) => (isServed(object.kind) ? read(ctx, object.id) : connection.read(ctx, object)),
    create: async (ctx, request) =>
      isServed(request.kind) ? put(ctx, request) : remembered(await connection.create(ctx, request)),
    update: async (ctx, request) =>
      isServed(request.kind) ? put(ctx, request) : remembered(await connection.update(ctx, request)),
    adopt: async (ctx, request) =>
      isServed(request.kind) ? put(ctx, request) : remembered(await connection.adopt(ctx, request)),
    delete: (ctx, request) =>
      isServed(request.kind) ? removing(ctx, parts, request) : connection.delete(ctx, request),
    poll: async (ctx, tokens) => {
      const own = tokens.filter(({ kind }) => isServed(kind));
      const theirs = tokens.filter(({ kind }) => !isServed(kind));
      const [ours, others] = await Promise.all([
        pollServices(ctx, { ...parts, read: id => read(ctx, id) }, own),
        theirs.length === 0 ? [] : connection.poll(ctx, theirs),
      ]);
      const results = new Map([
        ...own.map((token, index) => [token, ours[index]] as const),
        ...theirs.map((token, index) => [token, others[index]] as const),
      ]);
      return tokens.map(token => {
        const result = results.get(token) ?? NO_RESULT;
        return result instanceof ProviderFault ? result : remembered(result);
      });
    },
  };
  return { connection: served, steps: stepsFrom(serving, looking.seen) };
}

const NO_RESULT = new ProviderFault({ class: 'bug', code: 'no-result', message: 'a poll gave no result' });
