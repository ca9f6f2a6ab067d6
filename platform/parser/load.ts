import { parseFile, parseQuickly } from '../../schemas/parse/document.ts';
import { type LoadInput, loadWorkspace, pathsToRead } from '../../schemas/parse/load.ts';
import type { Document } from '../../schemas/parse/node.ts';
import type { Loaded } from '../../schemas/workspace.ts';
import type { FileReader } from './port.ts';
import { createWorkerReader } from './worker-reader.ts';

/** Files up to this size are read inline whatever they hold: the slowest reader needs a small part of the deadline for them. */
const INLINE_BYTES = 64 << 10;

/**
 * `loadWorkspace` for files from outside: a large file that is not in the plain subset of YAML is read in a worker
 * thread, so that no input holds the program up. One that takes longer than `LIMITS.parseMs` or more memory than
 * `LIMITS.parseMemoryMib` is among the problems of the Fault `invalid`.
 */
export async function loadSafely(input: LoadInput, openReader: () => FileReader = createWorkerReader): Promise<Loaded> {
  const parsed = new Map<string, Document>();
  let reader: FileReader | undefined;
  try {
    for (const path of pathsToRead(input)) {
      const bytes = input.files.get(path) ?? new Uint8Array();
      let document = bytes.length <= INLINE_BYTES ? parseFile(path, bytes) : parseQuickly(path, bytes);
      if (document === null) {
        reader ??= openReader();
        document = await reader.read(path, bytes);
      }
      parsed.set(path, document);
    }
  } finally {
    await reader?.close();
  }
  return loadWorkspace({ ...input, parsed });
}
