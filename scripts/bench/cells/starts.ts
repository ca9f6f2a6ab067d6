import { join } from 'node:path';
import { type Bench, folder, succeeded } from '../bench.ts';
import { type Measured, measure } from '../measure.ts';
import { ours, writeOurs } from '../ours.ts';
import { type Sample, sample } from '../pairs.ts';
import { type Cell, found } from '../pairs.ts';
import { graph } from '../shapes.ts';
import { terraform } from '../terraform.ts';

const ROUNDS = 15;

/** Start times, all programs in turn in each round. */
export async function starts(bench: Bench): Promise<void> {
  bench.say('start cells');
  const place = folder(bench, 'start');
  const nodes = graph('independent', 45);
  // Nine files of resources, besides the workspace file.
  const workspace = await writeOurs({
    program: bench.program,
    folder: join(place, 'ours'),
    name: 'start',
    nodes,
    cloudUrl: bench.cloud.url,
    parallel: 10,
    perFile: 5,
  });
  const programs: { readonly [name: string]: () => Promise<Measured> } = {
    node: () => measure({ argv: [process.execPath, '-e', '0'] }),
    help: () => measure({ argv: [process.execPath, bench.program, '--help'] }),
    version: () => measure({ argv: [process.execPath, bench.program, '--version'] }),
    validate: () => ours(workspace, 'validate'),
    ...(bench.terraform === null ? {} : { terraform: () => terraform(place, 'version') }),
  };
  const samples = new Map<string, Sample[]>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, run] of Object.entries(programs)) {
      const list = samples.get(name) ?? [];
      list.push(sample(succeeded(await run(), name)));
      samples.set(name, list);
    }
  }
  const of = (name: string): Sample[] => samples.get(name) ?? [];
  const rival = bench.terraform === null ? { theirs: [], why: bench.absent } : { theirs: of('terraform') };
  bench.cells.push(
    { what: 'node -e 0', on: '-', ours: of('node'), ...rival },
    { what: '--version', on: '-', ours: of('version'), ...rival },
    { what: '--help', on: '-', ours: of('help'), ...rival },
    { what: 'validate', on: '10 files, 45 servers', ours: of('validate'), theirs: [], why: '' },
  );
  for (const [id, name] of [
    ['U1', 'help'],
    ['U1v', 'version'],
    ['U2', 'validate'],
  ] as const) {
    const cell: Cell = { what: name, on: '-', ours: of(name), theirs: of('node') };
    const result = found(cell);
    if (result !== null) bench.found.set(id, result);
  }
}
