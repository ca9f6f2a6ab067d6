import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPlan } from '../../appliers/run.ts';
import { systemWorld } from '../../platform/clock/world.ts';
import { nativeGit } from '../../platform/git/native.ts';
import { openGitState } from '../../platform/state/git-state.ts';
import type { Connection, CreateRequest, Observed, Outcome } from '../../schemas/provider.ts';
import { change, planOf } from '../../test/appliers/stage.ts';
import { nodeName, graph } from './shapes.ts';

/**
 * The engine alone: makes as many objects as the first argument says with a provider that answers at once in this process, and records
 * each in a real repository beside it. Prints `{ durationMs, commits }` as JSON.
 */
const size = Number(process.argv[2]);
const root = mkdtempSync(join(tmpdir(), 'bench-engine-'));
const remote = join(root, 'remote.git');
const world = systemWorld({});
const git = nativeGit();
const never = new AbortController().signal;

function instant(): Connection {
  const unused = (): Promise<never> => Promise.reject(new Error('an apply from empty asks for nothing else'));
  const made = new Map<string, Observed>();
  return {
    account: 'bench',
    list: () => Promise.resolve([...made.values()]),
    find: () => Promise.resolve([]),
    create(_, request) {
      const object = objectOf(request, made.size);
      made.set(object.id, object);
      return Promise.resolve<Outcome>({ status: 'done', object });
    },
    scan: unused,
    read: unused,
    update: unused,
    delete: unused,
    adopt: unused,
    poll: unused,
    catalogue: unused,
  };
}

function objectOf({ kind, owner, spec, protect }: CreateRequest, number: number): Observed {
  return {
    id: `id-${number}`,
    kind,
    name: owner.address,
    spec,
    outputs: { id: `id-${number}`, publicIp: '192.0.2.1' },
    owner,
    phase: 'ready',
    protected: protect,
    createdAt: 0,
    attached: false,
  };
}

function planned(count: number) {
  return planOf(
    graph('independent', count).map(node =>
      change(`create server/${nodeName(node.index)}`, {
        after: {
          size: 'small',
          image: 'debian-12',
          zone: node.zone,
          publicIp: true,
          userData: `node ${node.index}`,
          labels: { app: 'bench', tier: node.tier, number: String(node.index) },
        },
      }),
    ),
  );
}

try {
  await git.run(['init', '--quiet', '--bare', '--initial-branch=main', remote], { directory: root });
  const store = openGitState({ remote, home: root, workspace: 'shop', world, git });
  const writer = await store.take({ id: 'bench', host: 'here', pid: process.pid }, { waitMs: 0 });
  const connection = instant();
  const began = performance.now();
  const report = await runPlan({
    plan: planned(size),
    runId: 'run-1',
    writer,
    connection: () => connection,
    capability: () => ({ idempotency: 'label-scan', visibleAfterMs: 0 }),
    context: { world, signal: never, fetch: globalThis.fetch, timeoutMs: 10_000 },
    limits: { parallel: 10, perProvider: 10 },
    signals: { stop: never, abort: never },
    held: () => false,
    progress: () => {},
    approvedBy: null,
    rollbackOf: null,
  });
  await writer.close({ release: true });
  const durationMs = performance.now() - began;
  if (report.done.length !== size) throw new Error(`${report.done.length} of ${size} were made: ${report.outcome}`);
  const branch = 'refs/heads/provisioning/state/shop';
  const commits = Number(await git.text(['rev-list', '--count', branch], { directory: remote }));
  process.stdout.write(`${JSON.stringify({ durationMs, commits })}\n`);
} finally {
  rmSync(root, { recursive: true, force: true });
}
