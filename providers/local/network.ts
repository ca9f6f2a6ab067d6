import type { Definition } from './kind.ts';
import { ask } from './client.ts';
import { fault } from './faults.ts';
import { newLabels, specIn } from './labels.ts';
import type { Piece } from './pieces.ts';
import { Made } from './replies.ts';

/** A network is a bridge of the engine. */
export const network: Definition = {
  kind: 'network',
  show({ piece, all }) {
    const ipRange = piece.network?.IPAM.Config?.[0]?.Subnet ?? null;
    return {
      spec: { ...specIn(piece.labels), ipRange },
      outputs: { ipRange },
      attached: isUsed(all, piece),
    };
  },
  async make(ctx, { url }, { request, name }) {
    const body = {
      Name: name,
      CheckDuplicate: true,
      Driver: 'bridge',
      Labels: newLabels(request),
      IPAM: { Config: [{ Subnet: request.spec['ipRange'] }] },
    };
    const create = { method: 'POST', path: '/networks/create', body, accepted: 'create.accepted' } as const;
    return (await ask(ctx, url, { ...create, what: 'create network', reply: Made })).Id;
  },
  path: piece => `/networks/${piece.id}`,
  release({ piece, all }) {
    if (!isUsed(all, piece)) return;
    throw fault('dependency', 'in_use', 'delete network', { why: 'it still has subnets or servers' });
  },
};

function isUsed(all: readonly Piece[], { id, name }: Piece): boolean {
  return all.some(
    ({ labels, container }) =>
      specIn(labels)['network'] === id || container?.NetworkSettings?.Networks?.[name] !== undefined,
  );
}
