import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { clouds } from './clouds.ts';
import { contract } from './contract.ts';
import { hosts } from './hosts/hosts.ts';
import { idle } from './idle.ts';
import { matrix } from './matrix.ts';
import { BUILD, program, useBuild } from './program.ts';
import type { Proof } from './proof.ts';
import { random } from './random.ts';
import { reviews } from './reviews.ts';
import { sabotage } from './sabotage.ts';
import { passesLine, plainTally, type Tally, tallyTable, violationLines } from './tally.ts';
import { writers } from './writers.ts';

const USAGE = `npm run crash -- [parts] [options]
  --matrix         kill at every failpoint, in every shape that passes it, in every profile
  --random N       N kills at random times of an apply of 12 servers
  --writers N      N hand-overs between reconcilers that are paused at random
  --contract       change every input that a plan pins
  --idle N         N passes over converged workspaces
  --clouds         kill the three-tier example at fakes of the real clouds (--shape names one)
  --reviews        kill what looks after a pull request, from the push to the report (--shape names a story)
  --hosts          kill it while it installs on a real host, and let faults strike that host (--shape names one);
                   needs podman, so it is only run when it is asked for
  --sabotage       broken programs, each of which the proof must find out
  --quick          every part in the size for CI (default without parts: all of them in full)
  --shape NAME, --profile NAME, --point NAME, --nth N, --second NAME   only these cases
  --share 1/8      only every eighth case of the matrix, from the first
  --seed N         where the randomness starts (default 1)
  --workers N      cases at once (default: as many as processors, at most 2)
  --keep           leave the folders of the cases
  --out FILE       everything as JSON
`;

const { values } = parseArgs({
  options: {
    matrix: { type: 'boolean', default: false },
    random: { type: 'string' },
    writers: { type: 'string' },
    contract: { type: 'boolean', default: false },
    idle: { type: 'string' },
    quick: { type: 'boolean', default: false },
    shape: { type: 'string' },
    profile: { type: 'string' },
    point: { type: 'string' },
    nth: { type: 'string' },
    second: { type: 'string' },
    share: { type: 'string', default: '1/1' },
    sabotage: { type: 'boolean', default: false },
    clouds: { type: 'boolean', default: false },
    hosts: { type: 'boolean', default: false },
    reviews: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string' },
    keep: { type: 'boolean', default: false },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(USAGE);
else process.exitCode = await main();

async function main(): Promise<number> {
  if (!existsSync(program())) {
    process.stderr.write('dist/main.js is missing: node scripts/build.mjs\n');
    return 2;
  }
  const copy = mkdtempSync(join(tmpdir(), 'crash-build-'));
  cpSync(BUILD, copy, { recursive: true });
  writeFileSync(join(copy, 'package.json'), '{"type":"module"}\n');
  useBuild(copy);
  try {
    return await proofs();
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

async function proofs(): Promise<number> {
  const began = performance.now();
  const tallies: Tally[] = [];
  const proof = proofOf(began);
  for (const part of partsOf(proof)) {
    const tally = await part();
    tallies.push(tally);
    if (tally.passes.size > 0) tally.notes.push(passesLine(tally));
    for (const note of tally.notes) process.stdout.write(`${note}\n`);
  }
  const violations = tallies.flatMap(tally => tally.violations);
  const tookS = ((performance.now() - began) / 1_000).toFixed(0);
  process.stdout.write(
    `\n${[tallyTable(tallies), violationLines(tallies), `${violations.length} violations in ${tookS} s, seed ${proof.seed}`].filter(Boolean).join('\n\n')}\n`,
  );
  if (values.out !== undefined)
    writeFileSync(
      values.out,
      `${JSON.stringify({ seed: proof.seed, tookS, tallies: tallies.map(plainTally) }, null, 2)}\n`,
    );
  return violations.length === 0 ? 0 : 1;
}

function proofOf(began: number): Proof {
  const [number = 1, of = 1] = values.share.split('/').map(Number);
  return {
    share: { number, of },
    quick: values.quick,
    seed: Number(values.seed),
    only: {
      shape: values.shape ?? null,
      profile: values.profile ?? null,
      point: values.point ?? null,
      nth: values.nth === undefined ? null : Number(values.nth),
      second: values.second ?? null,
    },
    workers: Number(values.workers ?? Math.min(2, cpus().length)),
    keep: values.keep,
    say: line =>
      void process.stdout.write(`${((performance.now() - began) / 1_000).toFixed(0).padStart(5)} s  ${line}\n`),
  };
}

/** The parts that were asked for; without any, all of them. */
function partsOf(proof: Proof): (() => Promise<Tally>)[] {
  const all = !(
    values.matrix ||
    values.sabotage ||
    values.clouds ||
    values.hosts ||
    values.reviews ||
    values.contract ||
    [values.random, values.writers, values.idle].some(value => value !== undefined)
  );
  const size = (asked: string | undefined, sizes: { readonly quick: number; readonly full: number }): number =>
    asked === undefined ? (proof.quick ? sizes.quick : sizes.full) : Number(asked);
  return [
    ...(all || values.matrix ? [() => matrix(proof)] : []),
    ...(all || values.contract ? [() => contract(proof)] : []),
    ...(all || values.idle !== undefined ? [() => idle(proof, size(values.idle, { quick: 30, full: 100 }))] : []),
    ...(all || values.random !== undefined ? [() => random(proof, size(values.random, { quick: 40, full: 200 }))] : []),
    ...(all || values.writers !== undefined
      ? [() => writers(proof, size(values.writers, { quick: 20, full: 100 }))]
      : []),
    ...(all || values.clouds ? [() => clouds(proof)] : []),
    ...(all || values.reviews ? [() => reviews(proof)] : []),
    ...(values.hosts ? [() => hosts(proof)] : []),
    ...(all || values.sabotage ? [() => sabotage(proof)] : []),
  ];
}
