import { sameJson } from '../../schemas/json.ts';
import { cloudName, ownerOf } from '../../schemas/owner.ts';
import type { Observed } from '../../schemas/provider.ts';
import { PROTECTED_LABEL, withoutOwner } from '../transport/labels.ts';
import { type Account, zoneFor } from './account.ts';
import { backendOf, frontendOf, membersFor, partsMove, refuseUnknown, servicesOf } from './balancer-parts.ts';
import { ask } from './client.ts';
import { textOf, textsOf } from './fields.ts';
import type { Goal } from './goal.ts';
import type { Move, Sight, UpcloudKind } from './kind.ts';
import { labelMap, labelPairs, MEMO, newLabels, wantedLabels, wantedName } from './labels.ts';
import { about, lookUp } from './look.ts';
import { POWER_POLL_MS } from './power.ts';
import { Balancer } from './replies.ts';

/** Any other state is one on the way. One that finds no healthy server behind it is as it was ordered. */
const READY: ReadonlySet<string> = new Set(['running', 'degraded', 'failing', 'stopped']);

export function balancerSeen(balancer: Balancer): Observed {
  const labels = labelMap(balancer.labels);
  const subnet = balancer.networks.find(network => network.type === 'private')?.uuid;
  const { services, targets } = servicesOf(balancer, labels);
  const state = balancer.operational_state;
  return {
    kind: 'load-balancer',
    id: balancer.uuid,
    name: balancer.name,
    spec: {
      size: balancer.plan,
      zone: balancer.zone,
      ...(subnet === undefined ? {} : { subnet }),
      services,
      targets,
      labels: withoutOwner(labels),
    },
    outputs: {
      id: balancer.uuid,
      publicIp: listening(balancer, 'public'),
      privateIp: listening(balancer, 'private'),
    },
    owner: ownerOf(labels),
    phase: READY.has(state) ? 'ready' : state.startsWith('delete-') ? 'deleting' : 'pending',
    protected: labels[PROTECTED_LABEL] === 'true',
    createdAt: Date.parse(balancer.created_at) || 0,
    attached: false,
  };
}

/** The address on which the first of its machines listens. */
function listening(balancer: Balancer, type: string): string | null {
  const places = balancer.nodes.flatMap(node => node.networks).filter(network => network.type === type);
  return places.flatMap(place => place.ip_addresses).find(one => one.listen)?.address ?? null;
}

function sightOf(account: Account, balancer: Balancer): Sight {
  const observed = balancerSeen(balancer);
  const path = `/load-balancer/${balancer.uuid}`;
  return {
    observed,
    labels: labelMap(balancer.labels),
    isBusy: observed.phase === 'deleting',
    async toward(ctx, goal): Promise<Move> {
      const step = bodyMove(balancer, goal, path) ?? (await partsMove(ctx, account, balancer, goal));
      return step ?? (observed.phase === 'pending' ? 'wait' : null);
    },
    away: () => (observed.phase === 'deleting' ? 'wait' : { method: 'DELETE', path, reply: null }),
  };
}

function bodyMove(balancer: Balancer, goal: Goal, path: string): Move {
  const labels = labelMap(balancer.labels);
  const name = wantedName({ name: balancer.name, labels }, goal);
  const wanted = wantedLabels(labels, goal, goal.fields.includes('services') ? portsMemo(goal) : {});
  const plan = goal.fields.includes('size') ? (textOf(goal.spec, 'size') ?? balancer.plan) : balancer.plan;
  const change = {
    ...(name === balancer.name ? {} : { name }),
    ...(plan === balancer.plan ? {} : { plan }),
    ...(sameJson(wanted, labels) ? {} : { labels: labelPairs(wanted) }),
  };
  return Object.keys(change).length === 0 ? null : { method: 'PATCH', path, body: change, reply: Balancer };
}

function portsMemo({ spec }: Pick<Goal, 'spec'>): { readonly [key: string]: string } {
  const services = Array.isArray(spec['services']) ? (spec['services'] as { listenPort?: number }[]) : [];
  return { [MEMO.ports]: services.map(service => service.listenPort).join('.') };
}

export const loadBalancer: UpcloudKind = {
  pollMs: POWER_POLL_MS,
  lingers: true,
  async look(ctx, account, id) {
    const what = 'read load-balancer';
    const path = `/load-balancer/${encodeURIComponent(id)}`;
    const found = await lookUp(ctx, account, { what, path, reply: Balancer });
    return found === null ? null : sightOf(account, about(found, found.uuid === id, what));
  },
  async create(ctx, account, request) {
    const what = 'create load-balancer';
    const { spec } = request;
    refuseUnknown(spec, what);
    const subnet = textOf(spec, 'subnet');
    const members = await membersFor(ctx, account, { targets: textsOf(spec, 'targets'), subnet });
    const services = Array.isArray(spec['services']) ? spec['services'] : [];
    const made = await ask(ctx, account.client, {
      what,
      method: 'POST',
      path: '/load-balancer',
      body: {
        name: cloudName(request.owner),
        plan: spec['size'] ?? 'development',
        zone: zoneFor(account, spec, what),
        configured_status: 'started',
        networks: [
          { name: 'public', type: 'public', family: 'IPv4' },
          ...(subnet === undefined ? [] : [{ name: 'private', type: 'private', family: 'IPv4', uuid: subnet }]),
        ],
        frontends: services.map(service => frontendOf(service)),
        backends: services.map(service => backendOf(service, members)),
        resolvers: [],
        labels: labelPairs(newLabels(request, portsMemo({ spec }))),
      },
      accepted: 'create.accepted',
      reply: Balancer,
    });
    return sightOf(account, made);
  },
};
