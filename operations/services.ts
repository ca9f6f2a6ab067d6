import { relative, resolve } from 'node:path';
import { z } from 'zod';
import type { Ports } from '../reconciler/ports.ts';
import { Fault } from '../schemas/fault.ts';
import { loadServiceFiles } from '../schemas/parse/own-services.ts';
import type { TaskService } from '../schemas/taskserv.ts';

/** Flag of operations that also know the task services of a workspace. */
export const FOLDER = {
  directory: z
    .string()
    .optional()
    .describe('Folder of a workspace whose own services count too. Default: this folder, where it is one.')
    .meta({ short: 'C' }),
};

/** Task services by name, and which of them are the workspace's own. */
export interface KnownServices {
  readonly services: { readonly [name: string]: TaskService };
  readonly own: ReadonlySet<string>;
}

/** Those of the program and of a folder as it is on disk. Outside a workspace there are only the first. */
export async function servicesIn(ports: Ports, directory: string | undefined): Promise<KnownServices> {
  const folder = resolve(directory ?? '.');
  const files = await filesIn(ports, folder, directory === undefined);
  const builtIn = Object.keys(await ports.services());
  const isWorkspace = [...files.keys()].some(path => /^workspace\.[a-z]+$/.test(path));
  const own = isWorkspace ? loadServiceFiles(files, { prefix: '', builtIn }) : {};
  return { services: await ports.services(own), own: new Set(Object.keys(own)) };
}

async function filesIn(ports: Ports, folder: string, isGuess: boolean): Promise<ReadonlyMap<string, Uint8Array>> {
  try {
    const source = await ports.openLocal(folder);
    return (await source.worktree(relative(source.root, folder))).files;
  } catch (error) {
    if (isGuess && error instanceof Fault && error.code === 'usage') return new Map();
    throw error;
  }
}
