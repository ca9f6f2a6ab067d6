import type { Stage } from '../platform/stage/stage.ts';
import { renderPlanText } from '../planner/render/text.ts';
import type { Signals } from './apply.ts';
import { openReview } from './review/open.ts';
import { discover } from './discover.ts';
import { pass, type PassOptions } from './pass.ts';
import type { Ports, StagePort } from './ports.ts';
import { type PassReport, short } from './report.ts';
import type { Target } from './target.ts';
import { look, PLAIN_OPTIONS, planView } from './view.ts';
import { watch } from './watch.ts';
import { passText } from './telling.ts';
import type { DemoOptions, DemoReport } from './tour.ts';
import { walkPull } from './pull-demo.ts';

/** The tour: a push becomes a plan, an apply and checkpoints; then in sync; then drift, found, explained and put right. */
export async function showDemo(outer: Ports, port: StagePort, options: DemoOptions): Promise<DemoReport> {
  const startedAt = outer.world.clock.monotonic();
  const { stage, ports } = await port.open(options.example);
  const say = (text: string): void => options.progress({ event: 'say', text });
  try {
    say(
      `A bare remote with the example "${options.example}": ${stage.remote}\nA demo cloud in its own process: ${stage.cloudUrl}\n`,
    );
    const tour = options.pullRequest
      ? await walkPull(ports, stage, options, say)
      : await walk(ports, stage, options, say);
    const report = { ...tour, durationMs: Math.round(outer.world.clock.monotonic() - startedAt) };
    if (!options.once) await goOn(ports, stage, options, say);
    return report;
  } finally {
    await stage.close();
  }
}

async function walk(
  ports: Ports,
  stage: Stage,
  options: DemoOptions,
  say: (text: string) => void,
): Promise<Omit<DemoReport, 'durationMs'>> {
  const target = await targetOn(ports, stage);
  const passOptions = passOptionsOf(options, plan => say(renderPlanText(plan, { colour: false, width: 100 })));
  say('1. The first pass plans the pushed commit and applies it.\n');
  const first = await approvedPass(ports, target, passOptions, say);
  say(passText(first, PLAIN));
  const state = ports.openState({ remote: target.stateRemote, workspace: first.workspace ?? '' });
  const history = await state.history({ limit: 1_000 });
  const checkpoints = history
    .filter(entry => entry.step === 'done')
    .map(({ commit, subject }) => ({ commit, subject }));
  say(
    `2. Every step is a commit on ${state.ref}:\n${checkpoints.map(entry => `  ${entry.commit.slice(0, 10)}  ${entry.subject}`).join('\n')}\n`,
  );
  const second = await pass(ports, target, passOptions);
  say(`3. A second pass has nothing to do.\n${passText(second, PLAIN)}`);
  const changed = await driftBehind(ports, target, stage, options.signals);
  say(`4. Behind our back: ${changed}`);
  const view = await look(ports, target, options.signals.abort);
  const { plan } = await planView(ports, view, PLAIN_OPTIONS, options.signals.abort);
  say(renderPlanText(plan, { colour: false, width: 100 }));
  const third = await approvedPass(ports, target, { ...passOptions, shown: () => {} }, say);
  say(`5. The next pass finds the drift, says what it is, and puts it right.\n${passText(third, PLAIN)}`);
  return {
    workspace: first.workspace ?? '',
    stateRef: state.ref,
    changes: first.plan?.changes.length ?? 0,
    checkpoints,
    firstPass: short(first),
    secondPass: short(second),
    drift: [...third.drift],
    repaired: short(third),
    pull: null,
  };
}

const PLAIN = { colour: false, width: 100 };

function passOptionsOf(options: DemoOptions, shown: PassOptions['shown']): PassOptions {
  return { actor: options.actor, signals: options.signals, progress: options.progress, waitMs: 0, shown };
}

async function targetOn(ports: Ports, stage: Stage): Promise<Target> {
  const source = await ports.openMirror(stage.remote);
  await source.fetch();
  const commit = await source.head('main');
  const targets = await discover(
    source,
    { commit: commit ?? '', stateRemote: stage.remote, follow: true },
    { workspaces: [], env: null },
  );
  const [target] = targets;
  if (target === undefined) throw new Error('the example holds no workspace');
  return target;
}

/** A pass; where the workspace asks for review, the plan is approved in between, as a reviewer would. */
async function approvedPass(
  ports: Ports,
  target: Target,
  options: PassOptions,
  say: (text: string) => void,
): Promise<PassReport> {
  const report = await pass(ports, target, options);
  if (report.status !== 'waiting' || report.plan === null) return report;
  say(`The workspace asks for review: provisioning approve ${report.plan.digest.slice(0, 12)}\n`);
  const state = ports.openState({ remote: target.stateRemote, workspace: report.plan.workspace });
  const writer = await state.take(ports.holder, { waitMs: 10_000 });
  try {
    const approval = {
      digest: report.plan.digest,
      commit: report.plan.commit,
      by: options.actor,
      at: ports.world.clock.now(),
    };
    await writer.pushed(await writer.append([{ step: 'approve', approval, plan: report.plan }]));
  } finally {
    await writer.close({ release: true });
  }
  return pass(ports, target, { ...options, shown: () => {} });
}

/** Changes one real server as a person with the cloud's own console would; says what was done. */
async function driftBehind(ports: Ports, target: Target, stage: Stage, signals: Signals): Promise<string> {
  const view = await look(ports, target, signals.abort);
  const victim = [...view.recorded.objects.values()].find(object => object.kind === 'server');
  if (victim === undefined) return 'nothing, the example has no server\n';
  const answer = await ports.fetch(`${stage.cloudUrl}/admin/objects/${victim.id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by: 'sam', fields: { size: 'large' } }),
  });
  if (answer.status !== 200) throw new Error(`the demo cloud refused the change: ${answer.status}`);
  return `sam resized ${victim.address} (${victim.id}) to large in the cloud's console.\n`;
}

async function goOn(ports: Ports, stage: Stage, options: DemoOptions, say: (text: string) => void): Promise<void> {
  say(
    [
      'Watching on. Things to try in another terminal:',
      `  cd ${stage.clone} && $EDITOR infra/*.yaml && git commit -am "Change it" && git push origin main`,
      `  git -C ${stage.remote} log --oneline provisioning/state/...   # the record`,
      `  curl ${stage.cloudUrl}/admin/objects                          # what really exists`,
      'Ctrl-C stops and removes everything.\n',
    ].join('\n'),
  );
  const source = await ports.openMirror(stage.remote);
  await watch(ports, {
    ...passOptionsOf(options, plan => say(renderPlanText(plan, { colour: false, width: 100 }))),
    source,
    stateRemote: stage.remote,
    branch: 'main',
    selection: { workspaces: [], env: null },
    pollMs: 1_000,
    parallel: 2,
    review: await openReview(ports, {
      source,
      branch: 'main',
      selection: { workspaces: [], env: null },
      signals: options.signals,
    }),
    hints: null,
    reported: report => {
      if (report.status !== 'in-sync') say(passText(report, PLAIN));
    },
  });
}
