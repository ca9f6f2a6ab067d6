import type { Random } from './random.ts';

/** What a workspace shall be, twice: the former state is applied in peace, the latter under faults. */
export interface Shape {
  readonly name: string;
  readonly before: string | null;
  readonly after: string;
  /** Real addresses (`kind.name`) with the fields that are checked, once everything is healed. */
  readonly wanted: ReadonlyMap<string, { readonly [field: string]: unknown }>;
  readonly settings: string;
}

interface Node {
  readonly kind: string;
  readonly name: string;
  readonly fields: { readonly [field: string]: unknown };
  readonly needs?: readonly string[];
}

const SERVER = { size: 'small', image: 'debian-12', zone: 'fi-1' };

function server(name: string, fields: object = {}, needs: readonly string[] = []): Node {
  return { kind: 'server', name, fields: { ...SERVER, ...fields }, needs };
}

/** JSON is YAML too, and the quickest to write. */
function text(nodes: readonly Node[]): string {
  const kinds: { [kind: string]: { [name: string]: object } } = {};
  for (const { kind, name, fields, needs } of nodes) {
    (kinds[kind] ??= {})[name] = { ...fields, ...(needs === undefined || needs.length === 0 ? {} : { needs }) };
  }
  return JSON.stringify(kinds);
}

function shape(
  name: string,
  nodes: { readonly before?: readonly Node[]; readonly after: readonly Node[]; readonly settings?: string },
): Shape {
  const checked = nodes.after.map(node => {
    const fields = node.kind === 'server' ? { size: node.fields['size'], image: node.fields['image'] } : {};
    return [`${node.kind}.${node.name}`, fields] as const;
  });
  return {
    name,
    before: nodes.before === undefined ? null : text(nodes.before),
    after: text(nodes.after),
    wanted: new Map(checked),
    settings: nodes.settings ?? '',
  };
}

function flat(count: number): Node[] {
  return Array.from({ length: count }, (_, index) => server(`s-${index}`));
}

function chain(count: number): Node[] {
  return Array.from({ length: count }, (_, index) =>
    index === 0 ? server('c-0') : server(`c-${index}`, { labels: { former: `\${server.c-${index - 1}.publicIp}` } }),
  );
}

function layered(random: Random): Node[] {
  const count = random.between(2, 4);
  const servers = Array.from({ length: count }, (_, index) =>
    server(`n-${index}`, { subnet: 'front', firewalls: ['public'], placementGroup: 'apart', sshKeys: ['ops'] }),
  );
  return [
    { kind: 'network', name: 'main', fields: { ipRange: '10.0.0.0/16', zone: 'fi-1' } },
    { kind: 'subnet', name: 'front', fields: { network: 'main', ipRange: '10.0.1.0/24', zone: 'fi-1' } },
    { kind: 'firewall', name: 'public', fields: { rules: [{ direction: 'in', protocol: 'tcp', port: 80 }] } },
    { kind: 'placement-group', name: 'apart', fields: { strategy: 'spread' } },
    {
      kind: 'ssh-key',
      name: 'ops',
      fields: { publicKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJnz1Rtq2w5rG6bObwywDut9OuPS' },
    },
    ...servers,
    { kind: 'volume', name: 'data', fields: { sizeGib: 10, zone: 'fi-1', server: 'n-0' } },
    { kind: 'floating-ip', name: 'entry', fields: { zone: 'fi-1', server: 'n-0' } },
    {
      kind: 'load-balancer',
      name: 'lb',
      fields: {
        size: 'lb-small',
        zone: 'fi-1',
        services: [{ protocol: 'tcp', listenPort: 80, targetPort: 80 }],
        targets: servers.map(node => node.name),
      },
    },
  ];
}

function mixed(random: Random): Shape {
  const count = random.between(3, 10);
  const before = flat(count);
  const after = before.flatMap(node => {
    const fate = random.between(0, 3);
    if (fate === 0) return [];
    if (fate === 1) return [server(node.name, { size: 'medium' })];
    if (fate === 2) return [server(node.name, { image: 'ubuntu-24.04' })];
    return [node];
  });
  const fresh = Array.from({ length: random.between(1, 3) }, (_, index) => server(`new-${index}`));
  return shape('mixed', { before, after: [...after, ...fresh], settings: 'limits: { deletePercent: 100 }' });
}

/** A dependency in every direction: replacing the network replaces what stands in it. */
function rebuilt(random: Random): Shape {
  const before = layered(random);
  const after = before.map(node =>
    node.kind === 'network' ? { ...node, fields: { ...node.fields, zone: 'de-1' } } : node,
  );
  return shape('rebuilt', { before, after, settings: 'limits: { deletePercent: 100 }' });
}

export const SHAPES: { readonly [name: string]: (random: Random) => Shape } = {
  one: () => shape('one', { after: flat(1) }),
  flat: random => shape('flat', { after: flat(random.between(4, 12)) }),
  chain: random => shape('chain', { after: chain(random.between(3, 20)) }),
  layered: random => shape('layered', { after: layered(random) }),
  mixed,
  emptied: random =>
    shape('emptied', {
      before: flat(random.between(3, 8)),
      after: flat(1),
      settings: 'limits: { deletePercent: 100 }',
    }),
  rebuilt,
  undone: random =>
    shape('undone', { before: flat(2), after: flat(random.between(3, 6)), settings: 'rollback: automatic' }),
};
