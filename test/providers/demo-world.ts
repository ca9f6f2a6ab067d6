import { type CloudCore, createCloud } from '../../platform/demo-cloud/cloud.ts';
import type { FaultName } from '../../platform/demo-cloud/faults.ts';
import { cloudFetch } from '../../platform/demo-cloud/fetch.ts';
import type { CloudReply } from '../../platform/demo-cloud/model.ts';
import type { ProfileName, SettingsInput } from '../../platform/demo-cloud/settings.ts';
import { FAULTS } from '../../platform/demo-cloud/faults.ts';
import { demo } from '../../providers/demo/index.ts';
import { demoKindOf } from '../../providers/demo/kinds.ts';
import type { CallContext, Connection } from '../../schemas/provider.ts';
import type { Spec } from '../../schemas/resource.ts';
import type { World } from '../../schemas/world.ts';
import type { ContractWorld } from './contract/world.ts';
import { type VirtualClock, virtualClock, worldOn } from './virtual-clock.ts';
import { noSecrets } from './no-secrets.ts';

export interface DemoWorld {
  readonly clock: VirtualClock;
  readonly world: World;
  readonly core: CloudCore;
  readonly fetch: CallContext['fetch'];
  readonly config: {
    readonly url: string;
    readonly profile: ProfileName;
    readonly token?: string;
    readonly visibleAfterMs?: number;
  };
  context(options?: {
    readonly reach?: World['reach'];
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
  }): CallContext;
  connect(): Promise<Connection>;
}

/** A demo cloud and its provider in this process, on a clock that jumps over all waiting. */
export function demoWorld(
  options: { readonly profile?: ProfileName; readonly settings?: SettingsInput; readonly visibleAfterMs?: number } = {},
): DemoWorld {
  const profile = options.profile ?? 'hetzner';
  const clock = virtualClock();
  const world = worldOn(clock);
  const core = createCloud({ settings: { profile, ...options.settings } });
  const fetch = cloudFetch(core, { clock });
  const token = options.settings?.token;
  const config = {
    url: 'http://demo.invalid',
    profile,
    ...(token == null ? {} : { token }),
    ...(options.visibleAfterMs === undefined ? {} : { visibleAfterMs: options.visibleAfterMs }),
  };
  const context: DemoWorld['context'] = (over = {}) => ({
    world: over.reach === undefined ? world : { ...world, reach: over.reach },
    signal: over.signal ?? new AbortController().signal,
    fetch,
    timeoutMs: over.timeoutMs ?? 10_000,
  });
  return { clock, world, core, fetch, config, context, connect: () => demo.connect(context(), config, noSecrets) };
}

const SECRET = 'demo-secret-4c1d';

/** The same as the contract of all providers wants it. */
export function demoContractWorld(profile: ProfileName): ContractWorld {
  const inner = demoWorld({ profile, settings: { token: SECRET } });
  const { core, clock } = inner;
  const admin = (method: string, path: string, body?: unknown): CloudReply => {
    const headers = { authorization: `Bearer ${SECRET}` };
    const reply = core.handle(
      { method, path: `/admin/${path}`, headers, body: body === undefined ? '' : JSON.stringify(body) },
      clock.now(),
    );
    if (reply.status !== 200) throw new Error(reply.body);
    return reply;
  };
  return {
    clock,
    secret: SECRET,
    pageSize: 50,
    words: {
      size: 'small',
      biggerSize: 'large',
      balancerSize: 'lb-small',
      biggerBalancerSize: 'lb-large',
      image: 'debian-12',
      zone: 'fi-1',
    },
    capability: kind => demo.capability(kind, inner.config),
    connect: ctx => demo.connect(ctx, inner.config, noSecrets),
    context: inner.context,
    truth: () => core.objects().map(({ kind, id, name, labels }) => ({ kind, id, name, labels })),
    writes: () => core.ledger().filter(entry => entry.operation !== 'admin' && entry.method !== 'GET').length,
    supports: fault => Object.hasOwn(FAULTS, fault),
    arm(fault) {
      const { asked, kind, nth, ...rest } = fault;
      const match = {
        operation: asked,
        ...(kind === undefined ? {} : { kind }),
        ...(nth === undefined ? {} : { nth }),
      };
      const input = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
      const id = core.arm({ ...input, fault: fault.fault as FaultName, match });
      return () => core.faults().find(rule => rule.id === id)?.fired ?? 0;
    },
    slow: ms => core.configure({ latency: { reads: ms, writes: ms } }),
    actionsTake: ms => core.configure({ actionMs: ms }),
    tamper: (id, labels) => void admin('PATCH', `objects/${id}`, { labels }),
    foreign(kind, name, spec, labels) {
      const { body } = admin('POST', 'objects', { kind, name, labels, ...encoded(kind, spec) });
      return (JSON.parse(body) as { object: { id: string } }).object.id;
    },
    vanish: id => void admin('DELETE', `objects/${id}`),
  };
}

function encoded(kind: string, spec: Spec): object {
  const fields = demoKindOf(kind)?.encode(kind, spec, [...Object.keys(spec), 'type']) ?? {};
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));
}
