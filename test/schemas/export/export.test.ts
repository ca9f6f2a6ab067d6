import { describe as group, expect, it } from 'vitest';
import { z } from 'zod';
import { describe, type DescribeOptions } from '../../../schemas/export/describe.ts';
import { type Existing, objectKey } from '../../../schemas/export/existing.ts';
import { listedIn, listingMark, type WriteOptions, writeFiles } from '../../../schemas/export/files.ts';
import { nameFrom, namesFor } from '../../../schemas/export/names.ts';
import { yamlField } from '../../../schemas/export/yaml.ts';
import type { Json } from '../../../schemas/json.ts';
import { KINDS } from '../../../schemas/kinds/index.ts';
import { type CloudKind, Name } from '../../../schemas/name.ts';
import { loadWorkspace } from '../../../schemas/parse/load.ts';
import type { Loaded } from '../../../schemas/workspace.ts';

const object = (kind: CloudKind, id: string, spec: Existing['spec'], more: Partial<Existing> = {}): Existing => ({
  kind,
  provider: 'demo',
  id,
  name: id,
  spec,
  createdAt: 0,
  notes: [],
  ...more,
});

const OPTIONS: DescribeOptions = {
  described: { taken: new Set(), addresses: new Map() },
  rule: (_, kind, field) => KINDS[kind]?.fields[field],
  refused: new Map(),
};
const WRITE: WriteOptions = { occupied: new Set(), prefix: '', showProvider: false, leftOut: [], heads: {} };

function filesFor(objects: readonly Existing[], options: DescribeOptions = OPTIONS, write: WriteOptions = WRITE) {
  return writeFiles(describe(objects, options), write).files;
}

function load(files: { readonly [path: string]: string }): Loaded {
  const encoder = new TextEncoder();
  const all = { 'workspace.yaml': 'name: shop\nproviders: { demo: {} }\n', ...files };
  return loadWorkspace({
    files: new Map(Object.entries(all).map(([path, text]) => [path, encoder.encode(text)])),
    prefix: '',
    env: null,
    drivers: { demo: { config: z.strictObject({}) } } as never,
  });
}

group('a name', () => {
  it.each([
    ['web-1', 'web-1'],
    ['Web 1 (Prod)', 'web-1-prod'],
    ['Wéb Straße Łódź', 'web-strasse-lodz'],
    ['日本語', 'server'],
    ['', 'server'],
    ['1e3', 'server-1e3'],
    ['constructor', 'server-constructor'],
    ['__proto__', 'proto'],
    ['xn--bcher-kva', 'xn-bcher-kva'],
    [`${'a'.repeat(62)}-b`, 'a'.repeat(62)],
    ['no', 'no'],
    ['x'.repeat(100_000), 'x'.repeat(63)],
  ])('%j becomes %s', (text, name) => {
    expect(nameFrom(text, 'server')).toBe(name);
    expect(Name.safeParse(name).success).toBe(true);
  });

  it('is unique, goes to the oldest, and does not depend on the order of the listing', () => {
    const key = 'x'.repeat(63);
    const objects = [
      object('server', 'c', {}, { name: 'web', createdAt: 3 }),
      object('server', 'a', {}, { name: 'WEB', createdAt: 1 }),
      object('server', 'b', {}, { name: 'web-2', createdAt: 2 }),
      object('server', 'd', {}, { name: key, createdAt: 4 }),
      object('server', 'e', {}, { name: key, createdAt: 5 }),
      object('network', 'n', {}, { name: 'web' }),
      object('server', 'f', {}, { name: 'taken' }),
    ];
    const taken = new Set(['server/taken']);
    const names = namesFor(objects, taken);
    expect(Object.fromEntries(objects.map(each => [each.id, names.get(objectKey(each))]))).toEqual({
      a: 'web',
      b: 'web-2',
      c: 'web-3',
      d: key,
      e: `${'x'.repeat(61)}-2`,
      n: 'web',
      f: 'taken-2',
    });
    expect(namesFor(objects.toReversed(), taken)).toEqual(names);
  });

  it('holds nothing of a credential', () => {
    const objects = [object('server', 'a', {}, { name: 'ghp_abcdefghijklmnopqrstuvwxyz0123456789' })];
    expect([...namesFor(objects, new Set()).values()]).toEqual(['server']);
  });
});

/** Texts on which readers of YAML have been known to stumble. */
const TEXTS = [
  '',
  ' ',
  'no',
  'Yes',
  'null',
  '~',
  'true',
  '1e3',
  '0x1f',
  '080',
  '1.10',
  '.inf',
  '2024-01-01',
  '12:30:45',
  '=',
  '<<',

  'a: b',
  'a #b',
  '#a',
  '- a',
  '? a',
  ': a',
  '[a]',
  '{a}',
  '*a',
  '&a',
  '!a',
  '|',
  '>',
  '%a',
  '@a',
  '`a',
  "'a'",
  '"a"',

  '${var.x}',
  '$${y}',
  '$$${z}',
  '$',
  'a$b',
  '${',
  'a\\b',
  'tab\there',
  'line\nbreak',
  '\n',
  'end ',
  '<<<<<<< a',
  '---',
  '...',

  '\u202eevil',
  '\u2028',
  '\u{e0001}',
  '\ufeff',
  'é',
  '☃',
  '10.0.0.0/8',
  '::/0',
  '999.1.1.1/8',
  'ssh-ed25519 AAAA+/= a@b c',
  'x'.repeat(300),
];

group('a text', () => {
  it.each(TEXTS.map(text => [text]))('%j is read back as it was', text => {
    const description = text.slice(0, 255);
    const rules: Json = [{ direction: 'in', protocol: 'tcp', description }];
    const files = filesFor([object('firewall', 'fw-1', { rules, labels: { a: text.slice(0, 63) } })]);
    const { resources } = load(files).workspace;
    expect(resources[0]?.spec).toEqual({ rules, labels: { a: text.slice(0, 63) } });
  });

  it.each(TEXTS.filter(text => text !== '').map(text => [text]))('the id %j is read back as it was', text => {
    const id = text.slice(0, 255);
    expect(load(filesFor([object('placement-group', id, {})])).workspace.resources[0]?.adopt).toBe(id);
  });

  it('that is long goes on lines of its own', () => {
    const list = Array.from({ length: 30 }, (_, index) => `10.${index}.0.0/16`);
    expect(yamlField('sources', list, 4).slice(0, 2)).toEqual(['    sources:', '      - 10.0.0.0/16']);
  });
});

const NETWORK = object('network', 'net-1', { ipRange: '10.0.0.0/16', zone: 'fi-1' }, { name: 'main' });
const SUBNET = object('subnet', 'sub-1', { network: 'net-1', ipRange: '10.0.1.0/24' }, { name: 'front' });
const FIREWALL = object('firewall', 'fw-1', { rules: [] }, { name: 'web' });
const SERVER = object(
  'server',
  'srv-1',
  { size: 'small', image: 'debian-12', subnet: 'sub-1', firewalls: ['fw-1'], sshKeys: [], publicIp: false },
  { name: 'db' },
);
const FLOATING = object('floating-ip', 'fip-1', { version: 'ipv4', server: 'srv-1' }, { name: 'db' });

group('objects', () => {
  it('become resources with references by name, whatever the order', () => {
    const objects = [FLOATING, SERVER, FIREWALL, SUBNET, NETWORK];
    const files = filesFor(objects);
    expect(files['infra/servers.yaml']?.split('\n').slice(4)).toEqual([
      'server:',
      '  db:',
      '    adopt: srv-1',
      '    protect: true',
      '    size: small',
      '    image: debian-12',
      '    subnet: front',
      '    firewalls: [web]',
      '    publicIp: false',
      '',
    ]);
    expect(filesFor(objects.toReversed())).toEqual(files);
    const { workspace, warnings } = load(files);
    expect(warnings).toEqual([]);
    expect(workspace.resources.every(resource => resource.protect)).toBe(true);
    expect(workspace.resources.map(({ address, adopt }) => `${address} ${adopt}`)).toEqual([
      'firewall/web fw-1',
      'floating-ip/db fip-1',
      'network/main net-1',
      'server/db srv-1',
      'subnet/front sub-1',
    ]);
  });

  it('keep what cannot be written to the cloud, with a note, and never write half a list', () => {
    const server = {
      ...SERVER,
      spec: { ...SERVER.spec, firewalls: ['fw-1', 'fw-9'], userData: 'secret', size: 7 as Json },
    };
    const { entries, leftOut } = describe([{ ...server, spec: { ...server.spec, size: 'small' } }, FIREWALL], OPTIONS);
    const [, entry] = entries;
    expect(entry?.fields).toEqual({ size: 'small', image: 'debian-12', publicIp: false });
    expect(entry?.notes).toEqual([
      'subnet names the subnet sub-1, which is not described here: left to the cloud',
      'firewalls names the firewall fw-9, which is not described here: left to the cloud',
    ]);
    expect(leftOut).toEqual([]);
    expect(describe([server], OPTIONS).leftOut).toMatchObject([
      { id: 'srv-1', why: 'size has a value that workspace files do not allow' },
    ]);
  });

  it('are left out when they lack what they must have, and take with them what needs them', () => {
    const options = { ...OPTIONS, refused: new Map([[objectKey(NETWORK), 'it is refused']]) };
    const description = describe([NETWORK, SUBNET, SERVER, FLOATING], options);
    expect(description.leftOut.map(({ id, why }) => [id, why])).toEqual([
      ['net-1', 'it is refused'],
      ['sub-1', 'network names the network net-1, which is not described here'],
    ]);
    const files = writeFiles(description, WRITE).files;
    expect(files['infra/servers.yaml']).toContain(
      '# Left out: network "net-1" called "main": it is refused\n#     main:\n#       adopt: net-1\n',
    );
    expect(listedIn(Object.values(files).join(''))).toEqual(
      ['network', 'subnet'].map((kind, index) => listingMark({ kind, id: ['net-1', 'sub-1'][index] ?? '' })),
    );
    expect(load(files).workspace.resources.map(({ address }) => address)).toEqual(['floating-ip/db', 'server/db']);
  });

  it('show no credential, in values, labels, names, ids, notes or comments', () => {
    const token = 'ghp_abcdefghijklmnopqrstuvwxyz0123456789';
    const objects = [
      object(
        'firewall',
        'fw-1',
        { rules: [{ direction: 'in', protocol: 'tcp', description: token }] },
        { name: token },
      ),
      object(
        'placement-group',
        'pg-1',
        { labels: { a: token, [token.slice(0, 32)]: 'x' } },
        { name: token, notes: [token] },
      ),
      object('placement-group', token, {}),
    ];
    const text = Object.values(filesFor(objects)).join('');
    expect(text.toLowerCase()).not.toContain('ghp_abcdefghijklmnopqrstuvwxyz0123456789');
    expect(load(filesFor(objects)).workspace.resources.map(({ adopt }) => adopt)).toEqual(['pg-1']);
  });

  it('are spread over files that stay small, beside the files that exist', () => {
    const many = Array.from({ length: 2_500 }, (_, index) => object('placement-group', `pg-${index}`, {}));
    const write = { ...WRITE, prefix: 'imported-', occupied: new Set(['infra/imported-servers.yaml']) };
    const files = filesFor(many, OPTIONS, write);
    expect(Object.keys(files)).toEqual([2, 3, 4].map(number => `infra/imported-servers-${number}.yaml`));
    expect(load(files).workspace.resources).toHaveLength(2_500);
  });

  it('know the line that each stands on', () => {
    const written = writeFiles(describe([NETWORK, SUBNET], OPTIONS), WRITE);
    const lines = (written.files['infra/network.yaml'] ?? '').split('\n');
    const at = lines.findIndex(line => line.includes('10.0.1.0/24')) + 1;
    expect(written.objectAt('infra/network.yaml', at)).toBe(objectKey(SUBNET));
    expect(written.objectAt('infra/network.yaml', 1)).toBeUndefined();
  });
});
