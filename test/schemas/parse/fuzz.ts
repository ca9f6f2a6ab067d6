import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { demo } from '../../../providers/demo/index.ts';
import { Fault } from '../../../schemas/fault.ts';
import { LIMITS } from '../../../schemas/limits.ts';
import { loadWorkspace } from '../../../schemas/parse/load.ts';
import { renderProblems } from '../../../schemas/problem.ts';
import { mutate, pick, type Random, randomFrom, sample } from './yaml-samples.ts';

const CASES = fileURLToPath(new URL('../cases/', import.meta.url));
const EXAMPLES = fileURLToPath(new URL('../../../example-workspace/', import.meta.url));
const PROTOTYPES = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Map.prototype];

export interface FuzzReport {
  readonly accepted: number;
  readonly refused: number;
  /** Inputs that broke a rule, with the rule. */
  readonly broken: readonly string[];
  readonly slowestMs: number;
}

/** Every workspace of the cases and examples as a map of files. */
function corpus(): Map<string, Uint8Array>[] {
  const names = readdirSync(CASES).filter(name => name !== 'w13-deeper-than-the-stack');
  // Good workspaces stand in four times, so that changes also meet the later stages of a load.
  const good = names.filter(name => name.startsWith('good-'));
  const folders = [...names, ...good, ...good, ...good].map(name => join(CASES, name));
  for (const name of ['hello', 'web', 'fleet', 'environments', 'mixed/before']) folders.push(join(EXAMPLES, name));
  return folders.map(folder => {
    const files = new Map<string, Uint8Array>();
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile() && !entry.name.startsWith('expected.')) files.set(relative(folder, path), readFileSync(path));
    }
    return files;
  });
}

/** Changes one file: pieces of syntax put in or taken out, bytes flipped, a part of another file, or a generated text. */
function changed(
  files: ReadonlyMap<string, Uint8Array>,
  all: readonly ReadonlyMap<string, Uint8Array>[],
  random: Random,
): Map<string, Uint8Array> {
  const result = new Map(files);
  const path = pick(
    random,
    [...result.keys()]
      .filter(name => /^(?:infra|config|workspace)/.test(name))
      .concat('infra/new.yaml', 'infra/new.toml', 'config/defaults.json'),
  );
  const bytes = Buffer.from(result.get(path) ?? '');
  const roll = random();
  if (roll < 0.55) {
    result.set(path, Buffer.from(mutate(bytes.toString('utf8'), random)));
  } else if (roll < 0.7) {
    for (let flip = 0; flip < 3 && bytes.length > 0; flip += 1)
      bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256);
    result.set(path, bytes);
  } else if (roll < 0.85) {
    const other = pick(random, all);
    const donor = Buffer.from(other.get(pick(random, [...other.keys()])) ?? '');
    const at = Math.floor(random() * donor.length);
    result.set(path, Buffer.concat([bytes, donor.subarray(at, at + Math.floor(random() * 400))]));
  } else {
    result.set(path, Buffer.from(mutate(sample(random), random)));
  }
  return result;
}

function prototypes(): string {
  return PROTOTYPES.map(prototype => Object.getOwnPropertyNames(prototype).join()).join(';');
}

/** Loads `count` changed workspaces. The same seed makes the same inputs. */
export function fuzz({ seed, count }: { readonly seed: number; readonly count: number }): FuzzReport {
  const random = randomFrom(seed);
  const all = corpus();
  const before = prototypes();
  const broken: string[] = [];
  const report = { accepted: 0, refused: 0, slowestMs: 0 };
  for (let index = 0; index < count; index += 1) {
    const files = changed(pick(random, all), all, random);
    const start = process.cpuUsage();
    try {
      loadWorkspace({ files, prefix: '', env: random() < 0.9 ? null : 'prod', drivers: { demo } });
      report.accepted += 1;
    } catch (error) {
      report.refused += 1;
      const rule = brokenRule(error);
      if (rule !== undefined) broken.push(`${rule}: seed ${seed}, input ${index}`);
    }
    const used = process.cpuUsage(start);
    report.slowestMs = Math.max(report.slowestMs, (used.user + used.system) / 1_000);
    if (report.slowestMs > LIMITS.parseMs) broken.push(`slow: seed ${seed}, input ${index}`);
  }
  if (prototypes() !== before || 'polluted' in {}) broken.push(`a prototype changed: seed ${seed}`);
  return { ...report, broken };
}

function brokenRule(error: unknown): string | undefined {
  if (!(error instanceof Fault)) return `threw ${error instanceof Error ? error.stack : String(error)}`;
  if (error.code !== 'invalid' && error.code !== 'usage') return `code ${error.code}`;
  const text = renderProblems(error);
  if (!text.includes('Nothing was changed.')) return 'does not say that nothing was changed';
  // oxlint-disable-next-line no-control-regex -- what must not be shown
  if (/[\u0000-\u0009\u000b-\u001f\u202e]/.test(text)) return `shows a control character: ${JSON.stringify(text)}`;
  if (/undefined|\[object|NaN is/.test(text)) return `shows a slip: ${text}`;
  return error.problems.every(problem => problem.what !== '' && /^[A-Z]+-[A-Z0-9]+$/.test(problem.id))
    ? undefined
    : `a problem without id or words: ${JSON.stringify(error.problems.map(({ id, what }) => [id, what.slice(0, 60)]))}`;
}
