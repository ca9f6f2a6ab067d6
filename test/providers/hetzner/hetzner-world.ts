import { createHetzner, type FakeHetzner } from '../../fakes/hetzner/cloud.ts';
import { type FaultName, FAULTS } from '../../fakes/hetzner/faults.ts';
import type { Asked } from '../../fakes/hetzner/routes.ts';
import { cloudFetch } from '../../../platform/demo-cloud/fetch.ts';
import { MEMBERS } from '../../fakes/hetzner/actions.ts';
import { COLLECTIONS, type Kept, type Settings } from '../../fakes/hetzner/model.ts';
import { subnetsOf } from '../../fakes/hetzner/networks.ts';
import { hetzner } from '../../../providers/hetzner/index.ts';
import { subnetLabels, withSubnetLabels } from '../../../providers/hetzner/labels.ts';
import { LABEL } from '../../../schemas/owner.ts';
import type { CallContext, Connection } from '../../../schemas/provider.ts';
import type { Secrets } from '../../../schemas/secret.ts';
import type { World } from '../../../schemas/world.ts';
import type { Gaps } from '../contract.ts';
import type { ContractWorld, TrueObject } from '../contract/world.ts';
import { type VirtualClock, virtualClock, worldOn } from '../virtual-clock.ts';
import { foreignObject } from './foreign.ts';

const SECRET = 'hcloud-secret-4c1d';

/** A fake Hetzner Cloud and its provider in this process, on a clock that jumps over all waiting. */
export interface HetznerWorld {
  readonly clock: VirtualClock;
  readonly cloud: FakeHetzner;
  readonly config: { readonly [key: string]: unknown };
  readonly secrets: Secrets;
  context(options?: {
    readonly reach?: World['reach'];
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
  }): CallContext;
  connect(): Promise<Connection>;
}

type Options = Omit<NonNullable<Parameters<typeof createHetzner>[0]>, 'settings'>;

export function hetznerWorld(settings: Partial<Settings> = {}, options: Options = {}): HetznerWorld {
  const clock = virtualClock();
  // Holding everything against the description takes time, and is done where that is what is tested.
  const cloud = createHetzner({ descriptions: [], ...options, settings: { token: SECRET, ...settings } });
  const world = worldOn(clock);
  const fetch = cloudFetch(cloud, { clock });
  const config = { url: 'http://127.0.0.1:1/v1' };
  const secrets: Secrets = name => Promise.resolve(name === 'env:HCLOUD_TOKEN' ? SECRET : undefined);
  const context: HetznerWorld['context'] = (over = {}) => ({
    world: over.reach === undefined ? world : { ...world, reach: over.reach },
    signal: over.signal ?? new AbortController().signal,
    fetch,
    timeoutMs: over.timeoutMs ?? 10_000,
  });
  return { clock, cloud, config, secrets, context, connect: () => hetzner.connect(context(), config, secrets) };
}

/** Hetzner shows every write at once, and its errors tell of nothing half made. */
const IMPOSSIBLE = new Set(['half-done', 'invisible', 'still-listed']);

/** With what was not as the API description has it. */
interface HetznerContractWorld extends ContractWorld {
  violations(): readonly string[];
}

/** What the fake Hetzner cannot be asked. */
export const HETZNER_GAPS: Gaps = {
  missing: ['taskserv.postgres'],
  faults: ['half-done', 'invisible', 'still-listed'],
};

/** The same as the contract of all providers wants it. */
export function hetznerContractWorld(options: Options = {}): HetznerContractWorld {
  const inner = hetznerWorld({}, options);
  const { cloud, clock } = inner;
  return {
    clock,
    violations: () => cloud.violations(),
    secret: SECRET,
    pageSize: 50,
    words: {
      size: 'cx23',
      biggerSize: 'cx33',
      balancerSize: 'lb11',
      biggerBalancerSize: 'lb21',
      image: 'debian-12',
      zone: 'fsn1',
    },
    capability: kind => hetzner.capability(kind, inner.config),
    connect: ctx => hetzner.connect(ctx, inner.config, inner.secrets),
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
      return cloud.arm({ ...input, fault: fault.fault as FaultName, asked: fault.asked as Asked });
    },
    slow: ms => cloud.configure({ latencyMs: ms }),
    actionsTake: ms => cloud.configure({ actionMs: ms }),
    tamper(id, labels) {
      const [network = '', range] = id.split(/-(.*)/);
      const object = objectOf(cloud, network);
      const before = range === undefined ? object.labels : subnetLabels(object.labels, range);
      const merged = Object.entries({ ...before, ...labels }).filter(
        (entry): entry is [string, string] => entry[1] !== null,
      );
      const next = Object.fromEntries(merged);
      object.labels = range === undefined ? next : { ...withSubnetLabels(object.labels, range, next) };
    },
    foreign: (kind, name, spec, labels) => foreignObject(cloud, clock.now(), { kind, name, spec, labels }),
    vanish(id) {
      for (const collection of COLLECTIONS) delete cloud.state[collection][id];
    },
    unstick(id) {
      for (const action of Object.values(cloud.state.actions)) {
        const isStuck = action.endsAt === null && action.resources.some(one => String(one.id) === id);
        if (isStuck) Object.assign(action, { endsAt: clock.now(), error: { code: 'action_failed', message: '' } });
      }
    },
  };
}

function objectOf({ state }: FakeHetzner, id: string): Kept {
  for (const collection of COLLECTIONS) {
    const found = state[collection][id];
    if (found !== undefined) return found;
  }
  throw new TypeError(`there is no object ${id}`);
}

const OWNERSHIP: ReadonlySet<string> = new Set(Object.values(LABEL));

/** Without what the provider remembers on objects besides whose they are. */
function own(labels: { readonly [key: string]: string }): { readonly [key: string]: string } {
  return Object.fromEntries(
    Object.entries(labels).filter(
      ([key]) => !key.startsWith('sn-') && (!key.startsWith('provisioning/') || OWNERSHIP.has(key)),
    ),
  );
}

export function truth({ state }: FakeHetzner): readonly TrueObject[] {
  const found: TrueObject[] = [];
  for (const collection of COLLECTIONS) {
    const kind = MEMBERS[collection].replaceAll('_', '-');
    for (const object of Object.values(state[collection])) {
      found.push({ kind, id: String(object.id), name: object.name, labels: own(object.labels) });
      if (collection !== 'networks') continue;
      for (const { ip_range: range } of subnetsOf(object)) {
        const inner = subnetLabels(object.labels, range);
        const name = inner['provisioning/name'] ?? range;
        found.push({ kind: 'subnet', id: `${object.id}-${range}`, name, labels: own(inner) });
      }
    }
  }
  return found;
}
