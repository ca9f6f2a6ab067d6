import type { Spec } from '../../schemas/resource.ts';
import { fault } from './faults.ts';
import { ask } from './client.ts';
import { type Definition, referred } from './kind.ts';
import { newLabels, specIn } from './labels.ts';
import { isWithin } from './ranges.ts';
import { Volume } from './replies.ts';
import { REFUSALS } from './refusals.ts';

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

/** A volume is a folder that the engine keeps. Its size is what was agreed; nothing watches over it. */
export const volume: Definition = {
  kind: 'volume',
  show: ({ piece }) => ({ spec: specIn(piece.labels), outputs: { device: null } }),
  async make(ctx, { url }, { request, name }) {
    const what = 'create volume';
    refuse(request.spec, what);
    const body = { Name: name, Labels: newLabels(request) };
    const create = { method: 'POST', path: '/volumes/create', body, accepted: 'create.accepted' } as const;
    return (await ask(ctx, url, { ...create, what, reply: Volume })).Name;
  },
  async apply(_ctx, _place, { fields, spec, verb }) {
    if (fields.includes('server')) refuse(spec, `${verb} volume`);
  },
  path: piece => `/volumes/${piece.id}`,
};

function refuse(spec: Spec, what: string): void {
  const refusal = REFUSALS.volume(spec);
  if (refusal !== undefined) throw fault('unsupported', refusal.code, what, { why: refusal.why });
}
