import { createHash } from 'node:crypto';
import type { Json } from '../../schemas/json.ts';
import { LABEL } from '../../schemas/owner.ts';
import { settle } from './actions.ts';
import { administer } from './admin.ts';
import { CURRENCY, IMAGES, PRICES, QUOTA, SIZES, ZONES } from './catalogue.ts';
import { type ArmedRule, FAULTS, type FaultRuleInput, openFaultTable } from './faults.ts';
import { rulesOf } from './kinds.ts';
import { type CloudObject, type CloudReply, type CloudRequest, type JournalLine, type LedgerEntry, Refusal } from './model.ts';
import { seeded } from './random.ts';
import { errorReply, jsonReply, spoiledReply, stoppedReply } from './replies.ts';
import { type Answer, type Bends, type Call, changeObject, createObject, deleteObject, resizeObject } from './resources.ts';
import { type Route, bodyOf, routeOf } from './route.ts';
import { ProfileName, Settings, type SettingsInput, spanMs } from './settings.ts';
import { openStore, type Store } from './store.ts';
import { listActions, listObjects, readable, shown, sightOf } from './views.ts';

export interface CloudOptions {
  readonly settings?: SettingsInput;
  readonly faults?: readonly FaultRuleInput[];
  /** Lines that a former process wrote, oldest first. They go before `settings` and `faults`. */
  readonly journal?: Iterable<JournalLine>;
  /** Called once for each request, before its answer is given. When it throws, the request fails and nothing is acknowledged. */
  readonly record?: (line: JournalLine) => void;
}

/** A cloud without time, randomness or network of its own: the same requests at the same times give the same answers. */
export interface CloudCore {
  handle(request: CloudRequest, nowMs: number): CloudReply;
  /** The truth, whatever the API would show. */
  objects(): readonly CloudObject[];
  ledger(): readonly LedgerEntry[];
  arm(rule: FaultRuleInput): string;
  disarm(id?: string): void;
  faults(): readonly ArmedRule[];
  configure(settings: Partial<SettingsInput>): void;
}

export function createCloud(options: CloudOptions = {}): CloudCore {
  const store = openStore();
  let settings = Settings.parse(options.settings ?? {});
  const random = seeded(settings.seed);
  const faults = openFaultTable(random);
  const ledger: LedgerEntry[] = [];
  const bucket = { tokens: settings.rateLimit?.burst ?? 0, at: 0 };
  const configure = (next: Settings): void => {
    settings = next;
    store.keep('settings', next as unknown as Json);
  };
  for (const line of options.journal ?? []) {
    ledger.push(line.entry);
    store.load(line.writes ?? {});
    if (line.writes?.settings != null) settings = Settings.parse(line.writes.settings);
    if (line.writes?.rules != null) faults.load(line.writes.rules as unknown as ArmedRule[]);
  }
  for (const rule of options.faults ?? []) faults.arm(rule);

  const admin = (request: CloudRequest, route: Route, nowMs: number): Answer => {
    const back = { store, faults, ledger, nowMs, settings: () => settings, configure };
    return administer(back, request, route);
  };

  const answered = (request: CloudRequest, route: Route, nowMs: number): Turn => {
    if (!isAuthorised(request, settings)) return refused(new Refusal(401, 'unauthorized', 'the token is missing or wrong'));
    if (route.operation === 'admin') return attempt(() => admin(request, route, nowMs));
    const kind = kindAsked(request, route, store);
    const rule = faults.pick({ method: request.method, operation: route.operation, kind });
    if (rule !== undefined && FAULTS[rule.fault].phase === 'before') {
      return { reply: stoppedReply(rule, request, nowMs), effect: 'none', id: route.id, kind, rule };
    }
    const over = overLimit(bucket, settings, nowMs);
    if (over !== null) return { reply: over, effect: 'none', id: route.id, kind };
    const profile = profileOf(request, settings);
    const call: Call = { request, route, nowMs, profile, settings, store, random, bends: bendsOf(rule) };
    return bent(call, rule, kind);
  };

  return {
    handle(request, nowMs) {
      const ended = settle(store, nowMs);
      const route = routeOf(request);
      const turn = answered(request, route, nowMs);
      if (turn.rule !== undefined) turn.rule.fired += 1;
      if (turn.rule !== undefined || route.path.startsWith('/admin/faults')) store.keep('rules', faults.rules() as unknown as Json);
      const effect = [...ended, turn.effect].filter((part, _at, all) => part !== 'none' || all.length === 1).join(', ');
      const entry = entryOf(request, route, { ...turn, effect }, { seq: ledger.length + 1, nowMs, store });
      ledger.push(entry);
      const writes = store.drain();
      options.record?.(writes === null ? { entry } : { entry, writes });
      return { ...turn.reply, delayMs: delayOf(route, turn.kind ?? null, settings, random) };
    },
    objects: () => [...store.objects.values()],
    ledger: () => ledger,
    arm: rule => faults.arm(rule),
    disarm: id => faults.disarm(id ?? null),
    faults: () => faults.rules(),
    configure: next => configure(Settings.parse({ ...settings, ...next })),
  };
}

interface Turn {
  readonly reply: CloudReply;
  readonly effect: string;
  readonly id: string | null;
  readonly kind?: string | null;
  /** The rule that fired. */
  readonly rule?: ArmedRule;
}

function refused(refusal: Refusal): Turn {
  const { status, code, message, extra } = refusal;
  return { reply: errorReply(status, { code, message, extra }), effect: 'none', id: null };
}

function attempt(work: () => Answer): Turn {
  try {
    const { status, body, ...rest } = work();
    return { ...rest, reply: jsonReply(status, body) };
  } catch (error) {
    if (error instanceof Refusal) return refused(error);
    throw error;
  }
}

/** Does what was asked, once or twice, and lets an armed fault spoil the answer. */
function bent(call: Call, rule: ArmedRule | undefined, kind: string | null): Turn {
  const first = { kind, ...attempt(() => execute(call)) };
  if (rule === undefined) return first;
  if (rule.fault === 'sent-twice') {
    const second = attempt(() => execute(call));
    return { ...first, reply: second.reply, effect: joined(first.effect, second.effect), rule };
  }
  if (FAULTS[rule.fault].phase === 'after') {
    const reply = spoiledReply(rule, call.request, first.reply);
    return reply === null ? first : { ...first, reply, rule };
  }
  return happened(rule, call, first) ? { ...first, rule } : first;
}

function joined(first: string, second: string): string {
  return second === 'none' ? first : `${first}, ${second}`;
}

/** Whether a fault that bends the work really had something to bend. */
function happened(rule: ArmedRule, call: Call, turn: Turn): boolean {
  if (rule.fault === 'half-done') return turn.reply.status === 422 || call.route.operation === 'poll';
  if (rule.fault === 'invisible' || rule.fault === 'still-listed') return turn.reply.status < 300;
  return turn.reply.status < 300 && turn.kind != null && rulesOf(turn.kind)?.asynchronous === true;
}

function bendsOf(rule: ArmedRule | undefined): Bends {
  switch (rule?.fault) {
    case 'action-fails':
      return { actionFails: rule.code };
    case 'action-stuck':
      return { actionStuck: true };
    case 'invisible':
      return { hideMs: rule.ms };
    case 'still-listed':
      return { keepListedMs: rule.ms };
    case 'half-done':
      return { half: true };
    default:
      return {};
  }
}

function execute(call: Call): Answer {
  const { store, route, settings, nowMs, profile } = call;
  const look = (body: Answer['body']): Answer => ({ status: 200, body, effect: 'none', id: route.id });
  switch (route.operation) {
    case 'create':
      return createObject(call);
    case 'update':
      return changeObject(call);
    case 'action':
      return resizeObject(call);
    case 'delete':
      return deleteObject(call);
    case 'list':
      return look(listObjects(store, route, sightOf(settings, profile, nowMs), settings.pageSize));
    case 'poll':
      return look(listActions(store, route, call.bends.half === true));
    case 'catalogue':
      return look(catalogueOf(store, settings));
    case 'account':
      return look({ name: settings.account });
    case 'read': {
      const object = readable(store, route.id ?? '', sightOf(settings, profile, nowMs));
      if (object === undefined) throw new Refusal(404, 'not_found', 'there is no such object');
      return { ...look({ object: shown(store, object) }), kind: object.kind };
    }
    default:
      throw new Refusal(404, 'not_found', 'there is no such call');
  }
}

function catalogueOf(store: Store, settings: Settings): Answer['body'] {
  const kinds = ['ssh-key', 'placement-group', 'network', 'subnet', 'firewall', 'floating-ip', 'server', 'volume', 'load-balancer'];
  return {
    sizes: SIZES.map(size => ({
      ...size,
      zones: ZONES,
      stock: settings.stock[size.name] ?? null,
      monthly: settings.prices[size.name] ?? size.monthly,
    })),
    images: IMAGES.map(name => ({ name, zones: ZONES })),
    zones: ZONES,
    quotas: kinds.map(kind => ({ kind, limit: settings.quotas[kind] ?? QUOTA, used: store.count(kind) })),
    prices: PRICES.map(price => ({ ...price, monthly: settings.prices[price.kind] ?? price.monthly })),
    currency: CURRENCY,
  };
}

function isAuthorised(request: CloudRequest, settings: Settings): boolean {
  return settings.token === null || request.headers['authorization'] === `Bearer ${settings.token}`;
}

function profileOf(request: CloudRequest, settings: Settings): ProfileName {
  return ProfileName.safeParse(request.headers['x-demo-profile']).data ?? settings.profile;
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

function delayOf(route: Route, kind: string | null, settings: Settings, random: () => number): number {
  const { reads, writes, kinds } = settings.latency;
  if (route.operation === 'admin') return 0;
  if (route.operation === 'create' && kind !== null) return spanMs(kinds[kind] ?? writes, random);
  return spanMs(['update', 'action', 'delete'].includes(route.operation) ? writes : reads, random);
}

/** A token bucket; null when the request may pass. */
function overLimit(bucket: { tokens: number; at: number }, settings: Settings, nowMs: number): CloudReply | null {
  const limit = settings.rateLimit;
  if (limit === null) return null;
  bucket.tokens = Math.min(limit.burst, bucket.tokens + ((nowMs - bucket.at) / 1_000) * limit.perSecond);
  bucket.at = nowMs;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return null;
  }
  const waitMs = ((1 - bucket.tokens) / limit.perSecond) * 1_000;
  const headers = {
    'ratelimit-limit': String(limit.burst),
    'ratelimit-remaining': '0',
    'ratelimit-reset': String(Math.ceil((nowMs + waitMs) / 1_000)),
  };
  return errorReply(429, { code: 'rate_limit_exceeded', message: 'too many requests' }, headers);
}

function entryOf(
  request: CloudRequest,
  route: Route,
  turn: Turn,
  at: { readonly seq: number; readonly nowMs: number; readonly store: Store },
): LedgerEntry {
  const object = turn.id === null ? undefined : (at.store.objects.get(turn.id) ?? at.store.graves.get(turn.id)?.object);
  const labels = object?.labels ?? {};
  return {
    seq: at.seq,
    at: at.nowMs,
    method: request.method,
    path: request.path,
    operation: route.operation,
    kind: turn.kind ?? object?.kind ?? route.kind,
    id: turn.id,
    token: request.headers['idempotency-key'] ?? null,
    opId: labels[LABEL.operation] ?? null,
    workspace: labels[LABEL.workspace] ?? null,
    address: labels[LABEL.address] ?? null,
    client: request.headers['x-provisioning-client'] ?? null,
    epoch: request.headers['x-provisioning-epoch'] ?? null,
    bodyDigest: request.body === '' ? null : createHash('sha256').update(request.body).digest('hex'),
    effect: turn.effect,
    status: turn.reply.status,
    fault: turn.rule === undefined ? null : { rule: turn.rule.id, name: turn.rule.fault },
  };
}
