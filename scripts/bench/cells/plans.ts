import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../../../schemas/plan.ts';
import { type Bench, answerOf, expect, folder, skipped, succeeded, type Verb } from '../bench.ts';
import type { Measured } from '../measure.ts';
import { CHANGED, type OurWorkspace, ours, writeOurs } from '../ours.ts';
import { type Cell, found, pairUp, ratioOf } from '../pairs.ts';
import { type Node, type Shape, graph } from '../shapes.ts';
import { terraform, writeTerraform, writeTerraformState } from '../terraform.ts';

type Both = { readonly ours: () => Promise<Measured>; readonly theirs: (() => Promise<Measured>) | null };

/**
 * Plan from empty, validate, no-op plan cold and warm, and plan with one change, for one graph. Where `verbs` are given,
 * terraform is asked for these alone, and once: on these graphs it takes most of a minute for each.
 */
export async function plans(bench: Bench, shape: Shape, size: number, verbs?: readonly Verb[]): Promise<void> {
  const on = `${shape} ${size.toLocaleString('en')}`;
  bench.say(`plan cells: ${on}`);
  const nodes = graph(shape, size);
  const changed = size >> 1;
  const place = folder(bench, `plan-${shape}-${size}`);
  const name = `${shape}-${size}`;
  const workspace = await writeOurs({
    program: bench.program,
    folder: join(place, 'ours'),
    name,
    nodes,
    cloudUrl: bench.cloud.url,
    parallel: 10,
    changed,
  });
  const reason = (verb: Verb): string | null =>
    verbs === undefined || verbs.includes(verb) ? skipped(bench, verb, { shape, size }) : 'not asked here';
  const isRun = (['validate', 'no-op', 'plan'] as const).some(verb => reason(verb) === null);
  const rival = isRun ? await rivals(place, nodes, changed) : null;

  const cell = async (what: string, verb: Verb, both: Both): Promise<Cell> => {
    const why = reason(verb);
    const theirs = why === null ? both.theirs : null;
    const sides = await pairUp({ pairs: bench.pairs, budgetS: bench.budgetS, ours: both.ours, theirs });
    const made: Cell = { what, on, ...sides, ...(theirs === null ? { why: why ?? 'as cold' } : {}) };
    bench.cells.push(made);
    return made;
  };
  const cold =
    (verb: string, ...flags: string[]) =>
    async (): Promise<Measured> => {
      rmSync(workspace.home, { recursive: true, force: true });
      return succeeded(await ours(workspace, verb, flags), `${verb} of ${on}`);
    };
  const warm =
    (verb: string, ...flags: string[]) =>
    async (): Promise<Measured> =>
      succeeded(await ours(workspace, verb, flags), `${verb} of ${on}`);

  expect((await planned(workspace)).counts.create, size, `our plan from empty of ${on}`);
  const validate = await cell('validate', 'validate', { ours: cold('validate'), theirs: rival?.validate ?? null });
  await cell('plan from empty', 'plan', { ours: cold('plan'), theirs: rival?.empty ?? null });
  succeeded(await ours(workspace, 'apply', ['--auto-approve']), `apply of ${on}`);
  expect((await planned(workspace)).changes.length, 0, `our plan of ${on} in sync`);
  expect((await planned(workspace, '--commit', CHANGED)).changes.length, 1, `our plan of ${on} with one change`);
  const mark = await bench.cloud.mark();
  const noop = await cell('plan no-op, cold', 'no-op', { ours: cold('plan'), theirs: rival?.noop ?? null });
  const calls = (await bench.cloud.since(mark)).length / noop.ours.length;
  bench.cells[bench.cells.indexOf(noop)] = { ...noop, calls };
  const again = await cell('plan no-op, warm', 'no-op', { ours: warm('plan'), theirs: null });
  await cell('plan, one change', 'plan', { ours: cold('plan', '--commit', CHANGED), theirs: rival?.changed ?? null });
  goals(bench, { shape, size, noop, warm: { ...again, theirs: noop.theirs }, validate });
}

async function planned(workspace: OurWorkspace, ...flags: string[]): Promise<Plan> {
  return answerOf<{ plan: Plan }>(await ours(workspace, 'plan', ['--json', ...flags])).plan;
}

interface Rivals {
  readonly validate: () => Promise<Measured>;
  readonly empty: () => Promise<Measured>;
  readonly noop: () => Promise<Measured>;
  readonly changed: () => Promise<Measured>;
}

/** terraform on the same graph; every plan is checked for what it found, also the timed ones. */
async function rivals(place: string, nodes: readonly Node[], changed: number): Promise<Rivals> {
  const at = (name: string): string => join(place, name);
  writeTerraform(at('tf-empty'), nodes);
  writeTerraform(at('tf-same'), nodes);
  writeTerraformState(at('tf-same'), nodes);
  writeTerraform(at('tf-changed'), nodes, { changed });
  writeTerraformState(at('tf-changed'), nodes);
  const checked = (name: string, verb: string, wanted: string) => async (): Promise<Measured> => {
    const done = succeeded(await terraform(at(name), verb), `terraform ${verb}`);
    expect(done.stdout.includes(wanted), true, `terraform ${verb} says "${wanted}"`);
    return done;
  };
  return {
    validate: checked('tf-empty', 'validate', 'The configuration is valid'),
    empty: checked('tf-empty', 'plan', `Plan: ${nodes.length} to add, 0 to change`),
    noop: checked('tf-same', 'plan', 'No changes.'),
    changed: checked('tf-changed', 'plan', 'Plan: 0 to add, 1 to change, 0 to destroy'),
  };
}

/** So many layered resources stand in for 10,000, for which terraform takes minutes. The ratio only falls with the size, so what holds here holds there. */
export const STAND_IN = 3_000;

function standIn(bench: Bench, id: string): void {
  const result = bench.found.get(id);
  const note = `at ${STAND_IN.toLocaleString('en')}, where the ratio is larger than at 10,000`;
  if (result !== undefined) bench.found.set(id, { ...result, note: `${result.note ?? ''}, ${note}` });
}

interface Cells {
  readonly shape: Shape;
  readonly size: number;
  readonly noop: Cell;
  /** Our warm runs beside terraform's runs of the cold cell: terraform has no cache between runs. */
  readonly warm: Cell;
  readonly validate: Cell;
}

function goals(bench: Bench, { shape, size, noop, warm, validate }: Cells): void {
  const add = (id: string, cell: Cell): void => {
    const result = found(cell);
    if (result !== null) bench.found.set(id, result);
  };
  if (shape === 'chain' && size === 2_000) add('P5b', noop);
  if (shape === 'layered' && (size === 10_000 || (size === STAND_IN && !bench.found.has('P3')))) {
    add('P3', noop);
    add('P3w', warm);
    if (size === STAND_IN) for (const id of ['P3', 'P3w']) standIn(bench, id);
  }
  if (shape !== 'independent') return;
  if (size === 100) add('P4b', noop);
  if (size === 1_000) add('P4a', noop);
  if (size !== 10_000) return;
  add('P1', noop);
  add('P2', warm);
  add('U3', validate);
  const peak = ratioOf(noop)?.peak;
  if (peak !== null && peak !== undefined) bench.found.set('M1', { value: peak, steady: true });
  const own = noop.ours.flatMap(one => one.peakMib ?? []);
  if (own.length > 0) bench.found.set('M1a', { value: Math.max(...own), steady: true });
}
