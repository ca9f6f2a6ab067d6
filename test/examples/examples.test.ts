import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { CLUSTERS } from '../../clusters/index.ts';
import { foresee, type UpstreamValues } from '../../planner/foresee.ts';
import { makePlan } from '../../planner/plan.ts';
import { renderPlanMarkdown } from '../../planner/render/markdown.ts';
import { renderPlanText } from '../../planner/render/text.ts';
import { PROVIDERS } from '../../providers/index.ts';
import { local } from '../../providers/local/index.ts';
import { ssh } from '../../providers/ssh/index.ts';
import { declaredService, declaredServices } from '../../taskservs/host/declared.ts';
import { TASKSERVS } from '../../taskservs/index.ts';
import { usesOf } from '../../reconciler/neighbours.ts';
import { onHosts } from '../../reconciler/services/serving.ts';
import { stepsFrom } from '../../reconciler/services/steps.ts';
import { emptyRecorded, type Recorded } from '../../schemas/checkpoint.ts';
import { isTaskserv, type KindName } from '../../schemas/name.ts';
import { loadWorkspace } from '../../schemas/parse/load.ts';
import { Plan } from '../../schemas/plan.ts';
import type { CallContext, Connection, KindCapability, Observations } from '../../schemas/provider.ts';
import type { Loaded } from '../../schemas/workspace.ts';
import { awsWorld } from '../providers/aws/aws-world.ts';
import { hetznerWorld } from '../providers/hetzner/hetzner-world.ts';
import { upcloudWorld } from '../providers/upcloud/upcloud-world.ts';
import { LINEAGE, openCloud, recordOf } from './record.ts';

const ROOT = fileURLToPath(new URL('../../example-workspace/', import.meta.url));
const UPDATE = process.env['UPDATE'] === '1';

/** Each example from an empty record. */
const FROM_EMPTY = [
  { folder: 'hello', env: null, golden: 'hello/plan' },
  { folder: 'web', env: null, golden: 'web/plan' },
  { folder: 'environments', env: 'dev', golden: 'environments/plan-dev' },
  { folder: 'environments', env: 'prod', golden: 'environments/plan-prod' },
  { folder: 'fleet', env: null, golden: 'fleet/plan' },
  { folder: 'large', env: null, golden: 'large/plan' },
  { folder: 'shared-network', env: null, golden: 'shared-network/plan' },
] as const;

/** One description at several clouds; the real ones are fakes in this process, with their own catalogues. */
const CLOUDS: { readonly [env: string]: () => Promise<Cloud> } = {
  demo: async () => ({ name: 'demo', ...(await openCloud({})) }),
  hetzner: async () => ofWorld('hetzner', hetznerWorld()),
  upcloud: async () => ofWorld('upcloud', upcloudWorld()),
  aws: async () => {
    const world = awsWorld();
    const ctx = world.context();
    return { name: 'aws', ctx, connection: await world.connect(ctx) };
  },
};

interface Cloud {
  readonly name: string;
  readonly ctx: CallContext;
  readonly connection: Connection;
}

async function ofWorld(
  name: string,
  world: { context(): CallContext; connect(): Promise<Connection> },
): Promise<Cloud> {
  return { name, ctx: world.context(), connection: await world.connect() };
}

/** An engine that answers what is asked for a plan: it is podman, and it has the image. */
async function machineWithImage(): Promise<Cloud> {
  const images = [{ RepoTags: ['localhost/provisioning-host:debian-12'] }];
  const fetch = (url: string): Promise<Response> =>
    Promise.resolve(
      url.endsWith('/_ping')
        ? new Response('OK', { headers: { 'libpod-api-version': '4.3.1' } })
        : Response.json(url.endsWith('/images/json') ? images : []),
    );
  const ctx = { ...hetznerWorld().context(), fetch };
  const given = { url: 'http://engine.invalid', key: 'a'.repeat(64), machine: 'workbench' };
  return { name: 'local', ctx, connection: await local.connect(ctx, given, () => Promise.resolve(undefined)) };
}

describe('example workspaces', () => {
  test.each(Object.keys(CLOUDS))('clouds/plan-%s', async env => {
    const loaded = loadExample('clouds', env);
    expect(loaded.warnings).toEqual([]);
    const plan = await planFrom(loaded, undefined, undefined, await CLOUDS[env]?.());
    expect(plan.findings.filter(finding => finding.level === 'error')).toEqual([]);
    expect(plan.counts.create).toBe(13);
    compare(`clouds/plan-${env}`, plan);
  });

  test('local/plan', async () => {
    const plan = await planFrom(loadExample('local', null), undefined, undefined, await machineWithImage());
    expect(plan.findings).toEqual([]);
    compare('local/plan', plan);
  });

  test('machines/plan', async () => {
    const ctx = hetznerWorld().context();
    const rack = { name: 'ssh', ctx, connection: await ssh.connect(ctx, {}, () => Promise.resolve(undefined)) };
    const plan = await planFrom(loadExample('machines', null), undefined, undefined, rack);
    expect(plan.findings).toEqual([]);
    compare('machines/plan', plan);
  });

  test('cluster/plan, once somebody made its secret', async () => {
    const files = filesOf('cluster');
    const secret = readFileSync(join(ROOT, '../test/schemas/cases/secrets-good/secrets/db.sops.yaml'), 'utf8');
    files.set('secrets/shop.sops.yaml', Buffer.from(secret.replaceAll(/^password:/gm, 'database:')));
    const plan = await planFrom(loadFiles(files, null));
    expect(plan.findings.filter(finding => finding.level === 'error')).toEqual([]);
    compare('cluster/plan', plan);
  });

  test('own-service/plan', async () => {
    const plan = await planFrom(loadExample('own-service', null), undefined, undefined, await machineWithImage());
    expect(plan.findings).toEqual([]);
    compare('own-service/plan', plan);
  });

  test('local-shop/plan, once somebody made its two secrets', async () => {
    const files = filesOf('local-shop');
    const secret = readFileSync(join(ROOT, '../test/schemas/cases/secrets-good/secrets/db.sops.yaml'));
    for (const name of ['db', 'cache']) files.set(`secrets/${name}.sops.yaml`, secret);
    const loaded = loadFiles(files, null);
    const plan = await planFrom(loaded, undefined, undefined, await machineWithImage());
    expect(plan.findings).toEqual([]);
    compare('local-shop/plan', plan);
  });

  test.each(FROM_EMPTY)('$golden', async ({ folder, env, golden }) => {
    const loaded = loadExample(folder, env);
    expect(loaded.warnings).toEqual([]);
    compare(golden, await planFrom(loaded));
  });

  test('mixed/plan leads from before to after', async () => {
    const before = loadExample('mixed/before', null);
    const { config = {} } = before.workspace.providers['demo'] ?? {};
    const state = await recordOf(await planFrom(before), config);
    expect((await planFrom(before, state)).changes).toEqual([]);
    compare('mixed/plan', await planFrom(loadExample('mixed/after', null), state));
  });

  test('shop-on-shared-network/plan rests on what shared-network recorded', async () => {
    const network = loadExample('shared-network', null);
    const { recorded } = await recordOf(await planFrom(network), {});
    const shop = loadExample('shop-on-shared-network', null);
    const known = (from: Recorded): UpstreamValues =>
      new Map(
        usesOf(shop).map(({ ref, to }) => {
          const outlook = foresee({ recorded: from, plan: null }, to);
          return [ref, { workspace: network.workspace.key, outlook }];
        }),
      );
    const early = await planFrom(shop, undefined, known(emptyRecorded(network.workspace.key, LINEAGE)));
    expect(early.findings.map(({ level, fix }) => `${level}: ${fix}`)).toEqual([
      'error: apply shared-network first',
      'error: apply shared-network first',
    ]);
    compare('shop-on-shared-network/plan', await planFrom(shop, undefined, known(recorded)));
  });

  test('mixed refuses to lose what is protected', async () => {
    const before = loadExample('mixed/before', null);
    const { config = {} } = before.workspace.providers['demo'] ?? {};
    const state = await recordOf(await planFrom(before), config);
    const files = filesOf('mixed/after');
    const text = Buffer.from(files.get('infra/shop.yaml') ?? []).toString();
    files.set('infra/shop.yaml', Buffer.from(text.replace(/ {2}archive:\n(?: {4}.*\n)+/, '')));
    const plan = await planFrom(
      loadWorkspace({ files, prefix: '', env: null, drivers: PROVIDERS, services: TASKSERVS, templates: CLUSTERS }),
      state,
    );
    expect(plan.findings.filter(finding => finding.level === 'error').map(finding => finding.address)).toEqual([
      'server/archive',
    ]);
  });
});

test('every folder is named in the overview and has its own words', () => {
  const folders = readdirSync(ROOT, { withFileTypes: true }).flatMap(entry =>
    entry.isDirectory() ? [entry.name] : [],
  );
  expect(folders).toEqual(
    [
      ...new Set([
        ...FROM_EMPTY.map(one => one.folder),
        'clouds',
        'cluster',
        'local',
        'local-shop',
        'machines',
        'mixed',
        'own-service',
        'shop-on-shared-network',
      ]),
    ].sort(),
  );
  const overview = readFileSync(join(ROOT, 'README.md'), 'utf8');
  for (const folder of folders) {
    expect(overview).toContain(`[${folder}](${folder})`);
    expect(readFileSync(join(ROOT, folder, 'README.md'), 'utf8')).toMatch(new RegExp(`^# ${folder}\n`));
  }
});

function filesOf(folder: string): Map<string, Uint8Array> {
  const root = join(ROOT, folder);
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(path => /\.(?:yaml|toml)$/.test(path))
    .sort();
  return new Map(paths.map(path => [path.replaceAll('\\', '/'), readFileSync(join(root, path))]));
}

function loadExample(folder: string, env: string | null): Loaded {
  return loadFiles(filesOf(folder), env);
}

function loadFiles(files: ReadonlyMap<string, Uint8Array>, env: string | null): Loaded {
  return loadWorkspace({
    files,
    prefix: '',
    env,
    drivers: PROVIDERS,
    services: TASKSERVS,
    declare: declaredService,
    templates: CLUSTERS,
  });
}

type State = { readonly recorded: Recorded; readonly observations: Observations };

/** The plan as it would be made for a commit; commit, tree and version are placeholders, because goldens outlive them. */
async function planFrom(loaded: Loaded, state?: State, upstream?: UpstreamValues, cloud?: Cloud): Promise<Plan> {
  const { workspace } = loaded;
  const demo = { name: 'demo', ...(await openCloud(workspace.providers['demo']?.config ?? {})) };
  const { name, ctx, connection } = cloud ?? demo;
  const empty: State = {
    recorded: emptyRecorded(workspace.key, LINEAGE),
    observations: { [name]: { status: 'complete', account: connection.account, objects: [] } },
  };
  const offered = (kind: KindName): KindCapability | undefined =>
    PROVIDERS[name]?.capability(kind, workspace.providers[name]?.config ?? {});
  const services = { ...TASKSERVS, ...declaredServices(workspace.services) };
  const plan = makePlan({
    loaded,
    commit: '1'.repeat(40),
    tree: '2'.repeat(40),
    ...(state ?? empty),
    capability: (_, kind) =>
      offered(kind) ?? (isTaskserv(kind) && ['local', 'ssh'].includes(name) ? onHosts(services, kind) : undefined),
    steps: stepsFrom({ workspace, services, capability: offered }, new Map()),
    catalogues: { [name]: await connection.catalogue(ctx) },
    options: { targets: [], excludes: [], destroy: false, allowDeletes: null },
    tool: '0.1.0',
    ...(upstream === undefined ? {} : { upstream }),
  });
  return Plan.parse(plan);
}

function compare(golden: string, plan: Plan): void {
  const texts = { txt: renderPlanText(plan, { colour: false, width: 100 }), md: renderPlanMarkdown(plan) };
  for (const [extension, text] of Object.entries(texts)) {
    const path = join(ROOT, `${golden}.${extension}`);
    if (UPDATE) writeFileSync(path, text);
    expect(text).toBe(readFileSync(path, 'utf8'));
  }
}
