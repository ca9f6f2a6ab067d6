import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Bench, expect, folder, skipped, succeeded } from '../bench.ts';
import { startHttpState } from '../http-state.ts';
import type { Measured } from '../measure.ts';
import { type OurWorkspace, ours, writeOurs } from '../ours.ts';
import { type Cell, type Sample, found, median, sample } from '../pairs.ts';
import { type Shape, graph } from '../shapes.ts';
import { terraform, writeTerraform } from '../terraform.ts';

/** terraform apply with its state behind HTTP, once, beside our applies: the comparison that is kindest to it. */
export async function appliesOverHttp(bench: Bench, size: number): Promise<void> {
  const on = `independent ${size.toLocaleString('en')}`;
  const apply = bench.cells.find(cell => cell.what === 'apply' && cell.on === on);
  if (bench.terraform === null || apply === undefined) return;
  bench.say(`apply cell: ${on}, terraform with state over HTTP`);
  const place = folder(bench, `apply-http-${size}`);
  const state = await startHttpState();
  try {
    writeTerraform(place, graph('independent', size));
    writeFileSync(join(place, 'backend.tf'), `terraform {\n  backend "http" {\n    address = "${state.url}"\n  }\n}\n`);
    succeeded(await terraform(place, 'init'), 'terraform init');
    const theirs = [sample(await rivalRun(place, 'apply', `${size} added, 0 changed`))];
    expect(state.resources(), size, 'resources in the state that terraform sent');
    const cell: Cell = { what: 'apply, terraform over HTTP', on, ours: apply.ours, theirs };
    bench.cells.push(cell);
    const result = found(cell);
    if (size === 1_000 && result !== null) bench.found.set('A1h', result);
  } finally {
    await state.close();
  }
}

/** Apply from empty and destroy, in turn, on one graph; the cloud's ledger says whether the work was done. */
export async function applies(bench: Bench, shape: Shape, size: number): Promise<void> {
  const on = `${shape} ${size.toLocaleString('en')}`;
  bench.say(`apply cells: ${on}`);
  const nodes = graph(shape, size);
  const place = folder(bench, `apply-${shape}-${size}`);
  const name = `apply-${shape}-${size}`;
  const workspace = await writeOurs({
    program: bench.program,
    folder: join(place, 'ours'),
    name,
    nodes,
    cloudUrl: bench.cloud.url,
    parallel: 10,
  });
  const why = skipped(bench, 'apply', { shape, size });
  const rival = join(place, 'tf');
  if (why === null) writeTerraform(rival, nodes);

  const sides = {
    apply: { ours: [] as Sample[], theirs: [] as Sample[] },
    destroy: { ours: [] as Sample[], theirs: [] as Sample[] },
  };
  let calls = 0;
  const start = performance.now();
  for (let pair = 0; pair < bench.pairs; pair += 1) {
    const mark = await bench.cloud.mark();
    sides.apply.ours.push(sample(await applied(bench, workspace, size)));
    calls = (await bench.cloud.since(mark)).length;
    if (why === null) sides.apply.theirs.push(sample(await rivalRun(rival, 'apply', `${size} added, 0 changed`)));
    sides.destroy.ours.push(sample(await destroyed(bench, workspace, size)));
    if (why === null) sides.destroy.theirs.push(sample(await rivalRun(rival, 'destroy', `${size} destroyed`)));
    const spentS = (performance.now() - start) / 1_000;
    if (spentS + spentS / (pair + 1) > bench.budgetS * 2) break;
  }
  const reason = why === null ? {} : { why };
  const apply: Cell = { what: 'apply', on, ...sides.apply, ...reason, calls };
  bench.cells.push(apply, { what: 'destroy', on, ...sides.destroy, ...reason });
  goals(bench, apply, { shape, size });
}

async function applied(bench: Bench, workspace: OurWorkspace, size: number): Promise<Measured> {
  const mark = await bench.cloud.mark();
  const done = succeeded(await ours(workspace, 'apply', ['--auto-approve']), `apply of ${workspace.name}`);
  const created = (await bench.cloud.since(mark)).filter(entry => entry.operation === 'create' && entry.status < 300);
  expect(created.length, size, `creates in the ledger for ${workspace.name}`);
  return done;
}

async function destroyed(bench: Bench, workspace: OurWorkspace, size: number): Promise<Measured> {
  const mark = await bench.cloud.mark();
  const flags = ['--auto-approve', '--allow-deletes', String(size)];
  const done = succeeded(await ours(workspace, 'destroy', flags), `destroy of ${workspace.name}`);
  const gone = (await bench.cloud.since(mark)).filter(entry => entry.operation === 'delete' && entry.status < 300);
  expect(gone.length, size, `deletes in the ledger for ${workspace.name}`);
  return done;
}

async function rivalRun(place: string, verb: string, wanted: string): Promise<Measured> {
  const done = succeeded(await terraform(place, verb, ['-auto-approve']), `terraform ${verb}`);
  expect(done.stdout.includes(wanted), true, `terraform ${verb} says "${wanted}"`);
  return done;
}

function goals(bench: Bench, apply: Cell, { shape, size }: { readonly shape: Shape; readonly size: number }): void {
  if (shape !== 'independent') return;
  const result = found(apply);
  if (size === 1_000 && result !== null) bench.found.set('A1', result);
  if (size === 10_000) {
    bench.found.set('A2', { value: median(apply.ours.map(one => one.wallS)), steady: true, note: 'plan included' });
  }
  const plan = bench.cells.find(cell => cell.what === 'plan from empty' && cell.on === apply.on);
  const cpu = (cell: Cell | undefined): number => median((cell?.ours ?? []).flatMap(one => one.cpuS ?? []));
  const perChangeMs = ((cpu(apply) - cpu(plan)) / size) * 1_000;
  if (size >= 1_000 && Number.isFinite(perChangeMs)) {
    bench.found.set('A3h', {
      value: perChangeMs,
      steady: true,
      note: `apply less plan, ${apply.on}`,
    });
  }
}
