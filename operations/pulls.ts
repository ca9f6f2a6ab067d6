import { z } from 'zod';
import type { PlainForge } from '../platform/git/git-forge.ts';
import type { Ports } from '../reconciler/ports.ts';
import { repositoryOf } from './target.ts';

/** Flags of what people do with pull requests where there is no Git host. */
export const PULL_FLAGS = {
  repository: z.string().optional().describe('Remote of the repository. Default: origin of the clone in --directory.'),
  directory: z.string().default('.').describe('A clone of the repository.').meta({ short: 'C' }),
  branch: z.string().default('main').describe('Branch that pull requests go to.'),
};

/** Number of a pull request on the command line. */
export const NUMBER = z.int().min(1).describe('Number of the pull request.').meta({ positional: true });

/** The pull requests that stand in the repository itself. */
export async function plainForgeOf(
  ports: Ports,
  flags: { readonly repository?: string | undefined; readonly directory: string; readonly branch: string },
): Promise<PlainForge> {
  const { url } = await repositoryOf(ports, flags);
  return ports.openPlainForge({ url, branch: flags.branch });
}
