import { resolve } from 'node:path';
import { z } from 'zod';
import type { GitSource } from '../platform/git/port.ts';
import type { Ports } from '../reconciler/ports.ts';
import { localTarget, type Target } from '../reconciler/target.ts';
import { Name } from '../schemas/name.ts';

/** Flags of every operation that works on one workspace. */
export const TARGET = {
  directory: z.string().default('.').describe('Folder of the workspace, inside a Git clone.').meta({ short: 'C' }),
  env: Name.optional().describe('Environment of the workspace, for example prod.'),
};

/** Flags that choose which commit is desired. */
export const COMMIT = {
  commit: z.string().optional().describe('Commit, branch or tag to read the files from. Default: HEAD.'),
};

export interface TargetFlags {
  readonly directory: string;
  readonly env?: string | undefined;
  readonly commit?: string | undefined;
}

/** The workspace that the flags name. */
export function targetOf(ports: Ports, flags: TargetFlags): Promise<Target> {
  return localTarget(ports, { ...flags, directory: resolve(flags.directory) });
}

/** A mirror of the repository that is named, or that a clone came from. */
export async function repositoryOf(
  ports: Ports,
  { repository, directory }: { readonly repository?: string | undefined; readonly directory: string },
): Promise<GitSource> {
  if (repository !== undefined) return ports.openMirror(repository);
  const local = await ports.openLocal(resolve(directory));
  return ports.openMirror((await local.remoteUrl()) ?? local.url);
}
