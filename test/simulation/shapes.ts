import type { Random } from './random.ts';

/** What a workspace shall be, twice: the former state is applied in peace, the latter under faults. */
export interface Shape {
  readonly name: string;
  readonly before: string | null;
  readonly after: string;
  /** Real addresses (`kind.name`) with the fields that are checked, once everything is healed. */
  readonly wanted: ReadonlyMap<string, { readonly [field: string]: unknown }>;
  readonly settings: string;
  /** A commit that was pushed before the last one, and that nobody waits for any more. */
  readonly between: string | null;
  /** What each address must not exist without, where only the files say so. */
  readonly needs: ReadonlyMap<string, readonly string[]>;
  /** Names of servers that somebody made by hand before: `srv-1`, `srv-2` and so on. */
  readonly strangers: readonly string[];
}

interface Node {
  readonly kind: string;
  readonly name: string;
  readonly fields: { readonly [field: string]: unknown };
  /** Of the same kind, by name. */
  readonly needs?: readonly string[];
  /** The second cloud. */
  readonly elsewhere?: true;
}

const SERVER = { size: 'small', image: 'debian-12', zone: 'fi-1' };

function server(name: string, fields: object = {}, needs: readonly string[] = []): Node {
  return { kind: 'server', name, fields: { ...SERVER, ...fields }, needs };
}

/** JSON is YAML too, and the quickest to write. */
function text(nodes: readonly Node[]): string {
  const kinds: { [kind: string]: { [name: string]: object } } = {};
  for (const { kind, name, fields, needs = [], elsewhere } of nodes) {
    const known = needs.length === 0 ? {} : { needs: needs.map(other => `${kind}.${other}`) };
    (kinds[kind] ??= {})[name] = { ...fields, ...known, ...(elsewhere ? { provider: 'other' } : {}) };
  }
  return JSON.stringify(kinds);
}

function shape(
  name: string,
  nodes: {
    readonly before?: readonly Node[];
    readonly between?: readonly Node[];
    readonly after: readonly Node[];
    readonly settings?: string;
    readonly strangers?: readonly string[];
  },
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
    between: nodes.between === undefined ? null : text(nodes.between),
    needs: new Map(
      [...(nodes.before ?? []), ...nodes.after].map(node => [
        `${node.kind}.${node.name}`,
        (node.needs ?? []).map(other => `${node.kind}.${other}`),
      ]),
    ),
    strangers: nodes.strangers ?? [],
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

/** An order that nothing but the files tells of: no value goes from one to the other. */
function ordered(random: Random): Node[] {
  return Array.from({ length: random.between(3, 12) }, (_, index) => {
    const needs = Array.from(
      { length: Math.min(index, random.between(0, 2)) },
      () => `o-${random.between(0, index - 1)}`,
    );
    return server(`o-${index}`, {}, [...new Set(needs)]);
  });
}

/** A name in one cloud points to an object in the other. */
function pair(random: Random): Node[] {
  const here = flat(random.between(1, 4));
  return here.flatMap((node, index) => [
    node,
    { ...server(`e-${index}`, { labels: { peer: `\${server.${node.name}.publicIp}` } }), elsewhere: true },
  ]);
}

/** A second push comes while the first one is still being carried out. */
function overtaken(random: Random): Shape {
  const before = flat(random.between(0, 4));
  const between = [...before, ...Array.from({ length: random.between(2, 8) }, (_, index) => server(`w-${index}`))];
  const after = between
    .filter(() => random.chance(0.6))
    .map(node => (random.chance(0.3) ? server(node.name, { size: 'medium' }) : node));
  return shape('overtaken', {
    before,
    between,
    after: [...after, server('last')],
    settings: 'limits: { deletePercent: 100 }',
  });
}

/** Servers that were made by hand are taken over, beside new ones. */
function adopted(random: Random): Shape {
  const strangers = Array.from({ length: random.between(1, 4) }, (_, index) => `by-hand-${index}`);
  const taken = strangers.map((name, index) => server(name, { adopt: `srv-${index + 1}` }));
  return shape('adopted', { strangers, after: [...taken, ...flat(random.between(0, 3))] });
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
  ordered: random => shape('ordered', { after: ordered(random) }),
  unordered: random =>
    shape('unordered', {
      before: [...ordered(random), server('stays')],
      after: [server('stays')],
      settings: 'limits: { deletePercent: 100 }',
    }),
  adopted,
  pair: random => shape('pair', { after: pair(random) }),
  overtaken,
};
