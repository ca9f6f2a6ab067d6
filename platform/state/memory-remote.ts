import { Fault } from '../../schemas/fault.ts';
import type { Sha } from '../../schemas/name.ts';
import type { World } from '../../schemas/world.ts';
import type { CommitLog, Draft, RefUpdate, StoredCommit } from './commit-log.ts';
import { blobOid, changedFolder, EMPTY_FOLDER, filesBelow, type Folder, folderOid } from './tree.ts';

/** What can be made to go wrong at the remote. `answer-lost` does what was asked, and then fails as if the line had broken. */
export type RemoteFault = 'moved' | 'answer-lost' | 'down' | 'declined';

export interface Injected {
  readonly fault: RemoteFault;
  /** Which requests it meets. */
  readonly on: 'look' | 'push';
  /** Only requests for refs that begin so. */
  readonly ref?: string;
  /** How often; for ever when left out. */
  readonly times?: number;
}

/** A remote in memory, with compare-and-swap on refs. Any number of stores, each as good as a machine of its own, may stand on one. */
export interface MemoryRemote {
  readonly refs: ReadonlyMap<string, Sha>;
  /** Answers take so many milliseconds of the world's clock. */
  latencyMs: number;
  /** Adds a fault. The answer tells how often it was met, so that a test can prove that it was. */
  inject(fault: Injected): () => number;
  /** Takes every fault away. */
  heal(): void;
  /** Sets a ref as somebody with force would; null removes it. */
  force(ref: string, to: Sha | null): void;
  /** Makes a file of a commit unreadable or different, as a broken disk or a person would. */
  edit(commit: Sha, path: string, text: string): Sha;
  /** The log as one machine sees it. */
  log(world: World): CommitLog;
}

interface Kept extends StoredCommit {
  readonly folder: Folder;
}

interface Remote {
  readonly refs: Map<string, Sha>;
  readonly commits: Map<Sha, Kept>;
  readonly folders: Map<Sha, Folder>;
  readonly texts: Map<Sha, string>;
  faults: { readonly injected: Injected; met: number }[];
}

export function memoryRemote(): MemoryRemote {
  const remote: Remote = { refs: new Map(), commits: new Map(), folders: new Map(), texts: new Map(), faults: [] };
  const self: MemoryRemote = {
    refs: remote.refs,
    latencyMs: 0,
    inject(injected) {
      const entry = { injected, met: 0 };
      remote.faults.push(entry);
      return () => entry.met;
    },
    heal() {
      remote.faults = [];
    },
    force(ref, to) {
      if (to === null) remote.refs.delete(ref);
      else remote.refs.set(ref, to);
    },
    edit(commit, path, text) {
      const former = keptCommit(remote, new Set([commit]), commit);
      const folder = changedFolder(former.folder, [[path, keepText(remote, text)]]);
      const oid = blobOid(`${commit} ${path} ${text}`);
      remote.commits.set(oid, { ...former, oid, folder, tree: folderOid(folder) });
      return oid;
    },
    log: world => memoryLog(remote, async () => void (await world.clock.sleep(self.latencyMs))),
  };
  return self;
}

/** One machine's view: like a clone, it can read what it fetched or wrote itself, and nothing else. */
function memoryLog(remote: Remote, answer: () => Promise<void>): CommitLog {
  const here = new Set<Sha>();
  const read = (oid: Sha): Kept => keptCommit(remote, here, oid);
  const line = (from: Sha, limit = Number.MAX_SAFE_INTEGER): readonly Kept[] => lineOf(read, from, limit);
  const filesOf = (commit: Sha): ReadonlyMap<string, string> => {
    const files = filesBelow(read(commit).folder);
    return new Map([...files].map(([path, oid]) => [path, remote.texts.get(oid) ?? '']));
  };
  const bring = async (commit: Sha): Promise<void> => {
    if (here.has(commit)) return;
    fetchBranches(remote, here);
    if (!here.has(commit))
      throw new Fault('unavailable', { id: 'ST-MOVED', what: 'the chain was rewritten while it was read' });
  };
  return {
    async look(refs) {
      await answer();
      if (meet(remote, 'look', refs[0] ?? '') !== null) throw down();
      const found = refs.map(ref => [ref, remote.refs.get(ref)] as const);
      return new Map(found.filter((row): row is readonly [string, Sha] => row[1] !== undefined));
    },
    bring,
    async end(oid) {
      await bring(oid);
      const [commit = read(oid), parent = null] = line(oid, 2);
      return { commit, parent, files: filesOf(oid) };
    },
    commits: async (from, { limit }) => line(from, limit),
    root: async commit => line(commit).at(-1) ?? read(commit),
    descends: async ({ older, newer }) =>
      here.has(older) && here.has(newer) && line(newer).some(({ oid }) => oid === older),
    files: async commit => filesOf(commit),
    async texts(wanted) {
      return wanted.map(({ commit, path }) => {
        const oid = filesBelow(read(commit).folder).get(path);
        return oid === undefined ? null : (remote.texts.get(oid) ?? null);
      });
    },
    async write(drafts) {
      await answer();
      for (const draft of drafts) {
        keepDraft(remote, here, draft);
        here.add(draft.oid);
      }
    },
    note: async text => keepText(remote, text),
    async push(update) {
      await answer();
      return push(remote, update);
    },
    rest: async () => {},
  };
}

function fetchBranches(remote: Remote, here: Set<Sha>): void {
  for (const [ref, head] of remote.refs) {
    if (!ref.startsWith('refs/heads/')) continue;
    for (let at: Sha | null = head; at !== null && !here.has(at); at = remote.commits.get(at)?.parent ?? null)
      here.add(at);
  }
}

function push(remote: Remote, { ref, from, to }: RefUpdate): 'done' | 'moved' {
  const fault = meet(remote, 'push', ref);
  if (fault === 'down') throw down();
  if (fault === 'declined')
    throw new Fault('denied', { id: 'ST-DECLINED', what: 'the remote forbids to write the state branch' });
  if (fault === 'moved' || (remote.refs.get(ref) ?? null) !== from) return 'moved';
  if (to === null) remote.refs.delete(ref);
  else remote.refs.set(ref, to);
  if (fault === 'answer-lost') throw down();
  return 'done';
}

function meet(remote: Remote, on: Injected['on'], ref: string): RemoteFault | null {
  for (const entry of remote.faults) {
    const { injected, met } = entry;
    if (
      injected.on !== on ||
      !ref.startsWith(injected.ref ?? '') ||
      met >= (injected.times ?? Number.POSITIVE_INFINITY)
    )
      continue;
    entry.met += 1;
    return injected.fault;
  }
  return null;
}

function down(): Fault {
  return new Fault('unavailable', { id: 'GIT-CONNECTION', what: 'the connection to the remote failed or broke' });
}

function keepText(remote: Remote, text: string): Sha {
  const oid = blobOid(text);
  remote.texts.set(oid, text);
  return oid;
}

function keepDraft(remote: Remote, here: ReadonlySet<Sha>, draft: Draft): void {
  const former =
    draft.parent === null ? remote.folders.get(draft.keeps ?? '') : keptCommit(remote, here, draft.parent).folder;
  const changes = [...draft.changes].map(
    ([path, text]) => [path, text === null ? null : keepText(remote, text)] as const,
  );
  const folder = changedFolder(former ?? EMPTY_FOLDER, changes);
  if (folderOid(folder) !== draft.tree) {
    throw new Fault('integrity', { id: 'ST-WRITE', what: 'the commit would hold other files than was asked for' });
  }
  remote.folders.set(draft.tree, folder);
  const { oid, tree, parent, message } = draft;
  remote.commits.set(oid, { oid, tree, parent, message, folder });
}

function keptCommit(remote: Remote, here: ReadonlySet<Sha>, oid: Sha): Kept {
  const commit = here.has(oid) ? remote.commits.get(oid) : undefined;
  if (commit === undefined) throw new Fault('integrity', { id: 'ST-OBJECT', what: `object ${oid} is missing` });
  return commit;
}

function lineOf(read: (oid: Sha) => Kept, from: Sha, limit: number): readonly Kept[] {
  const line: Kept[] = [];
  for (let at: Sha | null = from; at !== null && line.length < limit; ) {
    const commit: Kept = read(at);
    line.push(commit);
    at = commit.parent;
  }
  return line;
}
