import type { Git } from '../../schemas/git.ts';
import { createBare } from './bare.ts';
import { gitFault } from './failure.ts';
import { parseBlobs, parseEntries, unreadable } from './listing.ts';
import { settleLocks } from './locks.ts';
import { runNetwork } from './network.ts';
import { runGit, streamGit } from './spawn.ts';

/** Native git. See docs/adr/0002-native-git.md for why it is not a library. */
export function nativeGit(): Git {
  return {
    run: runGit,
    network: runNetwork,
    stream: streamGit,
    ownBare: createBare,
    unlock: settleLocks,
    async text(args, call) {
      const answer = await runGit(args, call);
      if (answer.status !== 0) throw gitFault(answer.stderr, args[0] ?? 'run');
      return Buffer.from(answer.stdout).toString('utf8').replace(/\n$/, '');
    },
    async entries(directory, tree, { recursive }) {
      const args = ['ls-tree', '-z', '--long', '--full-tree', ...(recursive ? ['-r', '-t'] : []), tree];
      const answer = await runGit(args, { directory });
      if (answer.status !== 0) throw unreadable(/\b[0-9a-f]{40}\b/.exec(answer.stderr)?.[0] ?? tree);
      return parseEntries(answer.stdout);
    },
    async blobs(directory, names) {
      if (names.length === 0) return [];
      const answer = await runGit(['cat-file', '--batch', '--buffer'], { directory, input: `${names.join('\n')}\n` });
      if (answer.status !== 0) throw unreadable(/\b[0-9a-f]{40}\b/.exec(answer.stderr)?.[0] ?? names[0] ?? '');
      return parseBlobs(answer.stdout, names);
    },
  };
}
