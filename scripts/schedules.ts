// Reviews under hints that are lost, doubled, late and out of order: `npx tsx scripts/schedules.ts [--seeds 10000] [--from 1]`. Each
// schedule runs twice, once by polling alone, and must end in the same world. Printed are those that do not.
import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { runSchedule, type Settled } from '../test/reconciler/review/schedule.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    /** Only every nth seed, from the first: `1/2`. */
    share: { type: 'string' },
  },
});
const [from, count] = [Number(values.from), Number(values.seeds)];

process.exitCode = values.share === undefined ? await all() : await some(values.share);

async function some(share: string): Promise<number> {
  const [mine = 1, of = 1] = share.split('/').map(Number);
  let bad = 0;
  for (let seed = from + mine - 1; seed < from + count; seed += of) {
    const polling = JSON.stringify(await runSchedule(seed, { loss: 1, doubled: 0, delay: 0 }));
    const hinted = JSON.stringify(await runSchedule(seed, { loss: (seed % 11) / 10, doubled: 0.3, delay: seed % 8 }));
    const { running, open, comments, missing } = JSON.parse(polling) as Settled;
    if (polling === hinted && running === 0 && open === 0 && comments <= 1 && missing.length === 0) continue;
    bad += 1;
    console.log(`seed ${seed}: ${polling} but ${hinted}`);
  }
  return bad === 0 ? 0 : 1;
}

async function all(): Promise<number> {
  const began = Date.now();
  const workers = Math.min(2, cpus().length);
  const ends = Array.from({ length: workers }, (_, index) => worker(`${index + 1}/${workers}`));
  const bad = (await Promise.all(ends)).filter(code => code !== 0).length;
  const tookS = Math.round((Date.now() - began) / 1_000);
  console.log(
    `${count} schedules, each twice, ${bad === 0 ? 'all in the same world' : 'not all in the same world'}, ${tookS} s`,
  );
  return bad === 0 ? 0 : 1;
}

function worker(share: string): Promise<number> {
  const script = process.argv[1] ?? '';
  const args = ['--import', 'tsx', script, '--share', share, '--from', String(from), '--seeds', String(count)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise(resolve => child.once('close', code => resolve(code ?? 1)));
}
