import { sameJson } from '../../schemas/json.ts';
import { cloudName, ownerOf } from '../../schemas/owner.ts';
import type { Observed } from '../../schemas/provider.ts';
import { PROTECTED_LABEL, withoutOwner } from '../transport/labels.ts';
import { ask } from './client.ts';
import type { Sight, UpcloudKind } from './kind.ts';
import { labelMap, labelPairs, newLabels, wantedLabels, wantedName } from './labels.ts';
import { about, lookUp } from './look.ts';
import { type Group, GroupReply } from './replies.ts';

export function groupSeen(group: Group): Observed {
  const labels = labelMap(group.labels.label);
  return {
    kind: 'placement-group',
    id: group.uuid,
    name: group.title,
    spec: {
      // `yes` only tries to keep servers apart, which is less than the kind promises.
      ...(group.anti_affinity === 'strict' ? { strategy: 'spread' } : {}),
      labels: withoutOwner(labels),
    },
    outputs: { id: group.uuid },
    owner: ownerOf(labels),
    phase: 'ready',
    protected: labels[PROTECTED_LABEL] === 'true',
    createdAt: 0,
    attached: group.servers.server.length > 0,
  };
}

function sightOf(group: Group): Sight {
  const labels = labelMap(group.labels.label);
  const path = `/server-group/${group.uuid}`;
  return {
    observed: groupSeen(group),
    labels,
    isBusy: false,
    toward(_ctx, goal) {
      const title = wantedName({ name: group.title, labels }, goal);
      const wanted = wantedLabels(labels, goal);
      if (title === group.title && sameJson(wanted, labels)) return null;
      const body = { server_group: { title, labels: { label: labelPairs(wanted) } } };
      return { method: 'PATCH', path, body, reply: GroupReply };
    },
    away: () => ({ method: 'DELETE', path, reply: null }),
  };
}

export const placementGroup: UpcloudKind = {
  pollMs: 1_000,
  async look(ctx, account, id) {
    const what = 'read placement-group';
    const path = `/server-group/${encodeURIComponent(id)}`;
    const found = await lookUp(ctx, account, { what, path, reply: GroupReply });
    return found === null ? null : sightOf(about(found.server_group, found.server_group.uuid === id, what));
  },
  async create(ctx, account, request) {
    const { server_group: group } = await ask(ctx, account.client, {
      what: 'create placement-group',
      method: 'POST',
      path: '/server-group',
      body: {
        server_group: {
          title: cloudName(request.owner),
          anti_affinity: 'strict',
          labels: { label: labelPairs(newLabels(request)) },
        },
      },
      accepted: 'create.accepted',
      reply: GroupReply,
    });
    return sightOf(group);
  },
};
