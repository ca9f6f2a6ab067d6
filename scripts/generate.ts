// Writes every generated file; with --check writes nothing and fails when one is not what it would be.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { catalogueFile, loadOperations } from './generate/catalogue.ts';
import { formatted, ROOT } from './generate/format.ts';
import { clustersIndex, kindsIndex, providersIndex, taskservsIndex } from './generate/indexes.ts';
import { proofsPage } from './generate/proofs.ts';
import { examplesFile, readmeFiles } from './generate/readmes.ts';
import { referenceFiles } from './generate/reference.ts';
import { schemaFiles } from './generate/schemas.ts';

/** A generated file: its path from the top of the repository, and its whole text. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/** Every generated file as it should be. */
export async function generatedFiles(): Promise<readonly GeneratedFile[]> {
  const operations = await loadOperations();
  const files = [
    kindsIndex(),
    providersIndex(),
    taskservsIndex(),
    clustersIndex(),
    catalogueFile(operations),
    ...schemaFiles(),
    ...referenceFiles(operations),
    ...readmeFiles(),
    examplesFile(),
    proofsPage(),
  ];
  return formatted(files);
}

/** Paths of the generated files whose text on disk is another one. */
export async function staleFiles(): Promise<readonly GeneratedFile[]> {
  return (await generatedFiles()).filter(({ path, text }) => onDisk(path) !== text);
}

function onDisk(path: string): string | null {
  try {
    return readFileSync(join(ROOT, path), 'utf8');
  } catch {
    return null;
  }
}

async function main(check: boolean): Promise<number> {
  const stale = await staleFiles();
  for (const { path, text } of stale) {
    console.log(`${check ? 'stale' : 'written'}: ${path}`);
    if (check) continue;
    mkdirSync(dirname(join(ROOT, path)), { recursive: true });
    writeFileSync(join(ROOT, path), text);
  }
  if (check && stale.length > 0) console.log('run: npm run generate');
  return check && stale.length > 0 ? 1 : 0;
}

if (process.argv[1]?.endsWith('generate.ts') === true) process.exit(await main(process.argv.includes('--check')));
