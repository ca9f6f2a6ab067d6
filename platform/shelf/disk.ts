import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../../planner/digest.ts';
import { Fault } from '../../schemas/fault.ts';
import { Plan } from '../../schemas/plan.ts';

/** How many shown plans are kept; the oldest go first. */
const KEPT = 50;

/** Plans that people were shown, one file each below `directory`. A file that was edited by one byte is refused: its digest tells. */
export function openShelf(directory: string): {
  keep(plan: Plan): Promise<void>;
  find(digest: string): Promise<{ readonly plan: Plan; readonly keptAt: number } | null>;
} {
  return {
    async keep(plan) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const path = join(directory, `${plan.digest}.json`);
      const known = await stat(path).catch(() => null);
      if (known !== null) return;
      await writeFile(`${path}.new`, JSON.stringify(plan), { mode: 0o600 });
      await rename(`${path}.new`, path);
      await trim(directory);
    },
    async find(digest) {
      const names = (await list(directory)).filter(name => name.startsWith(digest));
      const [name] = names;
      if (name === undefined || names.length > 1) return null;
      const path = join(directory, name);
      const kept = await stat(path);
      return { plan: parsed(await readFile(path, 'utf8'), name), keptAt: kept.mtimeMs };
    },
  };
}

async function list(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => [] as string[]);
  return names.filter(name => /^[0-9a-f]{64}\.json$/.test(name));
}

async function trim(directory: string): Promise<void> {
  const names = await list(directory);
  if (names.length <= KEPT) return;
  const ages = await Promise.all(names.map(async name => ({ name, at: (await stat(join(directory, name))).mtimeMs })));
  ages.sort((a, b) => b.at - a.at);
  for (const { name } of ages.slice(KEPT)) await rm(join(directory, name), { force: true });
}

function parsed(text: string, name: string): Plan {
  try {
    const result = Plan.safeParse(JSON.parse(text));
    if (result.success && genuine(result.data)) return result.data;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Fault('refused', {
    id: 'RUN-PLAN-FILE',
    what: `the kept plan ${name.slice(0, 12)} is damaged or from another version`,
    fix: 'make a new plan',
  });
}

function genuine({ digest, ...rest }: Plan): boolean {
  return digestOf(rest) === digest;
}
