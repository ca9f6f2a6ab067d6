import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CLUSTERS } from '../../clusters/index.ts';
import { demo } from '../../providers/demo/index.ts';
import { ssh } from '../../providers/ssh/index.ts';
import { Fault } from '../../schemas/fault.ts';
import { loadWorkspace } from '../../schemas/parse/load.ts';
import { declaredService } from '../../taskservs/host/declared.ts';
import { SERVICES } from './services.ts';
import { exitCode, renderProblems, renderWarnings } from '../../schemas/problem.ts';

/**
 * One folder is one workspace and the complete text that loading it gives: `expected.txt` for what people see when it is
 * refused, `expected.json` for the workspace it becomes. `case.json` may name the environment and the folder's place in
 * the repository. `UPDATE=1` writes the expectations anew; read the difference before you keep it.
 */
const ROOT = fileURLToPath(new URL('cases/', import.meta.url));
const OWN = new Set(['expected.txt', 'expected.json', 'case.json']);

interface Settings {
  readonly env?: string;
  readonly prefix?: string;
  /** Check the parameters of task services by those of `services.ts`. */
  readonly services?: boolean;
  /** Read clusters, by the templates of the product. */
  readonly clusters?: boolean;
}

function filesOf(folder: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = relative(folder, join(entry.parentPath, entry.name));
    if (entry.isFile() && !OWN.has(path)) files.set(path, readFileSync(join(folder, path)));
  }
  return files;
}

function outcome(folder: string): { readonly name: 'expected.txt' | 'expected.json'; readonly text: string } {
  const own = join(folder, 'case.json');
  const {
    env = null,
    prefix = '',
    services = false,
    clusters = false,
  } = existsSync(own) ? (JSON.parse(readFileSync(own, 'utf8')) as Settings) : {};
  try {
    const { workspace, warnings } = loadWorkspace({
      files: filesOf(folder),
      prefix,
      env,
      drivers: { demo, ssh },
      ...(services ? { services: SERVICES, declare: declaredService } : {}),
      ...(clusters ? { templates: CLUSTERS } : {}),
    });
    return {
      name: 'expected.json',
      text: `${JSON.stringify({ workspace, warnings: renderWarnings(warnings) }, null, 2)}\n`,
    };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { name: 'expected.txt', text: `${renderProblems(error)}\nexit ${exitCode(error)}\n` };
  }
}

test.each(readdirSync(ROOT).toSorted())('%s', name => {
  const folder = join(ROOT, name);
  const found = outcome(folder);
  const path = join(folder, found.name);
  if (process.env['UPDATE'] === '1') writeFileSync(path, found.text);
  expect(existsSync(path), `${name} has no ${found.name}:\n${found.text}`).toBe(true);
  expect(found.text).toBe(readFileSync(path, 'utf8'));
  expect(readdirSync(folder).filter(file => file.startsWith('expected.'))).toEqual([found.name]);
});
