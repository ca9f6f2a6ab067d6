import { createRedactor } from '../../../platform/redact/redactor.ts';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { importRun } from '../../../operations/import.run.ts';
import { importTerraform } from '../../../operations/import.terraform.ts';
import { type Imported, importText } from '../../../operations/importing.ts';
import type { Call } from '../../../operations/operation.ts';
import { planShow } from '../../../operations/plan.show.ts';
import type { Ports } from '../../../reconciler/ports.ts';
import { wire } from '../../../reconciler/wire.ts';
import { emptyRecorded } from '../../../schemas/checkpoint.ts';
import { asFault, type Fault } from '../../../schemas/fault.ts';
import { type Provider, ProviderFault } from '../../../schemas/provider.ts';
import { type DemoWorld, demoWorld } from '../../providers/demo-world.ts';
import { AWS, HETZNER, PASSWORD, stateFile, UPCLOUD } from '../../schemas/terraform/state-file.ts';
import { openSite } from '../site.ts';
import { createBehind } from './account.ts';

const root = mkdtempSync(join(tmpdir(), 'import-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const CALL: Call = {
  actor: 'tester',
  signals: { stop: new AbortController().signal, abort: new AbortController().signal },
  progress: () => {},
  confirm: () => Promise.resolve(true),
};

/** A cloud in this process, and a folder that is no workspace yet. */
interface Desk extends DemoWorld {
  readonly ports: Ports;
  readonly directory: string;
  run(input?: { readonly [field: string]: unknown }): Promise<Imported>;
  write(files: { readonly [path: string]: string }): void;
  files(): { readonly [path: string]: string };
}

let desks = 0;
function desk(settings: Parameters<typeof demoWorld>[0] = {}): Desk {
  desks += 1;
  const world = demoWorld(settings);
  const directory = join(root, `${desks}`, 'shop');
  const wired = wire({
    world: world.world,
    log: { write: () => {} },
    home: join(root, `home-${desks}`),
    tool: '0',
    environment: {},
    redactor: createRedactor(),
  });
  const ports: Ports = { ...wired, fetch: world.fetch, defaults: () => Promise.resolve(world.config) };
  return {
    ...world,
    ports,
    directory,
    async run(input = {}) {
      return importRun.output.parse(
        await importRun.run(ports, importRun.input.parse({ provider: 'demo', directory, ...input }), CALL),
      );
    },
    write(files) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(directory, path)), { recursive: true });
        writeFileSync(join(directory, path), text);
      }
    },
    files() {
      const infra = join(directory, 'infra');
      if (!existsSync(infra)) return {};
      return Object.fromEntries(readdirSync(infra).map(name => [name, readFileSync(join(infra, name), 'utf8')]));
    },
  };
}

async function refusal(promise: Promise<unknown>): Promise<Fault> {
  return promise.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: unknown) => asFault(error),
  );
}

const NETWORK = { kind: 'network', name: 'main', ip_range: '10.0.0.0/16' };
const SERVER = { kind: 'server', name: 'Web One', size: 'small', image: 'debian-12' };
const WORKSPACE = 'name: shop\nproviders: { demo: {} }\n';
const OWNED = {
  'provisioning/managed': 'true',
  'provisioning/workspace': 'blog.prod',
  'provisioning/lineage': 'aaaaaaaaaaaa',
  'provisioning/operation': 'op',
  'provisioning/address': 'server.web',
};

describe('an import into an empty folder', () => {
  it('makes a workspace that loads, in a repository, and tells what comes next', async () => {
    const { core, run, directory, files, ports } = desk();
    const network = createBehind(core, NETWORK);
    createBehind(core, { kind: 'subnet', name: 'front', network: network.id, ip_range: '10.0.1.0/24' });
    createBehind(core, SERVER);
    const answer = await run();
    expect(answer.repository).toBe('made');
    expect(answer.imported.map(({ address }) => address)).toEqual(['network/main', 'subnet/front', 'server/web-one']);
    expect(answer.plan).toEqual({ adoptions: 3, differences: [], findings: [] });
    expect(Object.keys(files())).toEqual(['network.yaml', 'servers.yaml']);
    const text = importText(answer);
    expect(text).toContain('The plan will be: 3 adoptions, and no change to any object.');
    expect(text).toContain('Nothing was changed in the cloud. Next:');
    const bytes = readdirSync(join(directory, '.provisioning')).sort();
    expect(bytes).toEqual(['defaults.schema.json', 'infra.schema.json', 'workspace.schema.json']);
    expect(ports.providers['demo']).toBeDefined();
  });

  it('shows the files instead of writing them, when asked', async () => {
    const { core, run, directory } = desk();
    createBehind(core, SERVER);
    const answer = await run({ dryRun: true });
    expect(Object.keys(answer.contents ?? {})).toEqual(['workspace.yaml', 'infra/servers.yaml']);
    expect(importText(answer)).toContain('--- infra/servers.yaml\n# yaml-language-server');
    expect(existsSync(directory)).toBe(false);
  });

  it('writes nothing when there is nothing to describe', async () => {
    const { core, run, directory } = desk();
    createBehind(core, { ...SERVER, labels: OWNED });
    const answer = await run();
    expect(answer).toMatchObject({ imported: [], files: [], repository: null });
    expect(answer.leftOut.map(({ why }) => why)).toEqual([
      'it is server/web of the workspace blog@prod (lineage aaaaaaaaaaaa)',
    ]);
    expect(existsSync(directory)).toBe(false);
  });

  it.each([
    ['an unknown provider', { provider: 'nowhere' }, 'CLI-PROVIDER'],
    ['a folder whose name is none', { directory: join(root, '1 !') }, 'CLI-NAME'],
  ])('refuses %s', async (_, input, id) => {
    const fault = await refusal(desk().run(input));
    expect([fault.code, fault.problems[0]?.id]).toEqual(['usage', id]);
  });
});

describe('an import into a workspace', () => {
  it('touches no file, describes what is new beside it, and refers to what is there', async () => {
    const { core, run, write, files } = desk();
    const network = createBehind(core, NETWORK);
    const subnet = createBehind(core, { kind: 'subnet', name: 'web', network: network.id, ip_range: '10.0.1.0/24' });
    createBehind(core, { ...SERVER, name: 'web', subnet: subnet.id });
    const own = `# ours\nnetwork:\n  prod: { adopt: ${network.id}, ipRange: 10.0.0.0/16 }\nserver:\n  web: { count: 2, size: small, image: debian-12 }\n`;
    write({ 'workspace.yaml': WORKSPACE, 'infra/network.yaml': own });
    const answer = await run();
    expect(answer).toMatchObject({ known: 1, leftOut: [] });
    expect(answer.imported.map(({ address }) => address)).toEqual(['subnet/web', 'server/web-3']);
    const first = files();
    expect(first['network.yaml']).toBe(own);
    expect(first['imported-network.yaml']).toContain('network: prod\n');
    expect(Object.keys(first)).toEqual(['imported-network.yaml', 'imported-servers.yaml', 'network.yaml']);

    expect(await run()).toMatchObject({ known: 3, imported: [], files: [] });
    expect(files()).toEqual(first);

    createBehind(core, { ...SERVER, name: 'late' });
    expect((await run()).files).toEqual(['infra/imported-servers-2.yaml']);
    const { 'imported-servers-2.yaml': added, ...rest } = files();
    expect(added).toContain('  late:\n');
    expect(rest).toEqual(first);
    expect(await run()).toMatchObject({ imported: [], files: [] });
  });

  it('leaves out what the loader would refuse and what belongs to others, and lists it once', async () => {
    const { core, run, write, files } = desk();
    const network = createBehind(core, NETWORK);
    createBehind(core, { kind: 'subnet', name: 'outside', network: network.id, ip_range: '172.16.0.0/24' });
    createBehind(core, { kind: 'subnet', name: 'a', network: network.id, ip_range: '10.0.1.0/24' });
    createBehind(core, { kind: 'subnet', name: 'overlap', network: network.id, ip_range: '10.0.1.0/25' });
    createBehind(core, { kind: 'network', name: 'bits', ip_range: '10.9.9.9/16' });
    createBehind(core, { ...SERVER, labels: OWNED });
    createBehind(core, { kind: 'taskserv.postgres', name: 'pg', type: 'postgres' });
    write({ 'workspace.yaml': WORKSPACE });
    const answer = await run();
    expect(answer.leftOut.map(({ name, why }) => `${name}: ${why}`)).toEqual([
      'bits: 10.9.9.9/16 has host bits set',
      'outside: subnet/outside 172.16.0.0/24 lies outside network/main 10.0.0.0/16',
      'overlap: subnet/overlap 10.0.1.0/25 overlaps subnet/a 10.0.1.0/24',
      'Web One: it is server/web of the workspace blog@prod (lineage aaaaaaaaaaaa)',
      'pg: a service is described under `taskservs` of its server',
    ]);
    const text = files()['network.yaml'] ?? '';
    expect(text.match(/^# Left out: /gm)).toHaveLength(5);
    expect(await run()).toMatchObject({ imported: [], files: [] });
    createBehind(core, { kind: 'network', name: 'late', ip_range: '10.20.0.0/16' });
    await run();
    expect(files()['imported-network.yaml']).not.toContain('Left out');
  });

  it('says what its own defaults would change', async () => {
    const { core, run, write } = desk();
    createBehind(core, SERVER);
    write({ 'workspace.yaml': WORKSPACE, 'config/defaults.toml': '[server.labels]\nteam = "shop"\n' });
    const answer = await run();
    expect(answer.plan).toEqual({
      adoptions: 1,
      differences: [{ address: 'server/web-one', fields: ['labels'] }],
      findings: [],
    });
    expect(importText(answer)).toContain('It would change:\n  server/web-one: labels');
  });

  it('takes only the kinds that are asked for', async () => {
    const { core, run } = desk();
    createBehind(core, SERVER);
    createBehind(core, NETWORK);
    expect((await run({ only: ['network'] })).imported.map(({ address }) => address)).toEqual(['network/main']);
  });

  it('names the provider of each object where there are several', async () => {
    const { core, run, write, files } = desk();
    createBehind(core, SERVER);
    write({ 'workspace.yaml': 'name: shop\nproviders: { a: { driver: demo }, b: { driver: demo } }\n' });
    expect((await refusal(run())).problems[0]?.id).toBe('CLI-PROVIDER');
    await run({ provider: 'b' });
    expect(files()['servers.yaml']).toContain('    provider: b\n');
  });

  it.each([
    ['has environments', { 'workspace.yaml': `${WORKSPACE}environments: [dev, prod]\n` }, 'CLI-ENV'],
    ['does not load', { 'workspace.yaml': WORKSPACE, 'infra/a.yaml': 'server: {' }, 'WS-SYNTAX'],
  ])('that %s is refused, and nothing is written', async (_, existing, id) => {
    const { core, run, write, directory } = desk();
    createBehind(core, SERVER);
    write(existing);
    expect((await refusal(run())).problems[0]?.id).toBe(id);
    expect(existsSync(join(directory, '.provisioning'))).toBe(false);
  });
});

describe('a cloud that does not answer well', () => {
  it('is asked again while the reason may pass', async () => {
    const { core, run } = desk();
    createBehind(core, SERVER);
    const body = JSON.stringify({ match: { operation: 'list' }, fault: 'rate-limited', times: 3 });
    expect(core.handle({ method: 'POST', path: '/admin/faults', headers: {}, body }, 0).status).toBe(200);
    const before = core.ledger().length;
    expect((await run()).imported).toHaveLength(1);
    expect(core.ledger().length - before).toBeGreaterThanOrEqual(4);
  });

  it('that refuses the credentials ends it', async () => {
    const locked = desk({ settings: { token: 'right' } });
    const fault = await refusal(
      importRun.run(
        { ...locked.ports, defaults: () => Promise.resolve({ ...locked.config, token: 'wrong' }) },
        importRun.input.parse({ provider: 'demo', directory: locked.directory }),
        CALL,
      ),
    );
    expect([fault.code, fault.problems[0]?.id]).toEqual(['denied', 'PR-SCAN']);
    expect(existsSync(locked.directory)).toBe(false);
  });
});

it('another account than the recorded one is refused', async () => {
  const { core, run, ports } = desk();
  createBehind(core, SERVER);
  await run();
  const object = { key: 'server/a', address: 'server/a', kind: 'server', provider: 'demo', account: 'theirs', id: 'x' };
  const recorded = { ...emptyRecorded('shop', 'aaaaaaaaaaaa'), objects: new Map([[object.key, object]]) };
  Object.assign(ports, { openState: () => ({ read: () => Promise.resolve(recorded) }) });
  const fault = await refusal(run());
  expect([fault.code, fault.problems[0]?.id]).toEqual(['refused', 'PR-ACCOUNT']);
});

it('a plan shows in what an object to adopt differs from the files', async () => {
  const site = await openSite();
  try {
    createBehind(site.cloud.core, SERVER);
    const directory = site.clone;
    await importRun.run(site.ports, importRun.input.parse({ provider: 'demo', directory }), CALL);
    const path = join(directory, 'infra/servers.yaml');
    const text = readFileSync(path, 'utf8').replace('size: small', 'size: medium');
    await site.push({ 'infra/servers.yaml': text });
    const { plan } = await planShow.run(site.ports, planShow.input.parse({ directory }), CALL);
    expect(plan.changes).toMatchObject([
      { action: 'adopt', address: 'server/web-one', fields: [{ path: 'size', before: 'small', after: 'medium' }] },
    ]);
    expect(await importRun.run(site.ports, importRun.input.parse({ provider: 'demo', directory }), CALL)).toMatchObject(
      { files: [] },
    );
    expect(readFileSync(path, 'utf8')).toBe(text);
  } finally {
    await site.close();
  }
});

/** A cloud that must not be asked: import from a state file needs none. */
const untouchable = (name: string): Provider => ({
  name,
  summary: 'Refuses every call.',
  config: z.strictObject({}),
  capability: () => ({ idempotency: 'unique-name', visibleAfterMs: 0 }),
  connect: () => Promise.reject(new ProviderFault({ class: 'bug', code: 'asked', message: 'it was asked' })),
});

describe('an import from a Terraform state file', () => {
  const drivers = Object.fromEntries(['hetzner', 'aws', 'upcloud'].map(name => [name, untouchable(name)]));

  function terraform(at: Desk, input: { readonly [field: string]: unknown } = {}) {
    const file = join(dirname(at.directory), 'terraform.tfstate');
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, stateFile([...HETZNER, ...AWS, ...UPCLOUD]));
    const ports = { ...at.ports, providers: drivers };
    const run = async (): Promise<Imported> =>
      importTerraform.output.parse(
        await importTerraform.run(
          ports,
          importTerraform.input.parse({ file, directory: at.directory, ...input }),
          CALL,
        ),
      );
    return { run, file };
  }

  it('describes what it has for every provider, asks no cloud, and adds nothing the second time', async () => {
    const at = desk();
    const { run } = terraform(at);
    const answer = await run();
    expect(answer).toMatchObject({
      account: null,
      plan: null,
      known: 0,
      repository: 'made',
      providers: ['aws', 'hetzner', 'upcloud'],
    });
    expect(answer.imported).toHaveLength(26);
    expect(answer.leftOut.map(({ id }) => id)).toEqual([
      'sg-2',
      'hcloud_rdns.web',
      'aws_lb.old',
      'aws_db_instance.main',
      'upcloud_managed_database_postgresql.main',
    ]);
    const text = Object.values(at.files()).join('');
    expect(text).not.toContain(PASSWORD);
    expect(text).toContain('# Left out: terraform "aws_db_instance.main": there is no kind for aws_db_instance\n');
    expect(text).toContain(
      '    # hcloud_server.web in Terraform\n    provider: hetzner\n    adopt: "15"\n    protect: true\n',
    );
    expect(importText(answer)).toContain('terraform state rm');
    const first = at.files();
    expect(await run()).toMatchObject({ imported: [], known: 26, files: [] });
    expect(at.files()).toEqual(first);
    expect(at.core.ledger()).toEqual([]);
  });

  it('leaves out what no provider of the workspace could hold', async () => {
    const at = desk();
    at.write({ 'workspace.yaml': 'name: shop\nproviders: { cloud: { driver: hetzner } }\n' });
    const answer = await terraform(at).run();
    expect(answer.providers).toEqual(['cloud']);
    expect(answer.leftOut.filter(({ why }) => why === 'the workspace has no provider aws').length).toBe(11);
    expect(answer.imported).toHaveLength(9);
  });

  it.each([
    ['a file that is not there', 'nothing.tfstate'],
    ['a folder', '.'],
  ])('refuses %s', async (_, file) => {
    const fault = await refusal(terraform(desk(), { file: join(root, file) }).run());
    expect([fault.code, fault.problems[0]?.id]).toEqual(['usage', 'CLI-FILE']);
  });
});
