import { createAws, type FakeAws } from '../../fakes/aws/cloud.ts';
import { FAULTS, type FaultName } from '../../fakes/aws/faults.ts';
import { cloudFetch } from '../../../platform/demo-cloud/fetch.ts';
import type { Settings, State, Table, Thing } from '../../fakes/aws/model.ts';
import { live } from '../../fakes/aws/objects.ts';
import { aws } from '../../../providers/aws/index.ts';
import { TAG } from '../../../providers/aws/tags.ts';
import type { CallContext, Connection } from '../../../schemas/provider.ts';
import type { Secrets } from '../../../schemas/secret.ts';
import type { World } from '../../../schemas/world.ts';
import type { Gaps } from '../contract.ts';
import type { ContractWorld, TrueObject } from '../contract/world.ts';
import { type VirtualClock, virtualClock, worldOn } from '../virtual-clock.ts';
import { foreignObject } from './foreign.ts';

export const REGION = 'us-east-1';
export const ZONE = 'us-east-1a';
const KEY_ID = 'AKIATEST';
const SECRET = 'aws-secret-77ab';

/** A fake AWS and its provider in this process, on a clock that jumps over all waiting. */
export interface AwsWorld {
  readonly clock: VirtualClock;
  readonly cloud: FakeAws;
  readonly config: { readonly [key: string]: unknown };
  context(options?: {
    readonly reach?: World['reach'];
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
  }): CallContext;
  connect(ctx: CallContext): Promise<Connection>;
}

export function awsWorld(settings: Partial<Settings> = {}): AwsWorld {
  const clock = virtualClock();
  const credentials = { accessKeyId: KEY_ID, secretAccessKey: SECRET };
  const cloud = createAws({ now: clock.now(), settings: { credentials, ...settings } });
  const world = worldOn(clock);
  const fetch = cloudFetch(cloud, { clock });
  const config = { region: REGION, url: 'http://127.0.0.1:1', visibleAfterMs: 5_000 };
  const known: { readonly [reference: string]: string } = {
    'env:AWS_ACCESS_KEY_ID': KEY_ID,
    'env:AWS_SECRET_ACCESS_KEY': SECRET,
  };
  const secrets: Secrets = reference => Promise.resolve(known[reference]);
  return {
    clock,
    cloud,
    config,
    context: (over = {}) => ({
      world: over.reach === undefined ? world : { ...world, reach: over.reach },
      signal: over.signal ?? new AbortController().signal,
      fetch,
      timeoutMs: over.timeoutMs ?? 10_000,
    }),
    connect: ctx => aws.connect(ctx, config, secrets),
  };
}

/** What the fake AWS cannot be asked. */
export const AWS_GAPS: Gaps = {
  missing: ['taskserv.postgres'],
  faults: ['half-done', 'locked', 'page-gap', 'page-repeat'],
};

/** The same as the contract of all providers wants it. */
export function awsContractWorld(): ContractWorld {
  const { clock, cloud, config, context, connect } = awsWorld();
  return {
    clock,
    secret: SECRET,
    // The contract fills pages with the simplest kind, and key pairs have none at AWS: pages have a test of their own.
    pageSize: Number.POSITIVE_INFINITY,
    lacks: { volume: ['format'], 'load-balancer': ['algorithm'] },
    words: {
      size: 't3.micro',
      biggerSize: 't3.large',
      balancerSize: 'network',
      biggerBalancerSize: 'network',
      image: 'debian-12',
      zone: ZONE,
    },
    capability: kind => aws.capability(kind, config),
    connect,
    context,
    truth() {
      cloud.settle(clock.now());
      return truth(cloud.state);
    },
    writes: () => cloud.ledger().filter(({ action }) => !/^(?:Describe|Get)/.test(action)).length,
    supports: fault => Object.hasOwn(FAULTS, fault) && !IMPOSSIBLE.has(fault),
    arm(fault) {
      const { kind: _kind, fault: name, ...rest } = fault;
      const input = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
      return cloud.arm({ ...input, asked: fault.asked, fault: name as FaultName });
    },
    slow: ms => cloud.configure({ latencyMs: ms }),
    actionsTake: ms => cloud.configure({ actionMs: ms }),
    tamper(id, labels) {
      const { tags } = thingOf(cloud.state, id);
      for (const [key, value] of Object.entries(labels)) {
        if (value === null) delete tags[key];
        else tags[key] = value;
      }
    },
    foreign: (kind, name, spec, labels) => foreignObject(cloud, clock.now(), { kind, name, spec, labels }),
    vanish(id) {
      thingOf(cloud.state, id).goneAt = clock.now();
    },
  };
}

/**
 * No error tells of an object half made, which shows in the state of a server; no listing of the simplest kind has
 * pages; and AWS has no word for what is locked by another action, only for the state that it is in.
 */
const IMPOSSIBLE = new Set(['half-done', 'page-repeat']);

function thingOf(state: State, id: string): Thing {
  const { serial: _, ...tables } = state;
  for (const table of Object.values(tables)) {
    const found = table[id];
    if (found !== undefined) return found;
  }
  throw new TypeError(`nothing is called ${id}`);
}

/** Tags that are neither the owner's nor the user's. */
const OWN: ReadonlySet<string> = new Set(Object.values(TAG));

/** Every object that stands for one of our kinds: no part of another one, and nothing that every account has. */
export function truth(state: State): readonly TrueObject[] {
  const of = <T extends Thing>(kind: string, table: Table<T>, nameOf: (one: T) => string): TrueObject[] =>
    live(table).map(one => ({
      kind,
      id: one.id,
      name: one.tags[TAG.name] ?? nameOf(one),
      labels: Object.fromEntries(Object.entries(one.tags).filter(([key]) => !OWN.has(key))),
    }));
  const only = <T extends Thing>(table: Table<T>, test: (one: T) => boolean): Table<T> =>
    Object.fromEntries(Object.entries(table).filter(([, one]) => test(one)));
  const isFirst = (vpc: string): boolean => state.vpcs[vpc]?.isDefault === true;
  return [
    ...of('ssh-key', state.keys, one => one.name),
    ...of(
      'network',
      only(state.vpcs, one => !one.isDefault),
      one => one.id,
    ),
    ...of(
      'subnet',
      only(state.subnets, one => !isFirst(one.vpc)),
      one => one.id,
    ),
    ...of(
      'firewall',
      only(state.groups, one => one.name !== 'default' && one.tags[TAG.part] === undefined),
      one => one.name,
    ),
    ...of(
      'server',
      only(state.instances, one => one.state !== 'shutting-down' && one.reason !== 'Client.UserInitiatedShutdown'),
      one => one.id,
    ),
    ...of('volume', state.volumes, one => one.id),
    ...of('floating-ip', state.addresses, one => one.id),
    ...of('placement-group', state.placements, one => one.name),
    ...of('load-balancer', state.balancers, one => one.name),
  ];
}
