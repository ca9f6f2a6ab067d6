import type { Git } from '../../schemas/git.ts';
import { createBare } from './bare.ts';
import { gitFault } from './failure.ts';
import { settleLocks } from './locks.ts';
import { type GitCredential, runNetwork } from './network.ts';
import { objectReaders } from './object-reader.ts';
import { runGit, streamGit } from './spawn.ts';

/** Native git. See docs/adr/0002-native-git.md for why it is not a library. */
export function nativeGit(credential: GitCredential = () => Promise.resolve(null)): Git {
  const reader = objectReaders();
  return {
    run: runGit,
    network: call => runNetwork(call, credential),
    stream: streamGit,
    ownBare: createBare,
    unlock: settleLocks,
    async text(args, call) {
      const answer = await runGit(args, call);
      if (answer.status !== 0) throw gitFault(answer.stderr, args[0] ?? 'run');
      return Buffer.from(answer.stdout).toString('utf8').replace(/\n$/, '');
    },
    objects: (directory, names) => reader(directory).contents(names),
    headers: (directory, names) => reader(directory).headers(names),
  };
}
