// `npm run canaries`: 64 secrets through everything that can happen to them, and then a look for them in everything that leaves the program.
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BUILD, program, useBuild } from '../crash/program.ts';
import { PATHS } from './paths.ts';
import { type Proof, prove } from './proof.ts';

const USAGE = `npm run canaries -- [options]
  --count N   canaries at once (default 64)
  --only a,b  these paths alone, of: ${PATHS.map(({ name }) => name).join(', ')}
  --keep      leave the folder of the run
`;

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '64' },
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(USAGE);
else process.exitCode = await main();

async function main(): Promise<number> {
  const count = Number(values.count);
  if (!existsSync(program())) {
    process.stderr.write('dist/main.js is missing: node scripts/build.mjs\n');
    return 2;
  }
  // A new build meanwhile disturbs nothing.
  const copy = mkdtempSync(join(tmpdir(), 'canaries-build-'));
  cpSync(BUILD, copy, { recursive: true });
  writeFileSync(join(copy, 'package.json'), '{"type":"module"}\n');
  useBuild(copy);
  const began = performance.now();
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(0)} s`;
  const say = (line: string): void =>
    void process.stdout.write(`${seconds(performance.now() - began).padStart(6)}  ${line}\n`);
  try {
    const proof = await prove({
      count,
      keep: values.keep,
      say,
      ...(values.only === undefined ? {} : { only: values.only.split(',') }),
    });
    const hits = proof.walked.flatMap(({ looked }) => looked).reduce((sum, { found }) => sum + found.length, 0);
    const missed = proof.controls.filter(({ leaked, found }) => found !== leaked);
    process.stdout.write(
      `${table(proof)}\n${hits} hits of ${count} canaries in ${proof.walked.length} paths, ${missed.length} sinks with a leak that was not found, ${seconds(performance.now() - began)}\n`,
    );
    return hits === 0 && missed.length === 0 ? 0 : 1;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

/** Kilobytes and hits of each sink after each path, and what was found of what was leaked on purpose. */
function table({ walked, controls }: Proof): string {
  const sinks = walked[0]?.looked.map(({ sink }) => sink) ?? [];
  const rows = sinks.map(sink => {
    const cells = walked.map(({ looked }) => {
      const one = looked.find(({ sink: name }) => name === sink);
      return `${one?.found.length ?? 0} in ${Math.ceil((one?.bytes ?? 0) / 1_024)} KiB`;
    });
    const control = controls.find(({ sink: name }) => name === sink);
    return [sink, ...cells, `${control?.found ?? 0} of ${control?.leaked ?? 0}`];
  });
  const head = ['sink', ...walked.map(({ path }) => path), 'leaked on purpose'];
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');
}
