import type { Failpoint } from '../../schemas/failpoint.ts';
import { cloudName, ownerOf } from '../../schemas/owner.ts';
import type { CallContext, CreateRequest, Observed } from '../../schemas/provider.ts';
import { ProviderFault } from '../../schemas/provider.ts';
import { sameJson } from '../../schemas/json.ts';
import type { Goal } from '../course/goal.ts';
import type { Sight } from '../course/sight.ts';
import { type Labels, PROTECTED_LABEL, withoutOwner } from '../transport/labels.ts';
import { type Account, inTurn, networkOf, networkZone } from './account.ts';
import { ask } from './client.ts';
import { fault } from './faults.ts';
import { type HetznerKind, refId, step } from './kind.ts';
import { MEMO, newLabels, subnetLabels, wantedLabels, withSubnetLabels } from './labels.ts';
import { pagesOf } from './pages.ts';
import { splitSubnetId, subnetId } from './ranges.ts';
import { type Network, Network as NetworkShape, Ordered, Page, runningOf, type Started } from './replies.ts';
import { z } from 'zod';

/** Name of a subnet as a label of its own: subnets have none. */
const NAME = 'provisioning/name';

const NetworksPage = Page.extend({ networks: z.array(NetworkShape) });

/**
 * Subnets are parts of a network, without id, name and labels. What we must know about one stands in labels of the
 * network, written before the subnet is made, under keys that start with its range.
 */
export function subnetKind(account: Account): HetznerKind {
  const all = async (ctx: CallContext): Promise<readonly Observed[]> => {
    const networks = await pagesOf(ctx, account.client, {
      path: '/networks?sort=id:asc',
      reply: NetworksPage,
      items: page => page.networks,
      idOf: network => String(network.id),
    });
    return networks.flatMap(network => subnetsOf(account, network));
  };
  return {
    pollMs: 500,
    list: async (ctx, selector) => (await all(ctx)).filter(subnet => selector === null || subnet.owner !== null),
    where: async (ctx, { name }) => (await all(ctx)).filter(subnet => subnet.name === name),
    look: (ctx, id) => look(ctx, account, id),
    create: (ctx, request) => create(ctx, account, request),
  };
}

/** The subnets of a network as objects. */
export function subnetsOf(account: Account, network: Network): readonly Observed[] {
  account.ranges.set(
    network.id,
    network.subnets.map(subnet => subnet.ip_range),
  );
  return network.subnets.map(({ ip_range: range, network_zone, gateway }) => {
    const labels = subnetLabels(network.labels, range);
    const id = subnetId(network.id, range);
    const { [NAME]: name, ...rest } = labels;
    return {
      kind: 'subnet',
      id,
      name: name ?? range,
      spec: {
        network: String(network.id),
        ipRange: range,
        zone: labels[MEMO.zone] ?? network_zone,
        labels: withoutOwner(rest),
      },
      outputs: { id, ipRange: range, gateway },
      owner: ownerOf(labels),
      phase: 'ready',
      protected: labels[PROTECTED_LABEL] === 'true',
      createdAt: Date.parse(network.created),
      attached: network.servers.length > 0,
    };
  });
}

async function look(ctx: CallContext, account: Account, id: string): Promise<Sight | null> {
  const at = splitSubnetId(id);
  if (at === undefined) return null;
  try {
    const network = await networkOf(ctx, account, at.network, 'read subnet');
    const observed = subnetsOf(account, network).find(subnet => subnet.id === id);
    return observed === undefined ? null : sightOf(account, network, observed);
  } catch (error) {
    if (error instanceof ProviderFault && error.error.class === 'not-found') return null;
    throw error;
  }
}

function sightOf(account: Account, network: Network, observed: Observed): Sight {
  const range = String(observed.spec['ipRange']);
  const labels = subnetLabels(network.labels, range);
  return {
    observed,
    labels,
    isBusy: false,
    isRunning: true,
    toward(_ctx, goal) {
      const wanted = labelsFor(labels, goal);
      if (sameJson(wanted, labels)) return null;
      return {
        send: async (ctx, accepted) => {
          await writeLabels(ctx, account, {
            network: network.id,
            range,
            labels: wanted,
            accepted,
            what: `${goal.verb} subnet`,
          });
          return [];
        },
      };
    },
    away: () => {
      const path = `/networks/${network.id}/actions/delete_subnet`;
      return step(account, { method: 'POST', path, body: { ip_range: range }, what: 'delete subnet' }, { isEnd: true });
    },
  };
}

/** The labels of a subnet with the name that it follows. */
function labelsFor(labels: Labels, goal: Goal): Labels {
  const { [NAME]: name, ...rest } = labels;
  const former = ownerOf(rest);
  const follows = name === undefined || (former !== null && former.address !== '' && name === cloudName(former));
  const wanted = wantedLabels(rest, goal);
  // What somebody else made has its range for a name, and keeps it.
  if (former === null && name === undefined) return wanted;
  return { ...wanted, [NAME]: follows ? cloudName(goal.owner) : name };
}

/**
 * Takes what was known of a deleted subnet off its network. It is only tidied up: when this fails, the next subnet of
 * the range replaces it.
 */
export async function forgetSubnet(ctx: CallContext, account: Account, id: string): Promise<void> {
  const at = splitSubnetId(id);
  if (at === undefined) return;
  try {
    await writeLabels(ctx, account, { ...at, labels: null, what: 'delete subnet' });
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
  }
}

interface Writing {
  readonly network: number;
  readonly range: string;
  readonly labels: Labels | null;
  readonly accepted?: Failpoint | undefined;
  readonly what: string;
}

const NetworkReply = z.object({ network: NetworkShape });

/** Reads the labels of a network, changes those of one subnet, and writes them; one such write after the other. */
async function writeLabels(ctx: CallContext, account: Account, write: Writing): Promise<Network> {
  const { network, range, labels, what } = write;
  return inTurn(account, network, async () => {
    const current = await networkOf(ctx, account, network, what);
    // One that is there again belongs to somebody who made it since.
    const isBack = labels === null && current.subnets.some(subnet => subnet.ip_range === range);
    const merged = isBack ? current.labels : withSubnetLabels(current.labels, range, labels);
    if (sameJson(merged, current.labels)) return current;
    const reply = await ask(ctx, account.client, {
      what,
      method: 'PUT',
      path: `/networks/${network}`,
      body: { labels: merged },
      accepted: write.accepted,
      reply: NetworkReply,
    });
    return reply.network;
  });
}

async function create(
  ctx: CallContext,
  account: Account,
  request: CreateRequest,
): Promise<{ readonly sight: Sight; readonly actions: readonly string[] }> {
  const what = 'create subnet';
  const { spec, owner } = request;
  const network = refId(spec['network'], what);
  const range = String(spec['ipRange']);
  const zone = typeof spec['zone'] === 'string' ? spec['zone'] : undefined;
  const before = await networkOf(ctx, account, network, what);
  const known = subnetsOf(account, before).find(subnet => subnet.spec['ipRange'] === range);
  if (known !== undefined) {
    if (known.owner?.opId === owner.opId) return { sight: sightOf(account, before, known), actions: [] };
    throw fault('already-exists', 'uniqueness_error', what);
  }
  const labels = {
    ...newLabels(request, zone === undefined ? {} : { [MEMO.zone]: zone }),
    [NAME]: cloudName(owner),
  };
  const networkZoneName = await networkZone(ctx, account, zone ?? 'eu-central');
  const ready = await writeLabels(ctx, account, { network, range, labels, what });
  const started = await added(ctx, account, { network, range, zone: networkZoneName, owner });
  if ('sight' in started) return started;
  const actions = runningOf(started);
  const made: Network = {
    ...ready,
    subnets: [...ready.subnets, { ip_range: range, network_zone: networkZoneName, gateway: '' }],
  };
  const [observed] = subnetsOf(account, made).filter(subnet => subnet.spec['ipRange'] === range);
  // Its gateway is not told yet, so that it is looked at once more even when it is made already.
  return { sight: { ...sightOf(account, made, observed as Observed), isBusy: true }, actions };
}

interface Adding {
  readonly network: number;
  readonly range: string;
  readonly zone: string;
  readonly owner: CreateRequest['owner'];
}

type Created = Awaited<ReturnType<HetznerKind['create']>>;

/** Adds the subnet. A refusal counts only when it is not there: the same request may have been delivered before. */
async function added(
  ctx: CallContext,
  account: Account,
  { network, range, zone, owner }: Adding,
): Promise<Started | Created> {
  const what = 'create subnet';
  try {
    return await ask(ctx, account.client, {
      what,
      method: 'POST',
      path: `/networks/${network}/actions/add_subnet`,
      body: { type: 'cloud', ip_range: range, network_zone: zone },
      accepted: 'create.accepted',
      reply: Ordered,
    });
  } catch (error) {
    const isRefused = error instanceof ProviderFault && error.error.class === 'invalid-input';
    // A look that fails must not pass for the answer to the create.
    const seen = isRefused ? await look(ctx, account, subnetId(network, range)).catch(() => null) : null;
    if (seen === null || seen.observed.owner?.opId !== owner.opId) throw error;
    return { sight: seen, actions: [] };
  }
}
