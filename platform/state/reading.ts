import { createHash } from 'node:crypto';
import { emptyRecorded, type Recorded } from '../../schemas/checkpoint.ts';
import type { Sha, Sha256 } from '../../schemas/name.ts';
import type { StoredCommit } from './commit-log.ts';
import type { Loaded } from './loaded.ts';
import { FORMAT, parseFiles, PATHS, planPath } from './layout.ts';
import { parseMessage, type Trailers } from './message.ts';
import { type ChainParts, lookAt } from './parts.ts';
import { broken, rewritten } from './refusal.ts';
import { checksumOf } from './tip.ts';
import { blobOid, changedFolder, EMPTY_FOLDER, folderOid, subfolder } from './tree.ts';

const HEAD_FILE = 'head';
const SNAPSHOT_FILE = 'snapshot.json';
const LINEAGE_FILE = 'lineage';

/** Reads the chain as it is on the remote now. An unchanged head costs one look, and nothing is written but caches of this machine. */
export async function readChain(parts: ChainParts): Promise<Loaded> {
  // What was seen is read before the look: another process of this machine may see a newer head in between.
  const seen = await seenHead(parts);
  const head = await lookAt(parts, parts.refs.state);
  return loadHead(parts, { head, seen });
}

async function loadHead(parts: ChainParts, { head, seen }: { head: Sha | null; seen: Sha | null }): Promise<Loaded> {
  if (head === null) {
    if (seen === null) return nothing(parts);
    throw broken('ST-GONE', `${parts.refs.state} is gone from the remote; this machine last saw ${seen.slice(0, 12)}`, {
      fix: 'restore the branch, or provisioning state rebuild',
    });
  }
  const cached = parts.cache.loaded;
  if (cached?.recorded.head === head) return cached;
  if (seen !== null && seen !== head) await mustContinue(parts, { seen, head });
  const kept = await readSnapshot(parts, head);
  const loaded = kept ?? (await readCommit(parts, head));
  await rememberHead(parts, loaded);
  if (kept === null) await keepSnapshot(parts, loaded);
  return loaded;
}

async function nothing(parts: ChainParts): Promise<Loaded> {
  const recorded = emptyRecorded(parts.workspace, await proposedLineage(parts));
  return { recorded, plans: [], checksum: '', oids: new Map() };
}

/** The identity that a chain would get here. It is kept, so that plans made before the first checkpoint stay valid. */
async function proposedLineage(parts: ChainParts): Promise<string> {
  const kept = await parts.disk.read(LINEAGE_FILE);
  if (kept !== null && /^[0-9a-f]{12}$/.test(kept)) return kept;
  const lineage = parts.world.randomHex(6);
  await parts.disk.replace(LINEAGE_FILE, lineage);
  return lineage;
}

async function mustContinue(parts: ChainParts, { seen, head }: { seen: Sha; head: Sha }): Promise<void> {
  await parts.log.bring(head);
  for (let at: Sha | null = head; at !== null; ) {
    if (await parts.log.descends({ older: seen, newer: at })) return;
    const root = await parts.log.root(at);
    at = parseMessage(root.message)?.before ?? null;
  }
  throw rewritten(parts.refs.state, seen, head);
}

async function readCommit(parts: ChainParts, head: Sha): Promise<Loaded> {
  const { commit, parent, files } = await parts.log.end(head);
  const trailers = parseMessage(commit.message);
  if (trailers === null) throw foreign(commit);
  mustBeOurs(parts, files, commit);
  const oids = new Map([...files].map(([path, text]) => [path, blobOid(text)] as const));
  const folder = changedFolder(EMPTY_FOLDER, oids);
  const previous = previousChecksum(trailers, parent);
  const checkpoint = files.get(PATHS.checkpoint) ?? '';
  const checksum = checksumOf({ previous, tree: folderOid(folder), checkpoint });
  if (folderOid(folder) !== commit.tree || checksum !== trailers.checksum) {
    throw broken(
      'ST-CHECKSUM',
      `checkpoint ${trailers.sequence} (${commit.oid.slice(0, 12)}) does not match its checksum`,
      {
        why: 'the commit was edited, or an object is damaged',
      },
    );
  }
  const { parts: found, plans } = parseFiles(files);
  const { sequence, epoch } = trailers;
  const recorded = { ...found, sequence, epoch, head, tree: folderOid(subfolder(folder, 'state')) };
  const kept = [PATHS.checkpoint, ...plans.map(planPath)];
  const storedOids = kept.map(path => [path, oids.get(path) ?? ''] as const).filter(([, oid]) => oid !== '');
  return { recorded, plans, checksum, oids: new Map(storedOids) };
}

function previousChecksum(trailers: Trailers, parent: StoredCommit | null): string {
  if (parent === null) return trailers.previous ?? '';
  const before = parseMessage(parent.message);
  if (before === null) throw foreign(parent);
  return before.checksum;
}

function mustBeOurs(parts: ChainParts, files: ReadonlyMap<string, string>, commit: StoredCommit): void {
  const header = parsed<{ format?: unknown; workspace?: unknown } | null>(files.get(PATHS.header), commit);
  const format = typeof header?.format === 'number' ? header.format : 0;
  if (format > FORMAT) {
    throw broken('ST-FORMAT', `the chain has format ${format}; this program reads up to ${FORMAT}`, {
      fix: 'use the version of provisioning that wrote it, or a newer one',
    });
  }
  if (format < 1) throw foreign(commit);
  if (header?.workspace !== parts.workspace) {
    throw broken('ST-WORKSPACE', `${parts.refs.state} holds the record of another workspace`);
  }
}

function parsed<T>(text: string | undefined, commit: StoredCommit): T {
  try {
    return JSON.parse(text ?? '') as T;
  } catch (error) {
    if (error instanceof SyntaxError) throw foreign(commit);
    throw error;
  }
}

function foreign(commit: StoredCommit): ReturnType<typeof broken> {
  return broken(
    'ST-FOREIGN',
    `commit ${commit.oid.slice(0, 12)} of the state chain is not a checkpoint of this program`,
    {
      why: 'somebody committed to the branch by hand, or damaged a file',
    },
  );
}

/** The newest head that this machine has seen; null when it saw none. */
export async function seenHead(parts: ChainParts): Promise<Sha | null> {
  const text = await parts.disk.read(HEAD_FILE);
  return text !== null && /^[0-9a-f]{40}$/.test(text) ? text : null;
}

/** Remembers a head that the remote has: from now on, one that does not descend from it is refused. */
export async function rememberHead(parts: ChainParts, loaded: Loaded): Promise<void> {
  const head = loaded.recorded.head;
  if (head === null) return;
  parts.cache.loaded = loaded;
  if ((await seenHead(parts)) !== head) await parts.disk.replace(HEAD_FILE, head);
}

/** Keeps what a head says at hand, so that the next process need not read it object by object. */
export async function keepSnapshot(parts: ChainParts, loaded: Loaded): Promise<void> {
  await parts.disk.replace(SNAPSHOT_FILE, snapshotText(loaded), { cache: true });
}

/** Forgets what was seen: the next read takes the remote as it is. */
export async function forgetHead(parts: ChainParts): Promise<void> {
  parts.cache.loaded = null;
  await parts.disk.remove(HEAD_FILE);
  await parts.disk.remove(SNAPSHOT_FILE);
}

function snapshotText(loaded: Loaded): string {
  const { recorded } = loaded;
  const body = JSON.stringify({
    format: FORMAT,
    recorded: { ...recorded, objects: [...recorded.objects.values()], intents: [...recorded.intents.values()] },
    plans: loaded.plans,
    checksum: loaded.checksum,
    oids: [...loaded.oids],
  });
  return `${digest(body)}\n${body}`;
}

/** The kept copy of a head; null when it is of another head, another format, or damaged. */
async function readSnapshot(parts: ChainParts, head: Sha): Promise<Loaded | null> {
  const text = await parts.disk.read(SNAPSHOT_FILE);
  if (text === null || text[64] !== '\n') return null;
  const body = text.slice(65);
  if (!body.includes(head) || digest(body) !== text.slice(0, 64)) return null;
  const kept = JSON.parse(body) as {
    format: number;
    recorded: Omit<Recorded, 'objects' | 'intents'> & {
      objects: RecordedList<'objects'>;
      intents: RecordedList<'intents'>;
    };
    plans: Sha256[];
    checksum: string;
    oids: [string, Sha][];
  };
  if (kept.format !== FORMAT || kept.recorded.head !== head) return null;
  const objects = new Map(kept.recorded.objects.map(object => [object.key, object]));
  const intents = new Map(kept.recorded.intents.map(intent => [intent.key, intent]));
  const recorded = { ...kept.recorded, objects, intents };
  return { recorded, plans: kept.plans, checksum: kept.checksum, oids: new Map(kept.oids) };
}

type RecordedList<K extends 'objects' | 'intents'> = Recorded[K] extends ReadonlyMap<string, infer V> ? V[] : never;

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
