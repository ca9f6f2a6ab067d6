import { hash } from 'node:crypto';
import type { Checkpoint, Intent, Recorded, RecordedObject } from '../../schemas/checkpoint.ts';
import { isObject } from '../../schemas/json.ts';
import type { Sha256 } from '../../schemas/name.ts';

/** Version of the layout below. A chain with a higher one is refused, never guessed at. */
export const FORMAT = 1;

/** Plans of this many runs and approvals stay in the tree; older ones stay in the history. */
const PLANS_KEPT = 5;

export const PATHS = {
  header: 'header.json',
  checkpoint: 'checkpoint.json',
  writer: 'writer.json',
  run: 'run.json',
  hold: 'hold.json',
  plans: 'plans/order.json',
} as const;

export function planPath(digest: Sha256): string {
  return `plans/${digest}.json`;
}

export function approvalPath(digest: Sha256): string {
  return `approvals/${digest}.json`;
}

/** Two levels of sixteen folders: a commit rewrites three small trees however many objects there are. */
function shard(key: string): { readonly folders: string; readonly digest: string } {
  const digest = hash('sha256', key, 'hex');
  return { folders: `${digest[0]}/${digest[1]}`, digest };
}

export function objectPath(key: string): string {
  const { folders, digest } = shard(key);
  const name = plainName(key.replace('/', '__'));
  return `state/${folders}/${name.length <= 200 ? name : `${name.slice(0, 180)}-${digest.slice(0, 16)}`}.json`;
}

/** Only letters, digits and a few signs: safe on every file system and in every listing. Anything else as `%XX` of its UTF-8 bytes. */
function plainName(text: string): string {
  return text.replaceAll(/[^\w.#-]+/g, piece => {
    const bytes = [...Buffer.from(piece)];
    return bytes.map(byte => `%${byte.toString(16).padStart(2, '0')}`).join('');
  });
}

export function intentPath(key: string): string {
  const { folders, digest } = shard(key);
  return `intents/${folders}/${digest.slice(0, 16)}.json`;
}

/** JSON for people: two spaces, keys sorted, a line end. */
export function pretty(value: unknown): string {
  return `${JSON.stringify(sorted(value), null, 2)}\n`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map(key => [key, sorted(value[key])]),
  );
}

/** What a checkpoint may have changed in the fold, by name. */
export interface Touched {
  readonly objects: Iterable<string>;
  readonly intents: Iterable<string>;
  readonly approvals: readonly Sha256[];
  readonly header: boolean;
  /** The small files: writer, run, hold. */
  readonly small: readonly ('writer' | 'run' | 'hold')[];
}

const NOTHING: Touched = { objects: [], intents: [], approvals: [], header: false, small: [] };

/** What to render after a checkpoint; `before` is the fold without it. */
export function touchedBy(before: Recorded, { body }: Checkpoint): Touched {
  switch (body.step) {
    case 'take':
    case 'release':
      return { ...NOTHING, small: ['writer'], header: before.sequence === 0 };
    case 'approve':
      return { ...NOTHING, approvals: [body.approval.digest] };
    case 'begin':
      return { ...NOTHING, approvals: [body.run.plan], small: ['run'] };
    case 'intend':
      return { ...NOTHING, intents: body.intents.map(intent => intent.key) };
    case 'token':
      return { ...NOTHING, intents: [body.key] };
    case 'done':
      return {
        ...NOTHING,
        objects: [...body.remove, ...keys(body.objects)],
        intents: [body.key],
        // The run changes only when the change had failed before.
        small: before.run !== null && body.key in before.run.failed ? ['run'] : [],
      };
    case 'fail':
      return { ...NOTHING, objects: keys(body.objects), intents: [body.key], small: ['run'] };
    case 'end':
      return { ...NOTHING, small: ['run'] };
    case 'hold':
    case 'unhold':
      return { ...NOTHING, small: ['hold'] };
    case 'rebuild':
      return everything(before, body.objects);
    case 'compact':
      return NOTHING;
  }
}

function keys(objects: readonly RecordedObject[]): readonly string[] {
  return objects.map(object => object.key);
}

export function everything(recorded: Recorded, more: readonly RecordedObject[] = []): Touched {
  return {
    objects: [...recorded.objects.keys(), ...keys(more)],
    intents: recorded.intents.keys(),
    approvals: recorded.approvals.map(approval => approval.digest),
    header: true,
    small: ['writer', 'run', 'hold'],
  };
}

/** Texts of the touched files as they stand in the fold; null where there is nothing any more. */
export function renderTouched(recorded: Recorded, touched: Touched): Map<string, string | null> {
  const files = new Map<string, string | null>();
  const put = (path: string, value: unknown): void => {
    files.set(path, value === undefined || value === null ? null : pretty(value));
  };
  for (const key of touched.objects) put(objectPath(key), recorded.objects.get(key));
  for (const key of touched.intents) put(intentPath(key), recorded.intents.get(key));
  for (const digest of touched.approvals) {
    put(
      approvalPath(digest),
      recorded.approvals.find(known => known.digest === digest),
    );
  }
  for (const name of touched.small) put(PATHS[name], recorded[name]);
  if (touched.header) {
    put(PATHS.header, { format: FORMAT, workspace: recorded.workspace, lineage: recorded.lineage });
  }
  return files;
}

/** Digests of the plans to keep once another one is added: the newest, and always that of the present run. */
export function keptPlans(kept: readonly Sha256[], added: Sha256, running: Sha256 | null): readonly Sha256[] {
  const order = [...kept.filter(digest => digest !== added), added];
  const surplus = order.length - PLANS_KEPT;
  const dropped = new Set(
    order.filter(digest => digest !== running && digest !== added).slice(0, Math.max(0, surplus)),
  );
  return order.filter(digest => !dropped.has(digest));
}

/** Recorded state as the files of a commit tell it, and the plans in it. The caller has checked that the texts are ours. */
export function parseFiles(files: ReadonlyMap<string, string>): {
  readonly parts: Pick<
    Recorded,
    'workspace' | 'lineage' | 'writer' | 'objects' | 'intents' | 'run' | 'approvals' | 'hold'
  >;
  readonly format: number;
  readonly plans: readonly Sha256[];
} {
  const one = <T>(path: string): T | null => {
    const text = files.get(path);
    return text === undefined ? null : (JSON.parse(text) as T);
  };
  const many = <T>(prefix: string): T[] =>
    [...files].filter(([path]) => path.startsWith(prefix)).map(([, text]) => JSON.parse(text) as T);
  const header = one<{ format: number; workspace: string; lineage: string }>(PATHS.header);
  const objects = many<RecordedObject>('state/').sort(byKey);
  const intents = many<Intent>('intents/').sort(byKey);
  const approvals = many<Recorded['approvals'][number]>('approvals/');
  return {
    format: header?.format ?? 0,
    plans: one<Sha256[]>(PATHS.plans) ?? [],
    parts: {
      workspace: header?.workspace ?? '',
      lineage: header?.lineage ?? '',
      writer: one(PATHS.writer),
      run: one(PATHS.run),
      hold: one(PATHS.hold),
      objects: new Map(objects.map(object => [object.key, object])),
      intents: new Map(intents.map(intent => [intent.key, intent])),
      approvals: approvals.sort((a, b) => a.at - b.at || (a.digest < b.digest ? -1 : 1)),
    },
  };
}

function byKey(a: { readonly key: string }, b: { readonly key: string }): number {
  return a.key < b.key ? -1 : 1;
}
