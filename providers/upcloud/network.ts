import { cloudName, ownerOf } from '../../schemas/owner.ts';
import type { Observed } from '../../schemas/provider.ts';
import { sameJson } from '../../schemas/json.ts';
import { PROTECTED_LABEL, withoutOwner } from '../transport/labels.ts';
import { ask } from './client.ts';
import { textOf } from './fields.ts';
import type { Goal } from './goal.ts';
import type { Sight, Step, UpcloudKind } from './kind.ts';
import { labelMap, labelPairs, MEMO, newLabels, wantedLabels, wantedName } from './labels.ts';
import { about, lookUp } from './look.ts';
import { type Router, RouterReply } from './replies.ts';

/** A network is a router: it has no range and no zone of its own, so that both stand in its labels. */
export function networkSeen(router: Router): Observed {
  const labels = labelMap(router.labels);
  const ipRange = labels[MEMO.ipRange];
  const zone = labels[MEMO.zone];
  return {
    kind: 'network',
    id: router.uuid,
    name: router.name,
    spec: {
      ...(ipRange === undefined ? {} : { ipRange }),
      ...(zone === undefined ? {} : { zone }),
      labels: withoutOwner(labels),
    },
    outputs: { id: router.uuid, ipRange: ipRange ?? null },
    owner: ownerOf(labels),
    phase: 'ready',
    protected: labels[PROTECTED_LABEL] === 'true',
    createdAt: 0,
    attached: router.attached_networks.network.length > 0,
  };
}

function sightOf(router: Router): Sight {
  const labels = labelMap(router.labels);
  const path = `/router/${router.uuid}`;
  return {
    observed: networkSeen(router),
    labels,
    isBusy: false,
    toward: (_ctx, goal) => relabelled({ name: router.name, labels }, goal, path),
    away: () => ({ method: 'DELETE', path, reply: null }),
  };
}

function relabelled(
  now: { readonly name: string; readonly labels: Sight['labels'] },
  goal: Goal,
  path: string,
): Step | null {
  const name = wantedName(now, goal);
  const labels = wantedLabels(now.labels, goal);
  if (name === now.name && sameJson(labels, now.labels)) return null;
  return { method: 'PATCH', path, body: { router: { name, labels: labelPairs(labels) } }, reply: RouterReply };
}

export const network: UpcloudKind = {
  pollMs: 1_000,
  async look(ctx, account, id) {
    const what = 'read network';
    const found = await lookUp(ctx, account, { what, path: `/router/${encodeURIComponent(id)}`, reply: RouterReply });
    return found === null ? null : sightOf(about(found.router, found.router.uuid === id, what));
  },
  async create(ctx, account, request) {
    const { owner, spec } = request;
    const zone = textOf(spec, 'zone');
    const labels = newLabels(request, {
      [MEMO.ipRange]: textOf(spec, 'ipRange') ?? '',
      ...(zone === undefined ? {} : { [MEMO.zone]: zone }),
    });
    const { router } = await ask(ctx, account.client, {
      what: 'create network',
      method: 'POST',
      path: '/router',
      body: { router: { name: cloudName(owner), labels: labelPairs(labels) } },
      accepted: 'create.accepted',
      reply: RouterReply,
    });
    return sightOf(router);
  },
};
