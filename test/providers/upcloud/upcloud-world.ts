import { createUpcloud, type FakeUpcloud } from '../../fakes/upcloud/cloud.ts';
import { FAULTS, type FaultName } from '../../fakes/upcloud/faults.ts';
import { cloudFetch } from '../../../platform/demo-cloud/fetch.ts';
import type { Label, Settings } from '../../fakes/upcloud/model.ts';
import { upcloud } from '../../../providers/upcloud/index.ts';
import type { CallContext, Connection } from '../../../schemas/provider.ts';
import { LABEL } from '../../../schemas/owner.ts';
import type { Secrets } from '../../../schemas/secret.ts';
import type { World } from '../../../schemas/world.ts';
import type { Gaps } from '../contract.ts';
import type { ContractWorld, TrueObject } from '../contract/world.ts';
import { type VirtualClock, virtualClock, worldOn } from '../virtual-clock.ts';
import { foreignObject } from './foreign.ts';
import { checkedFetch } from './shapes.ts';

export const ZONE = 'fi-hel1';
const SECRET = 'ucat-secret-4c1d';

/** A fake UpCloud and its provider in this process, on a clock that jumps over all waiting. */
export interface UpcloudWorld {
  readonly clock: VirtualClock;
  readonly cloud: FakeUpcloud;
  readonly config: { readonly [key: string]: unknown };
  readonly secrets: Secrets;
  context(options?: {
    readonly reach?: World['reach'];
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
  }): CallContext;
  connect(): Promise<Connection>;
}

/** `isChecked`: every answer of the fake is held against its shape, which takes longer than to give it. */
export function upcloudWorld(settings: Partial<Settings> = {}, isChecked = true): UpcloudWorld {
  const clock = virtualClock();
  const cloud = createUpcloud({ settings: { token: SECRET, ...settings } });
  const world = worldOn(clock);
  const plain = cloudFetch(cloud, { clock });
  const fetch = isChecked ? checkedFetch(plain, cloud) : plain;
  const config = { url: 'http://127.0.0.1:1', zone: ZONE };
  const secrets: Secrets = name => Promise.resolve(name === 'env:UPCLOUD_TOKEN' ? SECRET : undefined);
  const context: UpcloudWorld['context'] = (over = {}) => ({
    world: over.reach === undefined ? world : { ...world, reach: over.reach },
    signal: over.signal ?? new AbortController().signal,
    fetch,
    timeoutMs: over.timeoutMs ?? 10_000,
  });
  return { clock, cloud, config, secrets, context, connect: () => upcloud.connect(context(), config, secrets) };
}

/** What the fake UpCloud cannot be asked. */
export const UPCLOUD_GAPS: Gaps = {
  missing: ['taskserv.postgres'],
  virtual: ['ssh-key', 'firewall'],
  faults: ['half-done', 'page-gap', 'page-repeat'],
};

/** The same as the contract of all providers wants it. */
export function upcloudContractWorld(): ContractWorld {
  const inner = upcloudWorld();
  const { cloud, clock } = inner;
  const { state } = cloud;
  return {
    clock,
    secret: SECRET,
    pageSize: Number.POSITIVE_INFINITY,
    lacks: { volume: ['format'], 'load-balancer': ['algorithm'] },
    words: {
      size: '1xCPU-2GB',
      biggerSize: '2xCPU-4GB',
      balancerSize: 'development',
      biggerBalancerSize: 'production-small',
      image: 'Debian GNU/Linux 12 (Bookworm)',
      zone: ZONE,
    },
    capability: kind => upcloud.capability(kind, inner.config),
    connect: ctx => upcloud.connect(ctx, inner.config, inner.secrets),
    context: inner.context,
    truth() {
      cloud.settle(clock.now());
      return truth(cloud);
    },
    writes: () => cloud.ledger().filter(entry => entry.method !== 'GET').length,
    supports: fault => Object.hasOwn(FAULTS, fault) && !IMPOSSIBLE.has(fault),
    arm(fault) {
      const { kind: _kind, ...rest } = fault;
      const input = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
      return cloud.arm({ ...input, fault: fault.fault as FaultName, asked: fault.asked });
    },
    slow: ms => cloud.configure({ latencyMs: ms }),
    actionsTake: ms => cloud.configure({ actionMs: ms }),
    tamper(id, labels) {
      const holder = holderOf(cloud, id);
      const kept = holder.labels.filter(label => labels[label.key] === undefined);
      const added = Object.entries(labels).flatMap(([key, value]) => (value === null ? [] : [{ key, value }]));
      holder.labels = [...kept, ...added];
    },
    foreign: (kind, name, spec, labels) => foreignObject(cloud, clock.now(), { kind, name, spec, labels }),
    vanish(id) {
      for (const objects of [
        state.servers,
        state.storages,
        state.networks,
        state.routers,
        state.groups,
        state.balancers,
        state.addresses,
      ])
        delete (objects as { [id: string]: unknown })[id];
    },
    unstick(id) {
      const stuck = state.servers[id];
      if (stuck !== undefined) Object.assign(stuck, { state: 'error', next: null });
    },
  };
}

/** No error tells of an object half made, which shows in the state of a server; and only load balancers come in pages, which have a test of their own. */
const IMPOSSIBLE = new Set(['half-done', 'page-gap', 'page-repeat']);

interface Labelled {
  labels: Label[];
}

function holderOf(cloud: FakeUpcloud, id: string): Labelled {
  const { servers, storages, networks, routers, groups, balancers } = cloud.state;
  const found =
    servers[id] ??
    storages[id] ??
    networks[id] ??
    routers[id] ??
    groups[id] ??
    (balancers[id]?.body as Labelled | undefined);
  if (found === undefined) throw new TypeError(`nothing with labels is called ${id}`);
  return found;
}

const OWNERSHIP: ReadonlySet<string> = new Set(Object.values(LABEL));

/** Without what the provider remembers on objects besides whose they are. */
function mapOf(labels: readonly Label[]): { readonly [key: string]: string } {
  return Object.fromEntries(
    labels
      .filter(({ key }) => !key.startsWith('provisioning/') || OWNERSHIP.has(key))
      .map(({ key, value }) => [key, value]),
  );
}

export function truth({ state }: FakeUpcloud): readonly TrueObject[] {
  const of = (kind: string, objects: readonly (Labelled & { uuid: string; name: string })[]): TrueObject[] =>
    objects.map(({ uuid, name, labels }) => ({ kind, id: uuid, name, labels: mapOf(labels) }));
  const titled = <T extends { title: string }>(objects: { [id: string]: T }): (T & { name: string })[] =>
    Object.values(objects).map(one => ({ ...one, name: one.title }));
  return [
    ...of('server', titled(state.servers)),
    ...of(
      'volume',
      titled(state.storages).filter(storage => storage.access === 'private'),
    ),
    ...of(
      'network',
      Object.values(state.routers).filter(router => router.type === 'normal'),
    ),
    ...of(
      'subnet',
      Object.values(state.networks).filter(network => network.type === 'private'),
    ),
    ...of('placement-group', titled(state.groups)),
    ...of(
      'load-balancer',
      Object.values(state.balancers)
        .filter(balancer => balancer.next?.state !== 'gone')
        .map(({ uuid, body }) => ({ uuid, name: String(body['name']), labels: body['labels'] as unknown as Label[] })),
    ),
    ...Object.values(state.addresses)
      .filter(address => address.floating)
      .map(({ address }) => ({ kind: 'floating-ip' as const, id: address, name: address, labels: {} })),
  ];
}
