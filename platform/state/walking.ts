import type { HistoryEntry } from '../../schemas/state.ts';
import type { Sha } from '../../schemas/name.ts';
import type { StoredCommit } from './commit-log.ts';
import { parseMessage } from './message.ts';
import type { ChainParts } from './parts.ts';

/** Commits of the whole chain, newest first, across the roots that compacting and rebuilding made. */
export async function walk(parts: ChainParts, head: Sha, limit: number): Promise<readonly StoredCommit[]> {
  await parts.log.bring(head);
  const commits: StoredCommit[] = [];
  for (let at: Sha | null = head; at !== null && commits.length < limit; ) {
    const segment = await parts.log.commits(at, { limit: limit - commits.length });
    commits.push(...segment);
    const oldest = segment.at(-1);
    const before = oldest?.parent === null ? (parseMessage(oldest.message)?.before ?? null) : null;
    // Commits that were cut off long ago may be gone; that is for `verify` to say.
    at = before !== null && (await parts.log.descends({ older: before, newer: before })) ? before : null;
  }
  return commits;
}

export function historyEntry(commit: StoredCommit): HistoryEntry {
  const found = parseMessage(commit.message);
  return {
    commit: commit.oid,
    sequence: found?.sequence ?? 0,
    epoch: found?.epoch ?? 0,
    at: found?.at ?? 0,
    run: found?.run ?? null,
    plan: found?.plan ?? null,
    step: found?.step ?? 'rebuild',
    key: found?.change ?? null,
    subject: found?.subject ?? 'not a checkpoint',
  };
}
