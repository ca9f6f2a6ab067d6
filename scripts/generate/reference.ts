import type { GeneratedFile } from '../generate.ts';
import type { LoadedOperation } from './catalogue.ts';

export async function referenceFiles(_operations: readonly LoadedOperation[]): Promise<readonly GeneratedFile[]> {
  return [];
}
