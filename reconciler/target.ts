import { relative } from 'node:path/posix';
import type { GitSource } from '../platform/git/port.ts';
import { Fault } from '../schemas/fault.ts';
import type { Ports } from './ports.ts';

/** Which workspace is meant: where its commits come from, where its state goes, and which folder and environment. */
export interface Target {
  readonly source: GitSource;
  /** Remote that carries the state chain. */
  readonly stateRemote: string;
  /** Folder of the workspace in the repository, '' for its root. */
  readonly prefix: string;
  readonly env: string | null;
  /** Commit, branch or tag whose files are desired. */
  readonly revision: string;
  /** The revision is the head of a followed branch: a commit that does not descend from the one applied last is refused. */
  readonly follow: boolean;
}

export interface TargetInput {
  /** A folder inside a clone. */
  readonly directory: string;
  readonly env?: string | undefined;
  readonly commit?: string | undefined;
}

/**
 * The workspace in a folder of a clone. Desired state is the clone's own HEAD; recorded state lives in its `origin`,
 * or in the clone itself when there is none.
 * Throws Fault `usage` when the folder is not in a Git repository.
 */
export async function localTarget(ports: Ports, input: TargetInput): Promise<Target> {
  const source = await ports.openLocal(input.directory);
  const origin = await source.remoteUrl();
  const prefix = relative(source.root, input.directory);
  if (prefix.startsWith('..')) {
    throw new Fault('usage', { id: 'CLI-DIR', what: `${input.directory} is not inside ${source.root}` });
  }
  return {
    source,
    stateRemote: origin ?? source.url,
    prefix,
    env: input.env ?? null,
    revision: input.commit ?? 'HEAD',
    follow: false,
  };
}
