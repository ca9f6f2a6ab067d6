import { describe, expect, test } from 'vitest';
import { demo } from '../../../providers/demo/index.ts';
import { Fault } from '../../../schemas/fault.ts';
import { KINDS } from '../../../schemas/kinds/index.ts';
import { parseFile } from '../../../schemas/parse/document.ts';
import { readLayer } from '../../../schemas/parse/layers.ts';
import { loadWorkspace } from '../../../schemas/parse/load.ts';
import { createSink } from '../../../schemas/parse/sink.ts';
import { loadWorkspaceFile } from '../../../schemas/parse/workspace-file.ts';
import type { Loaded } from '../../../schemas/workspace.ts';

function bytes(files: { readonly [path: string]: string }): Map<string, Uint8Array> {
  return new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]));
}

function load(files: { readonly [path: string]: string }, more: { prefix?: string; env?: string } = {}): Loaded {
  return loadWorkspace({ files: bytes(files), prefix: more.prefix ?? '', env: more.env ?? null, drivers: { demo } });
}

function faultOf(run: () => unknown): Fault {
  try {
    run();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const FILES = {
  'workspace.yaml': 'name: shop\nproviders:\n  demo: {}\nenvironments: [prod]\n',
  'infra/web.yaml': `server:
  web:
    size: small
    labels:
      role: web
    taskservs:
      nginx: { version: "1" }
  many:
    count: 2
    size: small
firewall:
  web:
    rules:
      - { direction: in, protocol: tcp, port: 80 }
`,
  'config/defaults.toml': '[server]\nimage = "debian-12"\n\n[server.labels]\nteam = "a"\n',
  'config/prod-defaults.yaml': 'server:\n  labels: { stage: prod }\n',
};

describe('locate', () => {
  const { locate } = load(FILES, { prefix: 'infra/shop', env: 'prod' });
  test.each<[string, string[], string]>([
    ['server/web', [], 'infra/web.yaml:2:3'],
    ['server/web', ['size'], 'infra/web.yaml:3:11'],
    ['server/web', ['labels', 'role'], 'infra/web.yaml:5:13'],
    ['server/web', ['labels', 'team'], 'config/defaults.toml:5:8'],
    ['server/web', ['labels', 'stage'], 'config/prod-defaults.yaml:2:20'],
    ['server/web', ['image'], 'config/defaults.toml:2:9'],
    ['server/web', ['zone'], 'infra/web.yaml:2:3'],
    ['server/many-2', ['size'], 'infra/web.yaml:10:11'],
    ['taskserv.nginx/web', [], 'infra/web.yaml:7:7'],
    ['taskserv.nginx/web', ['version'], 'infra/web.yaml:7:25'],
    ['firewall/web', ['rules', '0', 'port'], 'infra/web.yaml:14:47'],
    ['firewall/web', ['rules', '0', 'sources', '3'], 'infra/web.yaml:14:9'],
    ['firewall/web', ['rules', '7'], 'infra/web.yaml:14:7'],
  ])('%s %j', (address, path, place) => {
    const at = locate(address, path);
    expect(`${at?.file}:${at?.line}:${at?.column}`).toBe(`infra/shop/${place}`);
  });

  test('what is not there has no place', () => {
    expect(locate('server/other')).toBeUndefined();
  });
});

describe('a load', () => {
  test('is the same whatever the order of the files', () => {
    const reversed = Object.fromEntries(Object.entries(FILES).toReversed());
    expect(load(reversed, { env: 'prod' }).workspace).toEqual(load(FILES, { env: 'prod' }).workspace);
  });

  test('is the same with a byte order mark and other line ends', () => {
    const changed = Object.fromEntries(
      Object.entries(FILES).map(([path, text]) => [path, `\ufeff${text.replaceAll('\n', '\r\n')}`]),
    );
    const [one, other] = [load(FILES, { env: 'prod' }), load(changed, { env: 'prod' })];
    expect(other.workspace).toEqual(one.workspace);
    expect(other.warnings).toEqual(one.warnings);
    expect(other.locate('server/web', ['labels', 'role'])).toEqual(one.locate('server/web', ['labels', 'role']));
  });

  test('counts the files it read', () => {
    expect(load({ ...FILES, 'README.md': 'x', 'clusters/a.yaml': '{{' }, { env: 'prod' }).files).toBe(4);
  });

  test('holds no undefined, and can be written as JSON and read back', () => {
    const { workspace } = load(FILES, { env: 'prod' });
    expect(JSON.parse(JSON.stringify(workspace))).toStrictEqual(workspace);
  });

  test('takes trees that were read elsewhere', () => {
    const files = bytes({ ...FILES, 'infra/web.yaml': 'not read' });
    const parsed = new Map([['infra/web.yaml', parseFile('infra/web.yaml', Buffer.from(FILES['infra/web.yaml']))]]);
    expect(loadWorkspace({ files, prefix: '', env: 'prod', drivers: { demo }, parsed }).workspace).toEqual(
      load(FILES, { env: 'prod' }).workspace,
    );
  });

  test('of a value shared by a variable changes it for nobody else', () => {
    const { workspace } = load({
      'workspace.yaml': 'name: shop\nproviders: { demo: {} }\n',
      'config/defaults.yaml': 'vars:\n  shared: { number: 5 }\n',
      'infra/a.yaml':
        'server:\n  a: { size: s, image: i, labels: "${var.shared}" }\nvolume:\n  b: { sizeGib: "${var.shared.number}" }\n',
    });
    expect(workspace.resources.map(resource => resource.spec)).toEqual([
      { size: 's', image: 'i', labels: { number: '5' } },
      { sizeGib: 5 },
    ]);
  });
});

describe('the workspace file alone', () => {
  test('is read without knowing the providers', () => {
    const file = loadWorkspaceFile(
      bytes({
        'workspace.toml': 'name = "shop"\nenvironments = ["dev"]\n[providers.x]\nanything = 1\n',
        'infra/broken.yaml': '{',
      }),
      'a',
    );
    expect(file).toMatchObject({ name: 'shop', environments: ['dev'], review: 'required' });
  });

  test('is refused with its place in the repository', () => {
    const fault = faultOf(() =>
      loadWorkspaceFile(bytes({ 'workspace.yaml': 'name: shop\nprovider: {}\n' }), 'teams/shop'),
    );
    expect(fault.code).toBe('invalid');
    expect(fault.problems.map(({ id, at }) => [id, at?.file, at?.line])).toEqual([
      ['WS-REQUIRED', 'teams/shop/workspace.yaml', 1],
      ['WS-UNKNOWN', 'teams/shop/workspace.yaml', 2],
    ]);
  });
});

test('W37: a layer of an environment may not set a final field', () => {
  const server = KINDS['server'];
  if (server === undefined) throw new Error('there is no kind server');
  const kinds = {
    ...KINDS,
    server: { ...server, fields: { ...server.fields, zone: { effect: 'replace', final: true } } },
  } as const;
  const document = parseFile('config/dev-defaults.yaml', Buffer.from('server:\n  size: small\n  zone: fi-1\n'));
  const sink = createSink('');
  readLayer(document, { env: null, sink, kinds });
  expect(sink.count()).toBe(0);
  readLayer(document, { env: 'dev', sink, kinds });
  expect(faultOf(() => sink.finish(1)).problems).toEqual([
    {
      id: 'WS-LAYER',
      at: { file: 'config/dev-defaults.yaml', line: 3, column: 3 },
      what: 'the layer of environment dev may not set server zone',
      why: 'the field is final: it is the same in every environment',
      fix: 'set it at the resource, or in config/defaults',
    },
  ]);
});
