import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../schemas/fault.ts';
import type { GitAnswer } from '../../schemas/git.ts';
import type { CommitLog } from './commit-log.ts';
import { type ImportSession, startImport } from './fast-import.ts';
import type { Repository } from './repository.ts';

type Writing = Pick<CommitLog, 'write' | 'note' | 'push' | 'rest'>;

/** Packs from which on the private repository is tidied: each group of commits makes one. */
const PACKS = 50;

export function gitWriting(repository: Repository): Writing {
  const { git, directory, remote, world, present } = repository;
  const branch = `refs/sessions/${world.randomHex(6)}`;
  let session: ImportSession | null = null;

  return {
    async write(drafts) {
      await repository.ready();
      session ??= startImport(git, directory, branch);
      try {
        await session.write(drafts);
      } catch (error) {
        session = null;
        throw error;
      }
      for (const { oid } of drafts) present.add(oid);
      if ((await packCount(directory)) <= PACKS) return;
      await session.end();
      session = null;
      await git.run(['repack', '--quiet', '--geometric=2', '-d'], { directory });
    },
    async note(text) {
      await repository.ready();
      return git.text(['hash-object', '-w', '--stdin'], { directory, input: text });
    },
    async push({ ref, from, to }) {
      await repository.ready();
      const options = ['--porcelain', '--no-verify', `--force-with-lease=${ref}:${from ?? ''}`];
      return judged(await git.network({ directory, command: 'push', options, remote, refs: [`${to ?? ''}:${ref}`] }));
    },
    async rest() {
      if (session === null) return;
      const ending = session;
      session = null;
      await ending.end();
      await git.run(['update-ref', '-d', branch], { directory });
    },
  };
}

/** A push that moved nothing: was the ref elsewhere, does somebody forbid it, or did the remote fail? */
function judged(answer: GitAnswer): 'done' | 'moved' {
  if (answer.status === 0) return 'done';
  const refusal = Buffer.from(answer.stdout).toString('utf8');
  if (/hook declined|protected|denied|prohibited|not allowed|GH\d{3}/i.test(refusal)) {
    throw new Fault('denied', {
      id: 'ST-DECLINED',
      what: 'the remote forbids this account to write the state branch',
      fix: 'let it push to refs/heads/provisioning/** and refs/provisioning/**, also by force',
    });
  }
  if (/\[rejected\]|already exists|incorrect old value|lock ref|update ref/.test(refusal)) return 'moved';
  throw new Fault('unavailable', {
    id: 'ST-PUSH',
    what: 'the remote could not store the push',
    fix: 'it is tried again',
  });
}

async function packCount(directory: string): Promise<number> {
  const names = await readdir(join(directory, 'objects', 'pack')).catch(() => []);
  return names.filter(name => name.endsWith('.pack')).length;
}
