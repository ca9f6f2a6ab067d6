import type { GeneratedFile } from '../generate.ts';

export async function schemaFiles(): Promise<readonly GeneratedFile[]> {
  return [];
}
