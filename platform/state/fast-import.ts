import { Fault } from '../../schemas/fault.ts';
import type { Git, GitStream } from '../../schemas/git.ts';
import type { Sha } from '../../schemas/name.ts';
import type { Draft } from './commit-log.ts';
import { SIGNATURE } from './tip.ts';

/**
 * Durable to the last object: git's own default leaves loose objects and references to chance. And quick: what is pushed
 * is packed once more by whoever keeps it, so that looking for deltas and pressing hard would cost more than it saves.
 */
export const SETTINGS: { readonly [name: string]: string } = {
  'core.fsync': 'all',
  'core.compression': '1',
  'fastimport.unpackLimit': '1',
  'pack.window': '0',
};

/** A running `git fast-import`: commits without an index, a working tree or a process for each. */
export interface ImportSession {
  /** Resolves when the commits are on disk, and have the ids that were foreseen. */
  write(drafts: readonly Draft[]): Promise<void>;
  end(): Promise<void>;
}

/** `branch` must be this session's own: a killed session leaves its lock behind, and nobody else shall meet it. */
export function startImport(git: Git, directory: string, branch: string): ImportSession {
  const stream: GitStream = git.stream(['fast-import', '--quiet', '--force'], { directory });
  let last: Sha | null = null;
  let mark = 0;
  return {
    async write(drafts) {
      const pieces: Buffer[] = [];
      for (const draft of drafts) {
        mark += 1;
        pieces.push(commitCommand(draft, { branch, mark, last }));
        last = draft.oid;
      }
      pieces.push(Buffer.from(`get-mark :${mark}\ncheckpoint\nprogress ${mark}\n`));
      await stream.write(Buffer.concat(pieces));
      const written = await stream.line();
      const done = await stream.line();
      if (written === last && done === `progress ${mark}`) return;
      throw new Fault('integrity', {
        id: 'ST-WRITE',
        what: 'git wrote another commit than was asked for',
        why: 'the private repository of this machine does not hold what the chain says',
        fix: 'remove the folder `state` below the home folder of provisioning; it is fetched again',
      });
    },
    async end() {
      await stream.end();
    },
  };
}

function commitCommand(draft: Draft, session: { branch: string; mark: number; last: Sha | null }): Buffer {
  const { branch, mark, last } = session;
  const pieces: (string | Buffer)[] = [];
  if (draft.parent === null) pieces.push(`reset ${branch}\n\n`);
  pieces.push(`commit ${branch}\nmark :${mark}\ncommitter ${SIGNATURE} ${draft.seconds} +0000\n`, text(draft.message));
  if (draft.parent !== null && draft.parent !== last) pieces.push(`from ${draft.parent}\n`);
  if (draft.keeps !== null) pieces.push(`M 040000 ${draft.keeps} \n`);
  // Removals first: a file may take the place of a folder that its removal leaves empty.
  for (const [path, content] of draft.changes) if (content === null) pieces.push(`D ${path}\n`);
  for (const [path, content] of draft.changes) {
    if (content !== null) pieces.push(`M 100644 inline ${path}\n`, text(content));
  }
  pieces.push('\n');
  return Buffer.concat(pieces.map(piece => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}

function text(content: string): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')]);
}
