import { describe, expect, test } from 'vitest';
import { foldersAbove, type Folders, openNeighbours } from '../../reconciler/neighbours.ts';
import { relate } from '../../reconciler/relations.ts';
import { resolveUses } from '../../reconciler/upstream.ts';
import type { Target } from '../../reconciler/target.ts';
import { Fault } from '../../schemas/fault.ts';
import { renderProblems } from '../../schemas/problem.ts';
import { reviewWorld } from './review/world.ts';

type Files = { readonly [path: string]: string };

const world = reviewWorld();
const { ports } = world.context();

const file = (name: string, more = '') => `name: ${name}\n${more}providers:\n  demo: {}\n`;
const NET: Files = {
  'net/workspace.yaml': file('net'),
  'net/infra/net.yaml': 'network:\n  main: { ipRange: 10.0.0.0/16 }\n',
};
const reading = (ref: string) => `subnet:\n  front:\n    network: ${ref}\n    ipRange: 10.0.1.0/24\n`;
const shop = (ref: string): Files => ({ 'shop/workspace.yaml': file('shop'), 'shop/infra/main.yaml': reading(ref) });

function foldersIn(files: Files): Folders {
  const names = Object.keys(files)
    .filter(path => path.endsWith('/workspace.yaml'))
    .map(path => path.split('/')[0] ?? '');
  return {
    list: async () => names,
    files: async prefix =>
      new Map(
        Object.entries(files)
          .filter(([path]) => path.startsWith(`${prefix}/`))
          .map(([path, text]) => [path.slice(prefix.length + 1), Buffer.from(text)]),
      ),
  };
}

/** What a load of one workspace comes to: the workspaces it reads, or the complete text of the refusal. */
async function outcome(files: Files, prefix = 'shop', env: string | null = null): Promise<readonly string[] | string> {
  const folders = foldersIn(files);
  try {
    const loaded = await ports.load({ files: await folders.files(prefix), prefix, env, drivers: ports.providers });
    return (await resolveUses(ports, loaded, folders)).map(({ key, ref, by }) => `${by} ${ref} of ${key}`);
  } catch (error) {
    if (error instanceof Fault) return renderProblems(error);
    throw error;
  }
}

describe('a reference to a workspace of the same repository', () => {
  test('finds it by its name, wherever its folder is', async () => {
    const moved: Files = { 'deep/workspace.yaml': file('net'), 'deep/infra/net.yaml': NET['net/infra/net.yaml'] ?? '' };
    const found = await outcome({ ...moved, ...shop('${workspace.net.network.main.id}') });
    expect(found).toEqual(['subnet/front net:network/main.id of net']);
  });

  test('means the same environment, unless another one is written', async () => {
    const files: Files = {
      ...NET,
      'net/workspace.yaml': file('net', 'environments: [dev, prod]\n'),
      ...shop('${workspace.net.network.main.id}'),
      'shop/workspace.yaml': file('shop', 'environments: [dev, prod]\n'),
    };
    expect(await outcome(files, 'shop', 'prod')).toEqual(['subnet/front net:network/main.id of net@prod']);
    const other = { ...files, 'shop/infra/main.yaml': reading('${workspace.net@dev.network.main.id}') };
    expect(await outcome(other, 'shop', 'prod')).toEqual(['subnet/front net@dev:network/main.id of net@dev']);
  });

  test('of one without environments is the one there is', async () => {
    const files: Files = {
      ...NET,
      ...shop('${workspace.net.network.main.id}'),
      'shop/workspace.yaml': file('shop', 'environments: [dev]\n'),
    };
    expect(await outcome(files, 'shop', 'dev')).toEqual(['subnet/front net:network/main.id of net']);
  });

  test.each([
    [
      'no such workspace',
      '${workspace.nets.network.main.id}',
      {},
      'WS-UPSTREAM shop/infra/main.yaml:3:14  ${workspace.nets.network.main.id}: the repository has no workspace `nets`\n  why: it has: net, shop   fix: did you mean `net`?',
    ],
    [
      'no such resource',
      '${workspace.net.network.mian.id}',
      {},
      'WS-UPSTREAM shop/infra/main.yaml:3:14  ${workspace.net.network.mian.id}: net declares no network `mian`\n  why: it declares: main   fix: did you mean `main`?',
    ],
    [
      'no such environment',
      '${workspace.net@prdo.network.main.id}',
      { 'net/workspace.yaml': file('net', 'environments: [dev, prod]\n') },
      'WS-UPSTREAM shop/infra/main.yaml:3:14  ${workspace.net@prdo.network.main.id}: workspace `net` has no environment `prdo`\n  why: environments: dev, prod   fix: write workspace.net@prod if that is meant',
    ],
    [
      'an environment where there is none',
      '${workspace.net@dev.network.main.id}',
      {},
      'WS-UPSTREAM shop/infra/main.yaml:3:14  ${workspace.net@dev.network.main.id}: workspace `net` has no environments\n  fix: write workspace.net without @dev',
    ],
    [
      'none of several environments',
      '${workspace.net.network.main.id}',
      { 'net/workspace.yaml': file('net', 'environments: [dev, prod]\n') },
      'WS-UPSTREAM shop/infra/main.yaml:3:14  ${workspace.net.network.main.id}: workspace `net` has environments, and none is named\n  why: environments: dev, prod   fix: write workspace.net@dev if that is meant',
    ],
  ])('to %s is refused at its place', async (_, ref, more, text) => {
    const said = await outcome({ ...NET, ...shop(ref), ...more });
    expect(said).toContain(text);
    expect(said).toContain('Nothing was changed.');
  });

  test('to a workspace whose files are broken is left to the pass that reports them', async () => {
    const broken = { ...NET, 'net/infra/net.yaml': 'network: [\n', ...shop('${workspace.net.network.mian.id}') };
    expect(await outcome(broken)).toEqual(['subnet/front net:network/mian.id of net']);
    const nameless = { ...NET, 'net/workspace.yaml': 'name: [\n', ...shop('${workspace.net.network.main.id}') };
    expect(await outcome(nameless)).toEqual([]);
  });

  test('in a circle is refused with every line of it, in each of them', async () => {
    const circle: Files = {
      'a/workspace.yaml': file('a'),
      'a/infra/a.yaml': 'network:\n  main: { ipRange: 10.0.0.0/16, labels: { of: "${workspace.b.server.b.id}" } }\n',
      'b/workspace.yaml': file('b'),
      'b/infra/b.yaml':
        'server:\n  b:\n    size: small\n    image: debian-12\n    labels: { of: "${workspace.c.network.c.id}" }\n',
      'c/workspace.yaml': file('c'),
      'c/infra/c.yaml': 'network:\n  c: { ipRange: 10.0.0.0/16, labels: { of: "${workspace.a.network.main.id}" } }\n',
    };
    expect(await outcome(circle, 'b')).toContain(
      'WS-UPSTREAM-CYCLE b/infra/b.yaml:5:19  workspaces need each other in a circle: b (b/infra/b.yaml:5:19) -> c (c/infra/c.yaml:2:44) -> a (a/infra/a.yaml:2:47) -> b',
    );
    expect(await outcome(circle, 'a')).toContain('WS-UPSTREAM-CYCLE a/infra/a.yaml:2:47');
    const outside = { ...circle, ...shop('${workspace.a.network.main.id}') };
    expect(await outcome(outside)).toEqual(['subnet/front a:network/main.id of a']);
  });
});

describe('the relations of a commit', () => {
  async function targetsOf(files: Files): Promise<readonly Target[]> {
    const commit = world.forge.push(
      'root',
      `branch-${Object.keys(files).length}-${JSON.stringify(files).length}`,
      files,
    );
    const { source } = world.context();
    const prefixes = await source.workspaces(commit);
    return prefixes.map(prefix => ({ source, stateRemote: '', prefix, env: null, revision: commit, follow: false }));
  }

  const app = (name: string, refs: readonly string[]): Files => ({
    [`${name}/workspace.yaml`]: file(name),
    [`${name}/infra/all.yaml`]: `network:\n  main:\n    ipRange: 10.0.0.0/16\n    labels: { ${refs.map((ref, index) => `l${index}: "${ref}"`).join(', ')} }\n`,
  });

  test('put what is read first, and keep the order otherwise', async () => {
    const targets = await targetsOf({
      ...app('a', ['${workspace.c.network.main.id}', '${workspace.c.network.main.ipRange}']),
      ...app('b', []),
      ...app('c', ['${workspace.d.network.main.id}']),
      ...app('d', []),
    });
    const relations = await relate(ports, targets);
    expect(relations.ordered.map(({ prefix }) => prefix)).toEqual(['b', 'd', 'c', 'a']);
    const [a, , c, d] = targets as [Target, Target, Target, Target];
    expect(relations.upstream(a)).toEqual([c]);
    expect(relations.downstream(d)).toEqual([c]);
    expect(relations.uses(a).map(({ ref }) => ref)).toEqual(['c:network/main.id', 'c:network/main.ipRange']);
    expect(await foldersAbove(ports, a)).toEqual(['c', 'd']);
    expect(await foldersAbove(ports, d)).toEqual([]);
  });

  test('of a circle still have an order, and no circle', async () => {
    const targets = await targetsOf({
      ...app('a', ['${workspace.b.network.main.id}']),
      ...app('b', ['${workspace.a.network.main.id}']),
      ...app('z', ['${workspace.b.network.main.id}']),
    });
    const relations = await relate(ports, targets);
    expect(relations.ordered.map(({ prefix }) => prefix)).toEqual(['a', 'b', 'z']);
    const [a, b] = targets as [Target, Target];
    expect(relations.upstream(a)).toEqual([]);
    expect(relations.upstream(b)).toEqual([a]);
  });

  test('cost no parsing where nobody refers to anybody', async () => {
    let loads = 0;
    const counting = { ...ports, load: (input: Parameters<typeof ports.load>[0]) => ((loads += 1), ports.load(input)) };
    await relate(counting, await targetsOf({ ...NET, ...app('q', []) }));
    expect(loads).toBe(0);
    const neighbours = openNeighbours(counting, foldersIn({ ...NET, ...shop('${workspace.net.network.main.id}') }));
    for (const one of await neighbours.all()) for (const _ of [1, 2]) await neighbours.uses(one, null);
    expect(loads).toBe(1);
  });
});
