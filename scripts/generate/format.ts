import { spawnSync } from 'node:child_process';
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GeneratedFile } from '../generate.ts';

/** The top of the repository. */
export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** TypeScript as the formatter of the house writes it. All files go through one call. */
export function formatted(files: readonly GeneratedFile[]): readonly GeneratedFile[] {
  const folder = mkdtempSync(join(tmpdir(), 'provisioning-generated-'));
  try {
    const code = files.filter(file => file.path.endsWith('.ts'));
    for (const { path, text } of code) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    writeFileSync(join(folder, 'biome.json'), settings());
    const biome = join(ROOT, 'node_modules/.bin/biome');
    const done = spawnSync(biome, ['format', '--write', '.'], { cwd: folder, encoding: 'utf8' });
    if (done.status !== 0) throw new Error(`biome cannot format what was generated:\n${done.stderr}`);
    return files.map(file =>
      file.path.endsWith('.ts') ? { ...file, text: readFileSync(join(folder, file.path), 'utf8') } : file,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function settings(): string {
  const { formatter, javascript } = JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8')) as {
    formatter: unknown;
    javascript: unknown;
  };
  return JSON.stringify({ root: true, formatter, javascript });
}
