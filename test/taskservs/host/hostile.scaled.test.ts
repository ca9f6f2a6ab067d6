import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { commandLine } from '../../../platform/ssh/words.ts';
import type { HostAct } from '../../../taskservs/host/act.ts';
import { runArchive } from '../../../taskservs/host/run.ts';
import { scaled } from '../../scaled.ts';
import { hostileValues } from './hostile.ts';

/** 16,000 by hand: `HOSTILE_VALUES=16000 npx vitest run --project integration test/taskservs/host/hostile.scaled.test.ts`. */
const COUNT = Number(process.env['HOSTILE_VALUES'] ?? scaled(100, 1_000));
const BATCH = 50;
/** Longest time in milliseconds on a machine that many others want. */
const LIMIT_MS = 3_600_000;
/** Of every batch so many values are also names of files: each takes a handful of processes. */
const NAMES = 2;

const sandbox = mkdtempSync(join(tmpdir(), 'hostile-'));
afterAll(() => rmSync(sandbox, { recursive: true, force: true }));

const OWNER = { workspace: 'shop', lineage: '0123456789ab', address: 'taskserv.web/web-1', opId: 'op1' };
const rights = {
  mode: 0o600,
  owner: userInfo().username,
  group: execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim(),
};

/** Lets the shipped script carry out acts, with the lock of its runs in the sandbox; resolves with what it wrote as its result. */
function carryOut(acts: readonly HostAct[], shell: string): string {
  const folder = mkdtempSync(join(sandbox, 'run-'));
  execFileSync('tar', ['-x', '-C', folder], { input: runArchive(acts, OWNER) });
  const script = readFileSync(join(folder, 'script'), 'utf8').replaceAll('/run/provisioning', sandbox);
  const { stderr } = spawnSync(shell, ['-c', script, shell, folder], { encoding: 'utf8', cwd: sandbox });
  expect(stderr).toBe('');
  return readFileSync(join(folder, 'result'), 'utf8');
}

const joined = (values: readonly string[]): string => values.map(value => `${value}\0`).join('');

/** A value in every place that a parameter can come to: a word, what a command reads, the text, the name and the title of a file. */
function actsFor(values: readonly string[], out: string): readonly HostAct[] {
  const named = values.slice(0, NAMES).map((value, at) => ({ value, path: `${out}/${at}/${nameOf(value)}` }));
  return [
    { do: 'run', title: values[0] ?? '', argv: ['sh', '-c', 'printf "%s\\0" "$@" > "$0"', `${out}/words`, ...values] },
    { do: 'run', title: 'read', argv: ['cp', '/dev/stdin', `${out}/read`], stdin: joined(values) },
    { do: 'put', title: 'text', path: `${out}/text`, text: joined(values), ...rights },
    ...named.map(({ value, path }) => ({ do: 'put', title: value, path, text: value, ...rights }) as const),
  ];
}

/** A value as one part of a path, no longer than a file system takes it. */
function nameOf(value: string): string {
  return [...`n${value.replaceAll('/', '_')}`].slice(0, 50).join('');
}

test(
  `${COUNT} hostile values reach programs, files and names byte for byte, and none is carried out`,
  () => {
    const marker = join(sandbox, 'marker');
    const values = hostileValues(COUNT, marker);
    for (let at = 0; at < values.length; at += BATCH) {
      const batch = values.slice(at, at + BATCH);
      const out = join(sandbox, `out-${at}`);
      mkdirSync(out);
      const shell = (at / BATCH) % 2 === 0 ? 'sh' : 'bash';
      expect(carryOut(actsFor(batch, out), shell)).toBe('done\0\0\0');
      for (const place of ['words', 'read', 'text']) expect(readFileSync(join(out, place), 'utf8')).toBe(joined(batch));
      for (const [index, value] of batch.slice(0, NAMES).entries()) {
        expect(readdirSync(join(out, String(index)))).toEqual([nameOf(value)]);
        expect(readFileSync(join(out, String(index), nameOf(value)), 'utf8')).toBe(value);
      }
      // The one line that SSH carries, as the login shell of a host reads it.
      const line = commandLine({ argv: ['printf', '%s\\0', ...batch], timeoutMs: 60_000 }, false);
      expect(execFileSync(shell, ['-c', line], { encoding: 'utf8', cwd: sandbox })).toBe(joined(batch));
      rmSync(out, { recursive: true });
    }
    expect(readdirSync(sandbox).filter(name => name.startsWith('marker'))).toEqual([]);
  },
  LIMIT_MS,
);

test('the same values in the text of a script are carried out: the marker can appear', () => {
  const marker = join(sandbox, 'control');
  const careless = hostileValues(8, marker).map(
    value => ({ do: 'run', title: 'careless', argv: ['sh', '-c', `printf %s ${value}; :`] }) as const,
  );
  for (const act of careless) carryOut([act], 'sh');
  expect(readdirSync(sandbox)).toContain('control');
});
