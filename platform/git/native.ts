import type { Git } from '../../schemas/git.ts';
import { createBare } from './bare.ts';
import { gitFault } from './failure.ts';
import { parseObjects, unreadable } from './objects.ts';
import { settleLocks } from './locks.ts';
import { type GitCredential, runNetwork } from './network.ts';
import { runGit, streamGit } from './spawn.ts';

/** Native git. See docs/adr/0002-native-git.md for why it is not a library. */
export function nativeGit(credential: GitCredential = () => Promise.resolve(null)): Git {
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
    async objects(directory, names) {
      if (names.length === 0) return [];
      const answer = await runGit(['cat-file', '--batch', '--buffer'], { directory, input: `${names.join('\n')}\n` });
      if (answer.status !== 0) throw unreadable(/\b[0-9a-f]{40}\b/.exec(answer.stderr)?.[0] ?? names[0] ?? '');
      return parseObjects(answer.stdout, names);
    },
    async sizes(directory, oids) {
      if (oids.length === 0) return [];
      const input = `${oids.join('\n')}\n`;
      const answer = await runGit(['cat-file', '--batch-check=%(objectsize)', '--buffer'], { directory, input });
      if (answer.status !== 0) throw unreadable(oids[0] ?? '');
      const lines = Buffer.from(answer.stdout).toString('latin1').trimEnd().split('\n');
      return lines.map(line => (line.endsWith(' missing') ? null : Number(line)));
    },
  };
}
