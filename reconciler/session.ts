import pLimit from 'p-limit';
import { isTaskserv, type KindName } from '../schemas/name.ts';
import {
  type CallContext,
  type Catalogue,
  type Connection,
  type KindCapability,
  type Observation,
  type Observations,
  type Observed,
  ProviderFault,
} from '../schemas/provider.ts';
import type { StepsOf } from '../planner/input.ts';
import type { Recorded } from '../schemas/checkpoint.ts';
import { eachSecret } from '../schemas/resource.ts';
import type { ProviderEntry, Workspace } from '../schemas/workspace.ts';
import { namedInFiles } from './named.ts';
import type { Ports } from './ports.ts';
import type { RunSecrets } from './secrets.ts';
import { mirrored } from '../taskservs/host/mirrored.ts';
import { onHosts, type Services, type Serving } from './services/serving.ts';
import { type Served, withServices } from './services/with-services.ts';
import { withUnlabelled } from './unlabelled.ts';
import { withVirtual } from './virtual.ts';

/** Longest time for one request to a cloud; a third of the shortest lease, so that a lost writer cannot have a call outstanding. */
export const REQUEST_MS = 10_000;

/** Writes that were sent to clouds, by what was asked. Listings and reads do not count. */
export interface Tally {
  writes: number;
}

/** The accounts that one pass works with. */
export interface Session {
  readonly connections: ReadonlyMap<string, Connection>;
  /** Why a provider cannot be used now, by its name in the workspace file. */
  readonly unavailable: ReadonlyMap<string, string>;
  readonly tally: Tally;
  context(signal: AbortSignal): CallContext;
  capability(provider: string, kind: KindName): KindCapability | undefined;
  /** What a change does on a server, from what was seen there last. */
  readonly steps: StepsOf;
}

/** Whether an account may be used with these settings. What may not is left out, as if nobody had looked. */
export type Trust = (name: string, entry: ProviderEntry | undefined) => boolean;

/** Connects every provider that the desired or the recorded state uses. A provider that does not answer is noted, never fatal. */
export async function openSession(
  ports: Ports,
  state: {
    readonly workspace: Workspace;
    readonly recorded: Recorded;
    readonly trust?: Trust;
    /** Secrets of the commit that is looked at; without them nothing that needs one is written. */
    readonly secrets?: RunSecrets;
  },
  signal: AbortSignal,
): Promise<Session> {
  const { workspace, recorded, trust = () => true } = state;
  const names = namesOf(workspace, recorded);
  const connections = new Map<string, Connection>();
  const unavailable = new Map<string, string>();
  const tally: Tally = { writes: 0 };
  const context = (abort: AbortSignal): CallContext => ({
    world: ports.world,
    signal: abort,
    fetch: ports.fetch,
    timeoutMs: REQUEST_MS,
  });
  const configs = new Map<string, Config>();
  const steps = new Map<string, StepsOf>();
  const services = mirrored(await ports.services(workspace.services), workspace.settings.mirror);
  const reveal: Serving['reveal'] = state.secrets?.reveal ?? refuseSecrets;
  await Promise.all(
    [...names].map(async name => {
      const entry = workspace.providers[name];
      if (!trust(name, entry)) return;
      const provider = entry === undefined ? undefined : ports.providers[entry.driver];
      if (entry === undefined || provider === undefined) {
        unavailable.set(name, `the workspace file has no provider "${name}", but recorded objects belong to it`);
        return;
      }
      const config = { ...(await ports.defaults(entry.driver, entry.config)), ...entry.config };
      configs.set(name, config);
      try {
        const connection = counted(await provider.connect(context(signal), config, ports.secrets), tally);
        const keeping = {
          provider: name,
          workspace,
          recorded,
          capability: (kind: KindName) => provider.capability(kind, config),
        };
        const served = wrapped(connection, { ...keeping, services, openHost: ports.openHost, reveal });
        connections.set(name, served.connection);
        steps.set(name, served.steps);
      } catch (error) {
        unavailable.set(name, reasonOf(error));
      }
    }),
  );
  const stepsOf: StepsOf = change => steps.get(change.provider)?.(change) ?? [];
  const capability = capabilities(ports, { workspace, configs, services });
  return { connections, unavailable, tally, context, capability, steps: stepsOf };
}

/**
 * Lists every provider of the session. A listing is complete or the provider counts as not observed: absence is never
 * concluded from a failure. A recorded object that no listing shows is asked for by its id: somebody may have taken
 * its labels away, and then it must not be created a second time.
 */
export async function observe(
  session: Session,
  state: { readonly workspace: Workspace; readonly recorded: Recorded },
  signal: AbortSignal,
): Promise<Observations> {
  const observations: { [provider: string]: Observation } = {};
  for (const [name, why] of session.unavailable) observations[name] = { status: 'unavailable', why };
  await Promise.all(
    [...session.connections].map(async ([name, connection]) => {
      try {
        const context = session.context(signal);
        const objects = await believe(session, { ...state, connection, context, provider: name });
        observations[name] = { status: 'complete', account: connection.account, objects };
      } catch (error) {
        observations[name] = { status: 'unavailable', why: reasonOf(error) };
      }
    }),
  );
  return observations;
}

/** How many objects are asked for by id at once. */
const READS = 8;

interface Look {
  readonly workspace: Workspace;
  readonly recorded: Recorded;
  readonly connection: Connection;
  readonly context: CallContext;
  readonly provider: string;
}

/**
 * The objects of one provider as far as they can be believed. Where a cloud shows its writes late, a surprise in the
 * listing is looked at again after that time; what still differs is asked for by id.
 */
async function believe(session: Session, look: Look): Promise<readonly Observed[]> {
  const { connection, context, workspace } = look;
  let listed = await connection.list(context, workspace.key);
  let surprise = surprises(look, listed);
  const kinds = [...surprise.missing, ...surprise.strays].map(object => object.kind);
  const lateMs = Math.max(0, ...kinds.map(kind => session.capability(look.provider, kind)?.visibleAfterMs ?? 0));
  if (lateMs > 0) {
    await context.world.clock.sleep(lateMs, context.signal);
    listed = await connection.list(context, workspace.key);
    surprise = surprises(look, listed);
  }
  const limit = pLimit(READS);
  const read = (object: { readonly kind: KindName; readonly id: string }) =>
    limit(() => connection.read(context, object));
  const unlisted = await Promise.all(surprise.missing.map(read));
  const confirmed = await Promise.all(surprise.strays.map(read));
  const doubted = new Set<Observed>(surprise.strays);
  const sure = listed.filter(object => !doubted.has(object));
  const named = await namedInFiles(look, listed, read);
  return [...sure, ...[...unlisted, ...confirmed].filter(object => object !== null), ...named] as Observed[];
}

/** Recorded objects that the listing does not show, and objects of ours that the record does not know. */
function surprises(look: Look, listed: readonly Observed[]) {
  const nameOf = ({ kind, id }: { readonly kind: KindName; readonly id: string }): string => `${kind} ${id}`;
  const seen = new Set(listed.map(nameOf));
  const own = [...look.recorded.objects.values()].filter(object => object.provider === look.provider);
  const known = new Set(own.map(nameOf));
  return {
    missing: own.filter(object => !seen.has(nameOf(object))),
    strays: listed.filter(object => !known.has(nameOf(object))),
  };
}

/** What could be had at each provider; one that does not answer is left out, and the plan then says less. */
export async function readCatalogues(
  session: Session,
  signal: AbortSignal,
): Promise<{ readonly [provider: string]: Catalogue }> {
  const catalogues: { [provider: string]: Catalogue } = {};
  await Promise.all(
    [...session.connections].map(async ([name, connection]) => {
      try {
        catalogues[name] = await connection.catalogue(session.context(signal));
      } catch (error) {
        if (!(error instanceof ProviderFault)) throw error;
      }
    }),
  );
  return catalogues;
}

function reasonOf(error: unknown): string {
  if (error instanceof ProviderFault) return error.error.message;
  throw error;
}

/** What every provider can do for a kind; services it leaves to us come over SSH. */
function capabilities(
  { providers }: Ports,
  of: {
    readonly workspace: Workspace;
    readonly configs: ReadonlyMap<string, Config>;
    readonly services: Services;
  },
): Session['capability'] {
  return (name, kind) => {
    const entry = of.workspace.providers[name];
    if (entry === undefined) return undefined;
    const own = providers[entry.driver]?.capability(kind, of.configs.get(name) ?? entry.config);
    return own ?? (isTaskserv(kind) ? onHosts(of.services, kind) : undefined);
  };
}

type Config = { readonly [key: string]: unknown };

/** Providers that the files name, and those that something recorded or begun belongs to. */
function namesOf(workspace: Workspace, { objects, intents }: Recorded): ReadonlySet<string> {
  return new Set([...workspace.resources, ...objects.values(), ...intents.values()].map(({ provider }) => provider));
}

/** The account with everything that its cloud does not have itself. */
function wrapped(connection: Connection, serving: Serving): Served {
  return withServices(withVirtual(withUnlabelled(connection, serving), serving), serving);
}

/** Where only a look is meant, nobody hands out the values of secrets. */
const refuseSecrets: Serving['reveal'] = spec => {
  let uses = 0;
  eachSecret(spec, () => (uses += 1));
  if (uses === 0) return Promise.resolve(spec);
  const message = 'the secrets of this change cannot be read here';
  return Promise.reject(new ProviderFault({ class: 'invalid-input', code: 'no-secret', message }));
};

function counted(connection: Connection, tally: Tally): Connection {
  const count = <A extends unknown[], R>(call: (...args: A) => R) => {
    return (...args: A): R => {
      tally.writes += 1;
      return call(...args);
    };
  };
  return {
    account: connection.account,
    list: connection.list.bind(connection),
    scan: connection.scan.bind(connection),
    find: connection.find.bind(connection),
    read: connection.read.bind(connection),
    poll: connection.poll.bind(connection),
    catalogue: connection.catalogue.bind(connection),
    create: count(connection.create.bind(connection)),
    update: count(connection.update.bind(connection)),
    delete: count(connection.delete.bind(connection)),
    adopt: count(connection.adopt.bind(connection)),
  };
}
