import { isObject, type Json } from '../../schemas/json.ts';
import {
  type CallContext,
  type Observed,
  type Outcome,
  type PendingToken,
  ProviderFault,
} from '../../schemas/provider.ts';
import { runName, type RunState } from '../../taskservs/host/run.ts';
import { confirmRun, lastWords, pollRuns } from './host-calls.ts';
import type { Server, Servers } from './servers.ts';
import { serverIn } from './serving.ts';

/** What this process knows of runs that ended badly, by name: asked for once more, they say why. */
export interface Tracks {
  readonly failed: Map<string, ProviderFault>;
  /** Runs that wait for a new session: until they end, no answer of their host means that they failed. */
  readonly waiting: Set<string>;
}

interface Following {
  readonly servers: Servers;
  readonly tracks: Tracks;
  /** The service as it is now. */
  readonly read: (id: string) => Promise<Observed | null>;
}

/** What a token waits for: a run by name, or null for the host to answer. */
export function waitingFor(run: string | null): Json {
  return { run };
}

/** Looks after runs, host by host. Every result is of its own: a host that does not answer says nothing about others. */
export async function pollServices(
  ctx: CallContext,
  following: Following,
  tokens: readonly PendingToken[],
): Promise<readonly (Outcome | ProviderFault)[]> {
  const hosts = new Map<string, PendingToken[]>();
  for (const token of tokens) hosts.set(serverIn(token.id), [...(hosts.get(serverIn(token.id)) ?? []), token]);
  const results = new Map<PendingToken, Outcome | ProviderFault>();
  await Promise.all(
    [...hosts].map(async ([server, own]) => {
      const states = await statesOn(ctx, following, { server, tokens: own });
      for (const token of own) {
        const result =
          states instanceof ProviderFault ? unheard(following, token, states) : settled(following, token, states);
        results.set(token, await Promise.resolve(result).catch(asFault));
      }
    }),
  );
  return tokens.map(token => results.get(token) ?? doubtful('a run was lost'));
}

function asFault(error: unknown): ProviderFault {
  if (error instanceof ProviderFault) return error;
  throw error;
}

/** The states of runs on one host; null where there is no such host any more. */
async function statesOn(
  ctx: CallContext,
  { servers, tracks }: Following,
  { server, tokens }: { readonly server: string; readonly tokens: readonly PendingToken[] },
): Promise<ReadonlyMap<string, RunState> | null | ProviderFault> {
  try {
    const found = await servers.find(ctx, server);
    if (found === null) return null;
    const session = await servers.open(found);
    const names = tokens.map(runIn).filter(run => run !== null);
    const states = names.length === 0 ? new Map<string, RunState>() : await pollRuns(ctx, session, names);
    const waiting = names.filter(name => states.get(name)?.state === 'waits');
    for (const name of waiting) tracks.waiting.add(name);
    if (waiting.length > 0) await confirmed(ctx, { servers, server: found, waiting });
    return states;
  } catch (error) {
    return asFault(error);
  }
}

/** A session that cannot be made is no fault of ours to report: the host goes back by itself, and its run says so. */
async function confirmed(
  ctx: CallContext,
  {
    servers,
    server,
    waiting,
  }: { readonly servers: Servers; readonly server: Server; readonly waiting: readonly string[] },
): Promise<void> {
  try {
    const session = await servers.reopen(server);
    for (const name of waiting) await confirmRun(ctx, session, name);
  } catch (error) {
    asFault(error);
  }
}

/** What a host that cannot be asked means for a run on it. */
function unheard({ tracks }: Following, token: PendingToken, fault: ProviderFault): Outcome | ProviderFault {
  return tracks.waiting.has(runIn(token) ?? '') ? { status: 'pending', token } : fault;
}

function runIn({ wait }: PendingToken): string | null {
  const run = isObject(wait) ? wait['run'] : null;
  return typeof run === 'string' ? run : null;
}

async function settled(
  { read, tracks }: Following,
  token: PendingToken,
  states: ReadonlyMap<string, RunState> | null,
): Promise<Outcome | ProviderFault> {
  if (states === null) return { status: 'gone' };
  const run = runIn(token);
  if (run === null) return withoutRun(token, read);
  const state = states.get(run);
  if (state === undefined || state.state === 'running' || state.state === 'waits') return { status: 'pending', token };
  const object = await read(token.id);
  if (state.state === 'done') return object === null ? { status: 'gone' } : finished(token, run, object);
  if (state.state === 'failed') {
    const failure = failureOf(state);
    tracks.failed.set(run, failure);
    return failure;
  }
  // The host was started anew, or the run was killed: what it left says what is to be done.
  if (object !== null && isOf(run, object)) return { status: 'done', object };
  return doubtful('the run on the host ended before it was done');
}

/** The host answers now, or the object alone says how it stands. */
async function withoutRun(token: PendingToken, read: Following['read']): Promise<Outcome | ProviderFault> {
  if (token.wait !== null) return doubtful('the host answers now');
  const object = await read(token.id);
  if (object === null) return { status: 'gone' };
  return object.phase === 'pending' ? { status: 'pending', token } : { status: 'done', object };
}

function finished(token: PendingToken, run: string, object: Observed): Outcome | ProviderFault {
  if (object.phase === 'pending') return { status: 'pending', token };
  return isOf(run, object) ? { status: 'done', object } : doubtful('another run came after it');
}

function isOf(run: string, { owner, name }: Observed): boolean {
  return owner !== null && run === runName(name, owner.opId);
}

/** The engine looks again, and sends what is left to do. */
function doubtful(message: string): ProviderFault {
  return new ProviderFault({ class: 'conflict', code: 'run-lost', message });
}

function failureOf({ title, log }: RunState): ProviderFault {
  const said = lastWords(log);
  const lock = /Could not get lock|Unable to acquire the dpkg frontend lock/.test(log);
  const why = lock ? 'another program on the host installs packages, and did not finish in time' : said;
  const message = `"${title}" failed on the host${why === '' ? '' : `: ${why}`}`;
  return new ProviderFault({ class: 'partial', code: 'run-failed', message });
}
