import { type Arbitrary, array, boolean, nat, record } from 'fast-check';
import type { Json } from '../../schemas/json.ts';
import type { Wish, Wishes } from './fixture.ts';

/** A small world as numbers: the same place in the list always is the same address, so that two of them can follow each other. */
export interface Gene {
  readonly present: boolean;
  readonly size: number;
  readonly image: number;
  readonly link: number;
  readonly more: number;
}

const KINDS = [
  'network',
  'subnet',
  'firewall',
  'server',
  'server',
  'volume',
  'floating-ip',
  'load-balancer',
  'taskserv.app',
  'taskserv.db',
] as const;

/** So many that every kind is there twice. */
export const GENES = 20;

export const genes: Arbitrary<readonly Gene[]> = array(
  record({
    present: boolean().map(flag => flag),
    size: nat(2),
    image: nat(2),
    link: nat(7),
    more: nat(63),
  }),
  { minLength: GENES, maxLength: GENES },
);

/** One service goes with its server, the other one says goodbye first. */
export const CAPABILITIES = {
  demo: { 'taskserv.app': { goesWithServer: 'always' }, 'taskserv.db': { goesWithServer: 'unless-others-stay' } },
} as const;

interface Links {
  pick(kind: string, number: number): { readonly $ref: string } | undefined;
  readonly earlier: readonly string[];
}

/** Resources with references among themselves, always to earlier ones, so there is no circle. */
export function wishesOf(list: readonly Gene[]): Wishes {
  const wishes: { [address: string]: Wish } = {};
  const earlier: string[] = [];
  list.forEach((gene, index) => {
    if (!gene.present) return;
    const kind = KINDS[index % KINDS.length] as string;
    const address = `${kind}/n${index}`;
    const wish = wishOf(kind, gene, {
      earlier,
      pick(wanted, number) {
        const found = earlier.filter(name => name.startsWith(`${wanted}/`));
        const chosen = found[number % (found.length + 1)];
        return chosen === undefined ? undefined : { $ref: `${chosen}.id` };
      },
    });
    if (wish === null) return;
    wishes[address] = wish;
    earlier.push(address);
  });
  return wishes;
}

function wishOf(kind: string, gene: Gene, links: Links): Wish | null {
  const { size, image, link, more } = gene;
  const optional = (field: string, value: Json | undefined) => (value === undefined ? {} : { [field]: value });
  const needs =
    more % 5 === 0 && links.earlier.length > 0 ? [links.earlier[link % links.earlier.length] as string] : [];
  const replace = (['auto', 'create-first', 'delete-first'] as const)[more % 3] ?? 'auto';
  const labels: { [key: string]: Json } = { tier: String(size) };
  const peer = links.pick('server', link);
  if (more % 4 === 0 && peer !== undefined) labels['peer'] = peer;
  const spec = ((): { [field: string]: Json } | null => {
    switch (kind) {
      case 'network':
        return { ipRange: `10.${image}.0.0/16`, labels };
      case 'subnet':
        return { network: links.pick('network', link) ?? 'outside', ipRange: `10.0.${size}.0/24` };
      case 'firewall':
        return {
          rules: Array.from({ length: size }, (_, at) => ({ direction: 'in', protocol: 'tcp', port: 80 + at })),
        };
      case 'server': {
        const firewalls = [links.pick('firewall', link), links.pick('firewall', more)].filter(ref => ref !== undefined);
        const distinct = [...new Map(firewalls.map(ref => [ref.$ref, ref])).values()];
        return {
          size: `s${size}`,
          image: `i${image}`,
          ...(more % 2 === 0 ? { firewalls: distinct } : {}),
          ...optional('subnet', more % 3 === 0 ? links.pick('subnet', link) : undefined),
          labels,
        };
      }
      case 'volume':
        return { sizeGib: 10, type: image === 0 ? 'ssd' : 'hdd', ...optional('server', links.pick('server', link)) };
      case 'floating-ip':
        return { zone: `z${image}`, ...optional('server', links.pick('server', link)) };
      case 'load-balancer':
        return {
          services: [],
          targets: links.earlier.filter(name => name.startsWith('server/')).map(name => ({ $ref: `${name}.id` })),
          ...optional('subnet', links.pick('subnet', more)),
        };
      default:
        return peer === undefined
          ? null
          : {
              version: `v${size}`,
              server: peer,
              at: { $join: ['http://', { $ref: peer.$ref.replace('.id', '.privateIp') }, ':80'] },
            };
    }
  })();
  if (spec === null) return null;
  const on = kind.startsWith('taskserv.') && peer !== undefined ? { on: peer.$ref.replace('.id', '') } : {};
  return { spec, needs, replace, ...on };
}
