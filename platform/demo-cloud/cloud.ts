import type { Json } from '../../schemas/json.ts';
import { settle } from './actions.ts';
import { administer } from './admin.ts';
import { openBucket } from './bucket.ts';
import { type ArmedRule, FAULTS, type FaultRuleInput, openFaultTable } from './faults.ts';
import {
  type CloudObject,
  type CloudReply,
  type CloudRequest,
  type JournalLine,
  type LedgerEntry,
  Refusal,
} from './model.ts';
import { seeded } from './random.ts';
import { stoppedReply } from './replies.ts';
import { type Route, bodyOf, routeOf } from './route.ts';
import { ProfileName, Settings, type SettingsInput, spanMs } from './settings.ts';
import { openStore, type Store } from './store.ts';
import { type Turn, attempt, bendsOf, bentTurn, entryOf, joinedEffects, refused } from './turn.ts';

export interface CloudOptions {
  readonly settings?: SettingsInput;
  readonly faults?: readonly FaultRuleInput[];
  /**
   * Lines that a former process wrote, oldest first. Settings and fault rules that were changed at run time stand in
   * them and win over the options; the access token never does, and comes from the options alone.
   */
  readonly journal?: Iterable<JournalLine>;
  /** Called once for each request, before its answer is given. When it throws, nothing may be acknowledged any more. */
  readonly record?: (line: JournalLine) => void;
}

/** A cloud without time, randomness or network of its own: the same requests at the same times give the same answers. */
export interface CloudCore {
  handle(request: CloudRequest, nowMs: number): CloudReply;
  /** The truth, whatever the API would show. */
  objects(): readonly CloudObject[];
  ledger(): readonly LedgerEntry[];
  /** Arms a fault; the id finds it again in `faults`. */
  arm(rule: FaultRuleInput): string;
  /** Disarms one fault, or all. */
  disarm(id?: string): void;
  faults(): readonly ArmedRule[];
  /** Merges into the settings. */
  configure(settings: Partial<SettingsInput>): void;
}

export function createCloud(options: CloudOptions = {}): CloudCore {
  const state = openState(options);
  const { store, faults, ledger } = state;
  return {
    handle(request, nowMs) {
      const ended = settle(store, nowMs);
      const route = routeOf(request);
      const turn = turnOf(state, request, route, nowMs);
      if (turn.rule !== undefined) faults.fire(turn.rule);
      const effect = joinedEffects([...ended, turn.effect]);
      const entry = entryOf(request, route, { ...turn, effect }, { seq: ledger.length + 1, nowMs, store });
      ledger.push(entry);
      const rules = faults.changes();
      if (rules !== null) store.keep('rules', rules as unknown as Json);
      const writes = store.drain();
      options.record?.(writes === null ? { entry } : { entry, writes });
      return { ...turn.reply, delayMs: delayMs(state, route, turn.kind ?? null) };
    },
    objects: () => [...store.objects.values()],
    ledger: () => ledger,
    arm: rule => faults.arm(rule),
    disarm: id => faults.disarm(id ?? null),
    faults: () => faults.rules(),
    configure: next => state.configure(Settings.parse({ ...state.settings, ...next })),
  };
}

type State = ReturnType<typeof openState>;

/** A new cloud, or the one that the journal tells of. */
function openState(options: CloudOptions) {
  const store = openStore();
  const ledger: LedgerEntry[] = [];
  const given = Settings.parse(options.settings ?? {});
  let random = seeded(given.seed);
  const faults = openFaultTable(() => random());
  const state = {
    store,
    ledger,
    faults,
    bucket: openBucket(),
    settings: given,
    random: () => random(),
    configure(next: Settings): void {
      state.settings = next;
      store.keep('settings', { ...next, token: null } as unknown as Json);
    },
  };
  let armed = false;
  for (const { entry, writes = {} } of options.journal ?? []) {
    ledger.push(entry);
    store.load(writes);
    if (writes.settings != null) state.settings = { ...Settings.parse(writes.settings), token: given.token };
    if (writes.rules == null) continue;
    faults.load(writes.rules as unknown as ArmedRule[]);
    armed = true;
  }
  if (!armed) for (const rule of options.faults ?? []) faults.arm(rule);
  random = seeded(given.seed + ledger.length);
  return state;
}

function turnOf(state: State, request: CloudRequest, route: Route, nowMs: number): Turn {
  const { store, faults, ledger, settings, configure, random } = state;
  if (settings.token !== null && request.headers['authorization'] !== `Bearer ${settings.token}`) {
    return refused(new Refusal(401, 'unauthorized', 'the token is missing or wrong'));
  }
  if (route.operation === 'admin') {
    return attempt(() => administer({ store, faults, ledger, nowMs, settings, configure }, request, route));
  }
  const kind = kindAsked(request, route, store);
  const rule = faults.pick({ method: request.method, operation: route.operation, kind });
  if (rule !== undefined && FAULTS[rule.fault].phase === 'before') {
    return { reply: stoppedReply(rule, request, nowMs), effect: 'none', id: route.id, kind, rule };
  }
  const over = state.bucket.take(settings.rateLimit, nowMs);
  if (over !== null) return { reply: over, effect: 'none', id: route.id, kind };
  const profile = ProfileName.safeParse(request.headers['x-demo-profile']).data ?? settings.profile;
  const call = { request, route, nowMs, profile, settings, configure, store, random, bends: bendsOf(rule) };
  return bentTurn(call, rule, kind);
}

/** The full kind a request is about; for a task service it stands in the body or the object, not in the path. */
function kindAsked(request: CloudRequest, route: Route, store: Store): string | null {
  if (route.kind !== 'taskserv') return route.kind;
  if (route.id !== null) return store.objects.get(route.id)?.kind ?? route.kind;
  try {
    return `taskserv.${String(bodyOf(request)['type'])}`;
  } catch {
    return route.kind;
  }
}

function delayMs({ settings, random }: State, route: Route, kind: string | null): number {
  const { reads, writes, kinds } = settings.latency;
  switch (route.operation) {
    case 'admin':
      return 0;
    case 'create':
      return spanMs((kind === null ? undefined : kinds[kind]) ?? writes, random);
    case 'update':
    case 'action':
    case 'delete':
      return spanMs(writes, random);
    default:
      return spanMs(reads, random);
  }
}
