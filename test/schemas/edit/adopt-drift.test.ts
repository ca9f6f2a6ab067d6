import { describe, expect, it } from 'vitest';
import { adoptDrift, type DriftedObject } from '../../../schemas/edit/adopt-drift.ts';
import type { Json } from '../../../schemas/json.ts';
import { loadWorkspace } from '../../../schemas/parse/load.ts';
import type { Loaded } from '../../../schemas/workspace.ts';
import { demo } from '../../../providers/demo/index.ts';

const WORKSPACE = 'name: shop\nreview: none\nproviders: { demo: {} }\n';

/** Ids as the record has them: the name with a number in front. */
const nameOf = (kind: string, id: string): string | undefined =>
  id.startsWith(`${kind}:`) ? id.slice(kind.length + 1) : undefined;

function load(files: { readonly [path: string]: string }, env: string | null = null): Loaded {
  const bytes = new Map(Object.entries(files).map(([path, text]) => [path, new TextEncoder().encode(text)]));
  return loadWorkspace({ files: bytes, prefix: 'deploy', env, drivers: { demo } });
}

function adopt(
  given: { readonly [path: string]: string },
  entries: readonly DriftedObject[],
  env: string | null = null,
): ReturnType<typeof adoptDrift> & {
  readonly specs: { readonly [address: string]: { readonly [field: string]: Json } };
} {
  const files = { 'workspace.yaml': WORKSPACE, ...given };
  const loaded = load(files, env);
  const named = new Map(Object.entries(files).map(([path, text]) => [`deploy/${path}`, text]));
  const adoption = adoptDrift({ loaded, files: named, entries, nameOf });
  const after = { ...files };
  for (const [path, text] of adoption.files) after[path.slice('deploy/'.length) as keyof typeof after] = text;
  const { resources } = load(after, env).workspace;
  return { ...adoption, specs: Object.fromEntries(resources.map(({ address, spec }) => [address, spec])) };
}

function drift(address: string, path: string, [recorded, observed]: readonly [Json, Json]): DriftedObject {
  return { address, fields: [{ path, recorded, observed }] };
}

const SERVER = 'server:\n  web: # the shop\n    size: small # cheap\n    image: debian-12\n';

describe('adoptDrift', () => {
  it('writes the observed value where the old one stands, and loads as what was observed', () => {
    const { files, adopted, refused, specs, isShared } = adopt({ 'infra/web.yaml': SERVER }, [
      drift('server/web', 'size', ['small', 'large']),
    ]);
    expect(files.get('deploy/infra/web.yaml')).toBe(SERVER.replace('small', 'large'));
    expect(adopted).toEqual([
      { address: 'server/web', path: 'size', at: { file: 'deploy/infra/web.yaml', line: 3, column: 11 } },
    ]);
    expect(refused).toEqual([]);
    expect(specs['server/web']?.['size']).toBe('large');
    expect(isShared).toBe(false);
  });

  it('sets a field that has its value from a default at the resource, and leaves the default alone', () => {
    const { files, specs } = adopt(
      {
        'infra/web.yaml': 'server:\n  web:\n    image: debian-12 # os\n  db: { image: debian-12 }\n',
        'config/defaults.toml': '[server]\nsize = "small"\n',
      },
      [drift('server/web', 'size', ['small', 'large'])],
    );
    expect([...files]).toEqual([
      [
        'deploy/infra/web.yaml',
        'server:\n  web:\n    image: debian-12 # os\n    size: large\n  db: { image: debian-12 }\n',
      ],
    ]);
    expect(specs['server/db']?.['size']).toBe('small');
  });

  it('overrides only the label that drifted of those that a default and the resource set', () => {
    const { files, specs } = adopt(
      {
        'infra/web.yaml': `${SERVER}    labels: { tier: "1" }\n`,
        'config/defaults.yaml': 'server:\n  labels: { team: shop, cost: a }\n',
      },
      [
        drift('server/web', 'labels', [
          { tier: '1', team: 'shop', cost: 'a' },
          { tier: '1', team: 'ops', cost: 'a' },
        ]),
      ],
    );
    expect(files.get('deploy/infra/web.yaml')).toBe(`${SERVER}    labels: { tier: "1", team: ops }\n`);
    expect(specs['server/web']?.['labels']).toEqual({ tier: '1', team: 'ops', cost: 'a' });
  });

  it('leaves a label alone that was unset in the cloud and comes from a default', () => {
    const { files, refused } = adopt(
      { 'infra/web.yaml': SERVER, 'config/defaults.yaml': 'server:\n  labels: { team: shop }\n' },
      [drift('server/web', 'labels', [{ team: 'shop' }, {}])],
    );
    expect(files.size).toBe(0);
    expect(refused).toMatchObject([{ id: 'WS-ADOPT', what: 'server/web `labels` was unset, but a default sets it' }]);
  });

  it('does not unset what a default would set again', () => {
    const { refused } = adopt(
      { 'infra/web.yaml': `${SERVER}    zone: z1\n`, 'config/defaults.yaml': 'server: { zone: z2 }\n' },
      [drift('server/web', 'zone', ['z1', null])],
    );
    expect(refused[0]?.what).toMatch(/default sets it/);
  });

  it('removes a field that was unset', () => {
    const { files } = adopt({ 'infra/web.yaml': `${SERVER}    zone: z1 # near\n` }, [
      drift('server/web', 'zone', ['z1', null]),
    ]);
    expect(files.get('deploy/infra/web.yaml')).toBe(SERVER);
  });

  it('changes one port of one rule, and keeps expressions beside it', () => {
    const rules = [
      'firewall:',
      '  web:',
      '    rules:',
      '      # people',
      '      - { direction: in, protocol: tcp, port: 80, sources: ["${network.main.ipRange}"] } # http',
      '      - { direction: in, protocol: tcp, port: 22 }',
      'network:',
      '  main: { ipRange: 10.0.0.0/16 }',
      '',
    ].join('\n');
    const before = [
      { direction: 'in', protocol: 'tcp', port: 80, sources: ['10.0.0.0/16'] },
      { direction: 'in', protocol: 'tcp', port: 22 },
    ];
    const { files, specs } = adopt({ 'infra/web.yaml': rules }, [
      drift('firewall/web', 'rules', [before, [{ ...before[0], port: 8080 }, before[1] as Json] as Json]),
    ]);
    expect(files.get('deploy/infra/web.yaml')).toBe(rules.replace('port: 80,', 'port: 8080,'));
    expect(specs['firewall/web']?.['rules']).toMatchObject([{ port: 8080, sources: ['10.0.0.0/16'] }, { port: 22 }]);
  });

  it('refuses to write over an expression, and says where it stands', () => {
    const { files, refused } = adopt(
      {
        'infra/web.yaml': 'server:\n  web: { size: "${var.size}", image: d }\n',
        'config/defaults.yaml': 'vars: { size: small }\n',
      },
      [drift('server/web', 'size', ['small', 'large'])],
    );
    expect(files.size).toBe(0);
    expect(refused).toMatchObject([
      {
        what: '`server.web.size` comes from an expression',
        at: { file: 'deploy/infra/web.yaml', line: 2, column: 16 },
      },
    ]);
  });

  it('doubles the dollar of a text that would read as an expression', () => {
    const { files, specs } = adopt({ 'infra/web.yaml': `${SERVER}    labels: { a: x }\n` }, [
      drift('server/web', 'labels', [{ a: 'x' }, { a: '${y}' }]),
    ]);
    expect(files.get('deploy/infra/web.yaml')).toContain('$${y}');
    expect(specs['server/web']?.['labels']).toEqual({ a: '${y}' });
  });

  it('writes the names of resources for their ids, in the order of the text', () => {
    const text = `${SERVER}    firewalls: [b, a] # two\nfirewall:\n  a: { rules: [] }\n  b: { rules: [] }\n  c: { rules: [] }\n`;
    const { files, specs } = adopt({ 'infra/web.yaml': text }, [
      drift('server/web', 'firewalls', [
        ['firewall:a', 'firewall:b'],
        ['firewall:b', 'firewall:c'],
      ]),
    ]);
    expect(files.get('deploy/infra/web.yaml')).toBe(text.replace('[b, a]', '[b, c]'));
    expect(specs['server/web']?.['firewalls']).toEqual([{ $ref: 'firewall/b.id' }, { $ref: 'firewall/c.id' }]);
  });

  it('refuses the id of a resource that no file declares', () => {
    const text = `${SERVER}    firewalls: [a]\nfirewall:\n  a: { rules: [] }\n`;
    const { refused } = adopt({ 'infra/web.yaml': text }, [
      drift('server/web', 'firewalls', [['firewall:a'], ['firewall:a', 'unknown']]),
    ]);
    expect(refused[0]?.what).toBe('server/web `firewalls` now names a firewall that no file declares');
  });

  it('refuses to take one away from a name that stands for several', () => {
    const text = `${SERVER}    firewalls: [a]\nfirewall:\n  a: { rules: [], count: 2 }\n`;
    const { refused } = adopt({ 'infra/web.yaml': text }, [
      drift('server/web', 'firewalls', [['firewall:a-1', 'firewall:a-2'], ['firewall:a-1']]),
    ]);
    expect(refused[0]?.what).toMatch(/names several at once/);
  });

  it.each([
    ['server:\n  web: { size: small, image: d, count: 2 }\n', 'server/web-2'],
    ['server:\n  web: { size: small, image: d, forEach: [a] }\n', 'server/web-a'],
    [
      'server:\n  web:\n    size: small\n    image: d\n    count: 1\n    taskservs:\n      pg: { size: small }\n',
      'taskserv.pg/web-1',
    ],
  ])('refuses a repeated resource: %s', (text, address) => {
    const { files, refused } = adopt({ 'infra/web.yaml': text }, [drift(address, 'size', ['small', 'large'])]);
    expect(files.size).toBe(0);
    expect(refused[0]?.what).toMatch(/repeated by count or forEach/);
  });

  it('refuses user data, which no cloud returns', () => {
    const { refused } = adopt({ 'infra/web.yaml': SERVER }, [drift('server/web', 'userData', ['a', 'b'])]);
    expect(refused[0]?.what).toMatch(/never read back/);
  });

  it('refuses an object that no file declares', () => {
    const { refused } = adopt({ 'infra/web.yaml': SERVER }, [drift('server/db', 'size', ['small', 'large'])]);
    expect(refused[0]?.what).toBe('server/db stands in no workspace file');
  });

  it('edits a task service below its server', () => {
    const text = `${SERVER}    taskservs:\n      postgres: { version: "15" } # old\n`;
    const { files } = adopt({ 'infra/web.yaml': text }, [drift('taskserv.postgres/web', 'version', ['15', '16'])]);
    expect(files.get('deploy/infra/web.yaml')).toBe(text.replace('"15"', '"16"'));
  });

  it('adopts what it can of several, in several files and formats, and says that environments share them', () => {
    const given = {
      'workspace.yaml': `${WORKSPACE}environments: [dev, prod]\n`,
      'infra/web.yaml': SERVER,
      'infra/db.toml': '[server.db]\r\nsize = "big" # b\r\nimage = "d"\r\n',
      'infra/net.json': '{"network":{"main":{"ipRange":"10.0.0.0/16","labels":{"a":"1"}}}}',
    };
    const { files, adopted, refused, isShared } = adopt(
      given,
      [
        {
          address: 'server/web',
          fields: [
            { path: 'size', recorded: 'small', observed: 'large' },
            { path: 'userData', recorded: 'x', observed: 'y' },
            { path: 'image', recorded: 'debian-12', observed: 'debian-13' },
          ],
        },
        drift('server/db', 'size', ['big', 'huge']),
        drift('network/main', 'labels', [{ a: '1' }, { a: '2', b: '3' }]),
      ],
      'dev',
    );
    expect(files.get('deploy/infra/web.yaml')).toBe(SERVER.replace('small', 'large').replace('debian-12', 'debian-13'));
    expect(files.get('deploy/infra/db.toml')).toBe(given['infra/db.toml'].replace('big', 'huge'));
    expect(files.get('deploy/infra/net.json')).toContain('"labels":{"a":"2", "b":"3"}');
    expect(adopted).toHaveLength(4);
    expect(refused).toHaveLength(1);
    expect(isShared).toBe(true);
  });

  it('writes the parameters of a service that drifted, and says what cannot be written of its host', () => {
    const file =
      'server:\n  web:\n    size: small\n    image: debian-12\n    taskservs:\n      redis: { memoryMib: 64 }\n';
    const fields = [
      { path: '(host)', recorded: [], observed: ['redis-server.service is not running'] },
      { path: 'memoryMib', recorded: 64, observed: 128 },
    ];
    const { files, refused } = adopt({ 'infra/web.yaml': file }, [{ address: 'taskserv.redis/web', fields }]);
    expect(files.get('deploy/infra/web.yaml')).toBe(file.replace('64', '128'));
    expect(refused.map(({ id, what }) => [id, what])).toEqual([
      [
        'WS-EDIT',
        '`taskserv.redis/web` is not as it was left on its host, which no field says: `fix` puts it right, `snooze` leaves it until a day',
      ],
    ]);
    const alone = adopt({ 'infra/web.yaml': file }, [{ address: 'taskserv.redis/web', fields: fields.slice(0, 1) }]);
    expect(alone.files.size).toBe(0);
  });
});
