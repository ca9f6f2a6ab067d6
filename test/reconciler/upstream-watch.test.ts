import { expect, test } from 'vitest';
import { applyPlan } from '../../reconciler/apply.ts';
import { pass } from '../../reconciler/pass.ts';
import { look, PLAIN_OPTIONS, planView } from '../../reconciler/view.ts';
import { watch } from '../../reconciler/watch.ts';
import type { PassReport } from '../../reconciler/report.ts';
import { reviewWorld } from './review/world.ts';

const file = (name: string) => `name: ${name}\nreview: none\nproviders:\n  demo: {}\n`;
const network = (range: string) => `network:\n  main: { ipRange: ${range} }\n`;
const FIREWALL =
  'firewall:\n  ops: { rules: [{ direction: in, protocol: tcp, port: 22, sources: ["${workspace.net.network.main.ipRange}"] }] }\n';

/** Watches without pull requests until every wish came true; the passes that wrote something, in order. */
async function watched(
  wishes: readonly ((report: PassReport) => boolean)[],
  between: (turn: number) => void,
  world = reviewWorld(),
) {
  const ctx = world.context();
  const stop = new AbortController();
  const seen: string[] = [];
  let turn = 0;
  between(0);
  await watch(ctx.ports, {
    ...ctx,
    actor: 'test',
    signals: { stop: stop.signal, abort: new AbortController().signal },
    progress: () => {},
    waitMs: 0,
    shown: () => {},
    pollMs: 1_000,
    parallel: 4,
    review: null,
    hints: null,
    reported(report) {
      if (report.writes > 0) seen.push(`${report.workspace} ${report.status}`);
      if (wishes[turn]?.(report) !== true) return;
      turn += 1;
      if (turn === wishes.length) stop.abort();
      else between(turn);
    },
  });
  return seen;
}

// `app` comes before `net` in every listing, so nothing but the reference makes the order.
test('a workspace is applied after the one it reads, and again when a value that it reads changes', async () => {
  const world = reviewWorld();
  const { forge } = world;
  const begun = world.clock.now();
  const seen = await watched(
    [
      ({ workspace, run }) => workspace === 'app' && run !== null,
      ({ workspace, run }) => workspace === 'app' && run !== null,
    ],
    turn => {
      if (turn === 0) {
        const app = { 'app/workspace.yaml': file('app'), 'app/infra/all.yaml': FIREWALL };
        forge.push('root', 'main', {
          ...app,
          'net/workspace.yaml': file('net'),
          'net/infra/all.yaml': network('10.1.0.0/16'),
        });
      } else forge.push('root', 'main', { 'net/infra/all.yaml': network('10.2.0.0/16') });
    },
    world,
  );
  expect(seen).toEqual(['net applied', 'app applied', 'net applied', 'app applied']);
  // Not when drift was due again, but at once.
  expect(world.clock.now() - begun).toBeLessThan(60_000);
  const firewall = world.cloud.objects().find(({ kind }) => kind === 'firewall');
  expect(JSON.stringify(firewall?.fields)).toContain('10.2.0.0/16');
});

test('a deletion waits until the workspace that used it has let go, and is made then', async () => {
  const world = reviewWorld();
  const { forge } = world;
  const both = `${network('10.1.0.0/16')}  spare: { ipRange: 10.9.0.0/16 }\n`;
  const seen = await watched(
    [
      ({ workspace, run }) => workspace === 'app' && run !== null,
      ({ workspace, run }) => workspace === 'net' && run !== null,
    ],
    turn => {
      if (turn === 0) {
        const app = { 'app/workspace.yaml': file('app'), 'app/infra/all.yaml': FIREWALL };
        forge.push('root', 'main', { ...app, 'net/workspace.yaml': file('net'), 'net/infra/all.yaml': both });
      } else
        forge.push('root', 'main', {
          'net/infra/all.yaml': 'network:\n  spare: { ipRange: 10.9.0.0/16 }\n',
          'app/infra/all.yaml': 'firewall:\n  ops: { rules: [] }\n',
        });
    },
    world,
  );
  expect(seen).toEqual(['net applied', 'app applied', 'app applied', 'net applied']);
  expect(
    world.cloud
      .objects()
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['app-ops', 'net-spare']);
});

test('a workspace is planned again when a run without a new commit changes what it reads', async () => {
  const world = reviewWorld();
  const { forge, cloud, clock } = world;
  const drift = (seconds: number) => `drift: { everySeconds: ${seconds} }\n`;
  const labelled = 'network:\n  own: { ipRange: 10.8.0.0/16, labels: { of: "${workspace.net.network.main.id}" } }\n';
  const begun = clock.now();
  const seen = await watched(
    [
      ({ workspace, run }) => workspace === 'app' && run !== null,
      ({ workspace, run }) => workspace === 'app' && run !== null,
    ],
    turn => {
      if (turn === 0) {
        const app = { 'app/workspace.yaml': file('app') + drift(86_400), 'app/infra/all.yaml': labelled };
        const net = { 'net/workspace.yaml': file('net') + drift(10), 'net/infra/all.yaml': network('10.1.0.0/16') };
        forge.push('root', 'main', { ...app, ...net });
        return;
      }
      const main = cloud.objects().find(({ name }) => name === 'net-main');
      cloud.handle({ method: 'DELETE', path: `/admin/objects/${main?.id}`, headers: {}, body: '' }, clock.now());
    },
    world,
  );
  expect(seen).toEqual(['net applied', 'app applied', 'net applied', 'app applied']);
  expect(clock.now() - begun).toBeLessThan(3_600_000);
});

test('a value that changes between the plan and the apply is refused with nothing written', async () => {
  const world = reviewWorld();
  const { forge, cloud } = world;
  const ctx = world.context();
  const app = { 'app/workspace.yaml': file('app'), 'app/infra/all.yaml': FIREWALL };
  const net = { 'net/workspace.yaml': file('net'), 'net/infra/all.yaml': network('10.1.0.0/16') };
  const first = forge.push('root', 'main', { ...app, ...net });
  const options = { actor: 'test', signals: ctx.signals, progress: () => {}, waitMs: 0, shown: () => {} };
  const at = (prefix: string, revision: string) =>
    ({ source: ctx.source, stateRemote: ctx.stateRemote, prefix, env: null, revision, follow: false }) as const;
  expect((await pass(ctx.ports, at('net', first), options)).status).toBe('applied');
  const second = forge.push('root', 'main', { 'net/infra/all.yaml': network('10.2.0.0/16') });
  const { signal } = new AbortController();
  const view = await look(ctx.ports, at('app', second), signal);
  const { plan } = await planView(ctx.ports, view, PLAIN_OPTIONS, signal);
  expect(plan.upstream).toEqual([{ ref: 'net:network/main.ipRange', workspace: 'net', value: '10.1.0.0/16' }]);
  expect((await pass(ctx.ports, at('net', second), options)).status).toBe('applied');
  await expect(applyPlan(ctx.ports, view, plan, { ...options, approvedBy: null })).rejects.toMatchObject({
    code: 'refused',
    problems: [{ id: 'RUN-STALE-UPSTREAM' }],
  });
  expect(cloud.objects().map(({ kind }) => kind)).toEqual(['network']);
  expect((await pass(ctx.ports, at('app', second), options)).status).toBe('applied');
});
