import { fault } from './faults.ts';
import { ask } from './client.ts';
import { type Definition, referred } from './kind.ts';
import { newLabels, specIn } from './labels.ts';
import { isWithin } from './ranges.ts';
import { Volume } from './replies.ts';

/** A subnet is an entry: engines cut nothing from their networks, but a server gets its address from here. */
export const subnet: Definition = {
  kind: 'subnet',
  show({ piece, all }) {
    const spec = specIn(piece.labels);
    const network = all.find(one => one.kind === 'network' && one.id === spec['network'])?.network;
    return {
      spec,
      outputs: { ipRange: spec['ipRange'] ?? null, gateway: network?.IPAM.Config?.[0]?.Gateway ?? null },
      attached: all.some(one => one.kind === 'server' && specIn(one.labels)['subnet'] === piece.id),
    };
  },
  async make(ctx, { url }, { request, name, all }) {
    const what = 'create subnet';
    const { spec } = request;
    const network = referred(all, 'network', spec['network'], what);
    const outer = network.network?.IPAM.Config?.[0]?.Subnet ?? '';
    const range = String(spec['ipRange']);
    if (!isWithin(range, outer)) {
      const why = `${range} is no IPv4 range inside ${outer}, with room for servers`;
      throw fault('invalid-input', 'range_outside', what, { why });
    }
    const body = { Name: name, Labels: newLabels(request) };
    const create = { method: 'POST', path: '/volumes/create', body, accepted: 'create.accepted' } as const;
    return (await ask(ctx, url, { ...create, what, reply: Volume })).Name;
  },
  path: piece => `/volumes/${piece.id}`,
  release({ piece, all }) {
    if (!all.some(one => one.kind === 'server' && specIn(one.labels)['subnet'] === piece.id)) return;
    throw fault('dependency', 'in_use', 'delete subnet', { why: 'servers still have their addresses from it' });
  },
};
