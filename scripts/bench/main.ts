import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Bench } from './bench.ts';
import { applies, appliesOverHttp } from './cells/applies.ts';
import { checkpoints } from './cells/checkpoints.ts';
import { engine } from './cells/engine.ts';
import { hosts } from './cells/hosts.ts';
import { plans, STAND_IN } from './cells/plans.ts';
import { resumes } from './cells/resumes.ts';
import { schedules } from './cells/schedules.ts';
import { secrets } from './cells/secrets.ts';
import { services } from './cells/services.ts';
import { starts } from './cells/starts.ts';
import { startCloud } from './cloud.ts';
import { GOALS, verdictOf } from './goals.ts';
import { meter, syncMs } from './measure.ts';
import { copyProgram } from './ours.ts';
import { type Cell, best, median } from './pairs.ts';
import { SHAPES, type Shape } from './shapes.ts';
import { cellTable, goalTable } from './table.ts';
import { terraformVersion } from './terraform.ts';

const USAGE = `npm run bench -- [options]
  --sizes 100,1000       numbers of resources (default 100,1000,10000; at 10,000 some cells are left to --full)
  --shapes a,b           independent, layered, chain (default all)
  --pairs N              largest number of interleaved pairs for a cell (default 5)
  --only a,b             plans, applies, engine, schedules, checkpoints, resumes, starts, secrets, hosts;
                         services (beside Ansible, on hosts of this machine) only when named
  --quick                100 resources and two pairs: a look in a minute or two
  --full                 all cells, and terraform wherever it ends in ten minutes (about an hour)
  --no-terraform         our side alone
  --out FILE             everything as JSON
`;

const { values } = parseArgs({
  options: {
    sizes: { type: 'string' },
    shapes: { type: 'string' },
    pairs: { type: 'string' },
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    'no-terraform': { type: 'boolean', default: false },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  process.stdout.write(USAGE);
} else {
  await main();
}

async function main(): Promise<void> {
  const began = performance.now();
  const root = mkdtempSync(join(tmpdir(), 'provisioning-bench-'));
  const cloud = await startCloud();
  const bench: Bench = {
    root,
    program: copyProgram(root),
    syncMs: syncMs(root),
    cloud,
    terraform: values['no-terraform'] ? null : terraformVersion(),
    absent: values['no-terraform'] ? 'left out' : 'not present',
    shapes: shapesAsked(),
    sizes: sizesAsked(),
    pairs: Number(values.pairs ?? (values.quick ? 2 : 5)),
    budgetS: values.full ? 120 : 20,
    full: values.full,
    cells: [],
    found: new Map(),
    notes: [],
    say: line =>
      void process.stderr.write(`${((performance.now() - began) / 1_000).toFixed(0).padStart(5)} s  ${line}\n`),
  };
  try {
    await measureAll(bench);
  } finally {
    await cloud.close();
    rmSync(root, { recursive: true, force: true });
  }
  process.stdout.write(report(bench, (performance.now() - began) / 1_000));
  if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(document(bench), null, 2)}\n`);
}

async function measureAll(bench: Bench): Promise<void> {
  const only = values.only?.split(',');
  const wanted = (cells: string): boolean => only === undefined || only.includes(cells);
  const largest = Math.max(...bench.sizes);
  if (wanted('starts')) await starts(bench);
  if (wanted('secrets')) await secrets(bench);
  for (const size of bench.sizes) {
    for (const shape of bench.shapes) {
      const long = size > 3_000 && values.shapes === undefined && !bench.full;
      if (wanted('plans') && !(long && shape === 'chain')) await plans(bench, shape, size);
      if (wanted('applies') && !(long && shape !== 'independent')) await applies(bench, shape, size);
    }
  }
  if (wanted('applies') && bench.sizes.includes(1_000)) await appliesOverHttp(bench, 1_000);
  if (wanted('plans') && largest >= 10_000 && values.shapes === undefined) {
    await plans(bench, 'chain', 2_000, bench.full ? undefined : ['no-op']);
    if (!bench.found.has('P3')) await plans(bench, 'layered', STAND_IN, ['no-op']);
  }
  if (wanted('plans')) linearity(bench);
  if (wanted('engine')) await engine(bench, values.quick ? [200, 1_000] : [1_000, 5_000]);
  if (wanted('checkpoints')) await checkpoints(bench, largest);
  if (wanted('resumes')) bench.notes.push(await resumes(bench, largest));
  if (wanted('hosts')) bench.notes.push(await hosts(bench));
  if (only?.includes('services') === true)
    for (const count of values.quick ? [3] : [3, 10]) bench.notes.push(await services(bench, count));
  if (wanted('schedules')) bench.notes.push(`Critical path (ideal by actual):\n\n${await schedules(bench)}`);
}

function shapesAsked(): Shape[] {
  const asked = values.shapes?.split(',');
  return SHAPES.filter(shape => asked === undefined || asked.includes(shape));
}

function sizesAsked(): number[] {
  if (values.sizes !== undefined) return values.sizes.split(',').map(Number);
  return values.quick ? [100] : [100, 1_000, 10_000];
}

function linearity(bench: Bench): void {
  const of = (on: string): Cell | undefined =>
    bench.cells.find(cell => cell.what === 'plan no-op, cold' && cell.on === on);
  const [small, large] = [of('independent 1,000'), of('independent 10,000')];
  if (small === undefined || large === undefined) return;
  const value = median(large.ours.map(one => one.wallS)) / median(small.ours.map(one => one.wallS));
  const growth =
    small.theirs.length > 0 && large.theirs.length > 0
      ? `terraform ${(best(large.theirs) / best(small.theirs)).toFixed(1)}`
      : '';
  bench.found.set('P5a', { value, steady: true, note: growth });
}

function machine(bench: Bench): string {
  const processors = cpus();
  const memoryGib = Math.round(totalmem() / 2 ** 30);
  return `${type()} ${release()}, ${processors.length} x ${processors[0]?.model ?? 'unknown processor'}, ${memoryGib} GiB; Node ${process.version}; ${bench.terraform ?? `terraform ${bench.absent}`}; measured with ${meter()}; fdatasync of an appended line ${bench.syncMs.toFixed(2)} ms`;
}

function report(bench: Bench, tookS: number): string {
  const verdicts = GOALS.map(goal => verdictOf(goal, bench.found.get(goal.id)));
  const count = (verdict: string): number => verdicts.filter(one => one === verdict).length;
  const tally = `${count('stretch')} stretch, ${count('goal')} goal, ${count('missed')} missed, ${count('unsteady')} unsteady, ${count('not measured')} not measured`;
  const parts = [
    machine(bench),
    cellTable(bench.cells),
    ...bench.notes,
    goalTable(bench.found),
    `Goals: ${tally}. Took ${tookS.toFixed(0)} s.`,
  ];
  return `\n${parts.join('\n\n')}\n`;
}

function document(bench: Bench): unknown {
  const goals = GOALS.map(goal => {
    const found = bench.found.get(goal.id);
    return { ...goal, found: found ?? null, verdict: verdictOf(goal, found) };
  });
  return { machine: machine(bench), cells: bench.cells, goals, notes: bench.notes };
}
