import type { Stage } from '../platform/stage/stage.ts';
import type { Ports } from './ports.ts';
import { type PassReport, short } from './report.ts';
import { openReview } from './review/open.ts';
import type { DemoOptions, DemoReport } from './tour.ts';
import { round } from './review/round.ts';

const CHANGE = `# A change like any other: one more server.
server:
  cache:
    size: small
    image: debian-12
    zone: fi-1
`;

/** The tour through a pull request: the plan on it, the approval, the merge, the apply, and the report in the same comment. */
export async function walkPull(
  ports: Ports,
  stage: Stage,
  options: DemoOptions,
  say: (text: string) => void,
): Promise<Omit<DemoReport, 'durationMs'>> {
  const forge = await ports.openPlainForge({ url: stage.remote, branch: 'main' });
  await stage.push({ 'infra/cache.yaml': CHANGE }, 'Add a cache', 'add-a-cache');
  const pull = await forge.open({ by: 'ann', branch: 'add-a-cache', title: 'Add a cache' });
  say(`1. Ann opened #${pull.number}. It is planned as it would be merged, and shown in one comment:\n`);
  const turn = async () => {
    const source = await ports.openMirror(stage.remote);
    const selection = { workspaces: [], env: null };
    const ctx = await openReview(ports, { source, branch: 'main', selection, signals: options.signals });
    if (ctx === null) throw new Error('the stage has no pull requests');
    const { actor, signals, progress } = options;
    return round(ctx, { actor, signals, progress, waitMs: 0, shown: () => {} });
  };
  const comment = async (): Promise<string> => (await forge.remarks(pull.number)).find(one => one.isOwn)?.body ?? '';
  await turn();
  const preview = await comment();
  say(preview);
  await forge.judge({ by: 'ben', pull: pull.number, verdict: 'approved' });
  const merged = await forge.merge({ pull: pull.number });
  say(`\n2. Ben approved it, and it was merged as ${merged.slice(0, 12)}. Exactly that plan is applied:\n`);
  const applied = (await turn()).passes[0];
  const report = await comment();
  say(`\n3. The same comment is the report now:\n\n${report}`);
  const second = (await turn()).passes[0];
  if (applied?.workspace == null || second === undefined) throw new Error('the example holds no workspace');
  return tourOf(ports, stage, { applied, second, pull: { number: pull.number, preview, report } });
}

async function tourOf(
  ports: Ports,
  stage: Stage,
  {
    applied,
    second,
    pull,
  }: { readonly applied: PassReport; readonly second: PassReport; readonly pull: DemoReport['pull'] },
): Promise<Omit<DemoReport, 'durationMs'>> {
  const state = ports.openState({ remote: stage.remote, workspace: applied.workspace ?? '' });
  const done = (await state.history({ limit: 1_000 })).filter(entry => entry.step === 'done');
  return {
    workspace: applied.workspace ?? '',
    stateRef: state.ref,
    changes: applied.run?.done.length ?? 0,
    checkpoints: done.map(({ commit, subject }) => ({ commit, subject })),
    firstPass: short(applied),
    secondPass: short(second),
    drift: [],
    repaired: short(second),
    pull,
  };
}
