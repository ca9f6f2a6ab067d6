import { parseFile, parseQuickly } from '../../schemas/parse/document.ts';
import { type LoadInput, loadWorkspace, pathsToRead } from '../../schemas/parse/load.ts';
import type { Document } from '../../schemas/parse/node.ts';
import type { Loaded } from '../../schemas/workspace.ts';
import type { FileReader } from './port.ts';
import { createWorkerReader } from './worker-reader.ts';

/**
 * How much of one workspace may be read here by the slow readers. The rest goes to the worker, so that many small files
 * cannot hold the program up either: reading this much takes a tenth of a second.
 */
const INLINE_BYTES = 64 << 10;

/**
 * `loadWorkspace` for files from outside: what is more than a little YAML outside the plain subset is read in a
 * worker thread, so that no input holds the program up. One that takes longer than `LIMITS.parseMs` or more memory than
 * `LIMITS.parseMemoryMib` is among the problems of the Fault `invalid`.
 */
export async function loadSafely(input: LoadInput, openReader: () => FileReader = createWorkerReader): Promise<Loaded> {
  const parsed = new Map<string, Document>();
  let reader: FileReader | undefined;
  let slowBytes = 0;
  try {
    for (const path of pathsToRead(input)) {
      const bytes = input.files.get(path) ?? new Uint8Array();
      const document = parseQuickly(path, bytes);
      if (document !== null) {
        parsed.set(path, document);
      } else if (slowBytes + bytes.length <= INLINE_BYTES) {
        slowBytes += bytes.length;
        parsed.set(path, parseFile(path, bytes));
      } else {
        reader ??= openReader();
        parsed.set(path, await reader.read(path, bytes));
      }
    }
  } finally {
    await reader?.close();
  }
  return loadWorkspace({ ...input, parsed });
}
