import { ADDRESSES } from './addresses.ts';
import { BALANCERS, BALANCER_TAGS } from './balancers.ts';
import { CATALOGUE, SETTINGS, freshState } from './catalogue.ts';
import { type Call, EC2, ELB, STS, decode, encode } from './codec.ts';
import {
  type Asked,
  FAULTS,
  type FaultName,
  type Trap,
  bendOf,
  errorReply,
  replyOf,
  spoiled,
  sprung,
  stopped,
} from './faults.ts';
import { GROUPS } from './groups.ts';
import { INSTANCES } from './instances.ts';
import { KEYS, PLACEMENTS } from './keys.ts';
import {
  type Actions,
  type Bend,
  type FakeReply,
  type FakeRequest,
  type Fields,
  Refusal,
  type Settings,
  type State,
} from './model.ts';
import { GATEWAYS, SUBNETS, VPCS } from './networks.ts';
import { settleOne } from './objects.ts';
import { assertSigned } from './signature.ts';
import { TAGS } from './tags.ts';
import { LISTENERS, TARGET_GROUPS } from './targets.ts';
import { VOLUMES, settleVolume } from './volumes.ts';

/** Everything the cloud can be asked, by the version that names the service. */
const SERVICES: { readonly [version: string]: Actions } = {
  [EC2]: {
    ...CATALOGUE,
    ...KEYS,
    ...PLACEMENTS,
    ...VPCS,
    ...GATEWAYS,
    ...SUBNETS,
    ...GROUPS,
    ...INSTANCES,
    ...VOLUMES,
    ...ADDRESSES,
    ...TAGS,
  },
  [ELB]: { ...BALANCERS, ...BALANCER_TAGS, ...TARGET_GROUPS, ...LISTENERS },
  [STS]: CATALOGUE,
};

/** One request that reached the cloud. Never changed, never removed. */
export interface Entry {
  readonly at: number;
  readonly action: string;
  readonly input: Fields;
  readonly status: number;
  /** The error code; empty when it was done. */
  readonly code: string;
  readonly fault: FaultName | null;
}

export interface TrapInput {
  readonly fault: FaultName;
  readonly asked: Asked;
  readonly action?: string;
  readonly nth?: number;
  readonly times?: number | null;
  readonly ms?: number;
  readonly hint?: Trap['hint'];
}

/** One region of an AWS account without AWS. */
export interface FakeAws {
  handle(request: FakeRequest, nowMs: number): FakeReply;
  /** Does something behind everybody's back, outside of the ledger. */
  act(action: string, input: Fields, nowMs: number): Fields;
  /** Arms a fault; returns how often it struck. */
  arm(input: TrapInput): () => number;
  configure(settings: Partial<Settings>): void;
  readonly settings: Settings;
  readonly state: State;
  ledger(): readonly Entry[];
  /** Brings everything to what it is at that time. */
  settle(nowMs: number): void;
}

export function createAws(
  options: {
    readonly settings?: Partial<Settings>;
    readonly state?: State;
    readonly now?: number;
    readonly keep?: (state: State) => void;
  } = {},
): FakeAws {
  const settings: Settings = { ...SETTINGS, ...options.settings };
  const state = options.state ?? freshState(settings, options.now ?? 0);
  const entries: Entry[] = [];
  const traps: Trap[] = [];
  const recent: number[] = [];
  const isThrottled = (now: number): boolean => {
    if (settings.requestsPerSecond === null) return false;
    while (recent[0] !== undefined && recent[0] <= now - 1_000) recent.shift();
    if (recent.length >= settings.requestsPerSecond) return true;
    recent.push(now);
    return false;
  };
  const perform = ({ version, action, input }: Call, bend: Bend, now: number): Fields => {
    const work = SERVICES[version]?.[action];
    if (work === undefined) throw new Refusal('InvalidAction');
    return work({ state, settings, now, bend, input });
  };
  const attempt = (call: Call, bend: Bend, now: number): Answered => {
    const requestId = `r-${String(entries.length).padStart(8, '0')}`;
    return answered(call.version, () => replyOf(200, encode(call, perform(call, bend, now), requestId)));
  };
  /** The answer to one readable request, with what a fault does to it. */
  const serve = (request: FakeRequest, call: Call, now: number): Answered & { readonly trap?: Trap } => {
    const trap = sprung(traps, call.action);
    if (trap === undefined) return attempt(call, {}, now);
    if (FAULTS[trap.fault] === 'before') {
      trap.fired += 1;
      return { reply: stopped(trap, request, call, now), code: trap.fault, trap };
    }
    const first = attempt(call, bendOf(trap), now);
    const told = trap.fault === 'sent-twice' ? attempt(call, {}, now) : first;
    if (FAULTS[trap.fault] === 'during') {
      trap.fired += 1;
      return { ...told, trap };
    }
    const bad = spoiled(trap, request, told.reply, call.version);
    if (bad === null) return told;
    trap.fired += 1;
    return { reply: bad, code: told.code, trap };
  };
  const settle = (now: number): void => settleAll(state, settings, now);
  return {
    settings,
    state,
    settle,
    ledger: () => entries,
    configure: more => void Object.assign(settings, more),
    act(action, input, now) {
      settle(now);
      const version = SERVICES[EC2]?.[action] === undefined ? ELB : EC2;
      return perform({ version, action, input }, {}, now);
    },
    arm(input) {
      const trap: Trap = { nth: 1, times: 1, ms: 0, hint: 'none', seen: 0, fired: 0, ...input };
      traps.push(trap);
      return () => trap.fired;
    },
    handle(request, ourMs) {
      const now = ourMs + settings.skewMs;
      settle(now);
      const version = new URLSearchParams(request.body).get('Version') ?? EC2;
      let call: Call = { action: '', version, input: {} };
      const { reply, code, trap }: Answered & { readonly trap?: Trap } = answered(version, () => {
        call = decode(request.body);
        assertSigned(request, settings, now);
        if (isThrottled(now)) throw new Refusal('RequestLimitExceeded', 503);
        return serve(request, call, now);
      });
      const { action, input } = call;
      entries.push({ at: now, action, input, status: reply.status, code, fault: trap?.fault ?? null });
      options.keep?.(state);
      const date = new Date(now).toUTCString();
      return { ...reply, headers: { date, ...reply.headers }, delayMs: settings.latencyMs };
    },
  };
}

interface Answered {
  readonly reply: FakeReply;
  readonly code: string;
}

/** Turns a refusal into its answer. */
function answered<T extends Answered>(version: string, work: () => FakeReply | T): Answered | T {
  try {
    const done = work();
    return 'reply' in done ? done : { reply: done, code: '' };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, status } = error;
    return { reply: errorReply({ status, code, version }), code };
  }
}

/** What was going on and is over by now. */
function settleAll(state: State, settings: Settings, now: number): void {
  for (const one of Object.values(state.instances)) settleOne(one, now);
  for (const one of Object.values(state.balancers)) settleOne(one, now);
  for (const one of Object.values(state.volumes)) {
    settleOne(one, now);
    settleVolume(one, now, settings.actionMs);
  }
}
