// `npm run simulate -- --seeds 100000`: many simulated lives, in several processes, with everything that fired counted.
// `--mutants`: every deliberately broken build must be caught. One seed: `--from 4711 --seeds 1 --trace`.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FAILPOINTS } from '../schemas/failpoint.ts';
import { MUTANTS } from '../test/simulation/mutants.ts';
import { simulate } from '../test/simulation/simulate.ts';
import { FAULT_KINDS } from '../test/simulation/trouble.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '5000' },
    from: { type: 'string', default: '1' },
    workers: { type: 'string', default: '2' },
    trace: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    part: { type: 'boolean', default: false },
  },
});

/** Named points that a pass without approvals, audit file and compaction never comes by. */
const ELSEWHERE = ['approve.before', 'approve.after', 'compact.before', 'compact.after', 'audit.before', 'audit.after'];

/** From so many seeds on, every kind of fault must have happened, and every named point must have been passed. */
const ENOUGH = 2_000;

/** Real milliseconds after which one seed counts as hanging. */
const HANG_MS = 60_000;

interface Sum {
  seeds: number;
  passes: number;
  crashes: number;
  fired: { [name: string]: number };
  reached: string[];
  bad: string[];
}

async function run(from: number, seeds: number): Promise<Sum> {
  const sum: Sum = { seeds: 0, passes: 0, crashes: 0, fired: {}, reached: [], bad: [] };
  const reached = new Set<string>();
  for (let seed = from; seed < from + seeds; seed += 1) {
    const timer = setTimeout(() => {
      console.error(`seed ${seed} hangs`);
      process.exit(1);
    }, HANG_MS);
    const outcome = await simulate(seed);
    clearTimeout(timer);
    sum.seeds += 1;
    sum.passes += outcome.passes;
    sum.crashes += outcome.crashes.length;
    for (const [name, count] of outcome.fired) sum.fired[name] = (sum.fired[name] ?? 0) + count;
    for (const point of outcome.reached) reached.add(point);
    if (values.trace) console.log(outcome.trace.join('\n'));
    if (outcome.violations.length > 0) {
      sum.bad.push(`seed ${seed} (${outcome.shape}, ${outcome.profile}): ${outcome.violations.slice(0, 3).join('; ')}`);
    }
  }
  return { ...sum, reached: [...reached] };
}

function part(from: number, seeds: number): Promise<Sum> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--part', '--from', String(from), '--seeds', String(seeds)], {
      execArgv: ['--import', 'tsx'],
    });
    child.once('message', message => resolve(message as Sum));
    child.once('exit', code => code === 0 || reject(new Error(`a part ended with ${code}`)));
  });
}

async function all(): Promise<number> {
  const startedAt = Date.now();
  const workers = Number(values.workers);
  const each = Math.ceil(Number(values.seeds) / workers);
  const parts = await Promise.all(
    Array.from({ length: workers }, (_, index) => part(Number(values.from) + index * each, each)),
  );
  const fired: { [name: string]: number } = {};
  for (const one of parts)
    for (const [name, count] of Object.entries(one.fired)) fired[name] = (fired[name] ?? 0) + count;
  const bad = parts.flatMap(one => one.bad);
  const reached = new Set(parts.flatMap(one => one.reached));
  const total = (key: 'seeds' | 'passes' | 'crashes'): number => parts.reduce((sum, one) => sum + one[key], 0);
  for (const name of Object.keys(fired).sort()) console.log(`${String(fired[name]).padStart(8)}  ${name}`);
  const points = FAILPOINTS.filter(point => !ELSEWHERE.includes(point));
  const never = [
    ...FAULT_KINDS.filter(kind => fired[kind] === undefined),
    ...points.filter(point => !reached.has(point)),
  ];
  console.log(`${Object.keys(fired).length} of ${FAULT_KINDS.length} kinds of faults happened`);
  console.log(`${points.filter(point => reached.has(point)).length} of ${points.length} named points were passed`);
  if (never.length > 0) console.log(`never: ${never.join(', ')}`);
  console.log(
    `${total('seeds')} seeds, ${total('passes')} passes, ${total('crashes')} crashes, ${bad.length} violations, ${((Date.now() - startedAt) / 1_000).toFixed(0)} s`,
  );
  if (bad.length === 0) console.log(`95 % bound on the rate of violations: ${(3 / total('seeds')).toExponential(1)}`);
  for (const line of bad.slice(0, 20))
    console.log(`${line}\n  npm run simulate -- --from ${/\d+/.exec(line)?.[0]} --seeds 1 --workers 1 --trace`);
  return bad.length === 0 && (never.length === 0 || total('seeds') < ENOUGH) ? 0 : 1;
}

async function mutants(): Promise<number> {
  let missed = 0;
  for (const [what, broken] of Object.entries(MUTANTS)) {
    let caught = '';
    for (let seed = 1; seed <= Number(values.seeds) && caught === ''; seed += 1) {
      const outcome = await simulate(seed, { broken }).catch((error: unknown) => ({
        violations: [`threw ${String(error)}`],
      }));
      if (outcome.violations.length > 0) caught = `seed ${seed}: ${outcome.violations[0]}`;
    }
    if (caught === '') missed += 1;
    console.log(`${caught === '' ? 'MISSED' : 'caught'}  ${what}${caught === '' ? '' : `  (${caught})`}`);
  }
  console.log(`${Object.keys(MUTANTS).length - missed} of ${Object.keys(MUTANTS).length} broken builds caught`);
  return missed === 0 ? 0 : 1;
}

if (values.part) {
  const sum = await run(Number(values.from), Number(values.seeds));
  process.send?.(sum, () => process.exit(0));
} else if (values.trace && values.seeds === '1') {
  const sum = await run(Number(values.from), 1);
  console.log(sum.bad.join('\n') || 'no violation');
  process.exit(sum.bad.length === 0 ? 0 : 1);
} else process.exit(await (values.mutants ? mutants() : all()));
