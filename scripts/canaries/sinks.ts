import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { objectsOf, repositoriesIn, unpacked } from './objects.ts';
import type { Scan } from './needles.ts';
import type { Watch } from './processes.ts';
import type { Site } from './site.ts';

/** What was looked through, and the canaries that were found there. */
export interface Looked {
  readonly sink: string;
  readonly bytes: number;
  readonly found: readonly string[];
}

/** Parts of `PROVISIONING_HOME`; everything else in it is `other files`. */
const PARTS: { readonly [folder: string]: string } = { 'audit.jsonl': 'audit log', plans: 'stored plans' };
/** Where a program may leave something that is no temporary file of its own folder. */
const SHARED = ['/dev/shm'];

/** Looks through every place that something can leave the program to, and starts counting anew. */
export async function lookEverywhere(site: Site, watch: Watch, scan: Scan): Promise<readonly Looked[]> {
  const processes = watch.taken();
  const printed = site.printed.splice(0);
  const home = filesIn(site.home);
  const part = (path: string): string => PARTS[path.split('/')[0] ?? ''] ?? 'other files';
  const texts: (readonly [string, Buffer])[] = [
    ['terminal', Buffer.from(printed.map(({ stdout }) => stdout).join('\n'))],
    ['log', Buffer.from(printed.map(({ stderr }) => stderr).join('\n'))],
    ['comments, checks', site.tap.sent()],
    [
      'on the forge',
      Buffer.from(
        textsIn([site.repository.state.issues, site.repository.state.checks, site.repository.state.statuses]).join(
          '\n',
        ),
      ),
    ],
    ['processes', processes.bytes],
    ['git objects', await objects(site)],
    ...home.map(([path, bytes]) => [part(path), bytes] as const),
    ...[site.temporary, ...SHARED].flatMap(folder => filesIn(folder).map(([, bytes]) => ['temporary', bytes] as const)),
  ];
  const sinks = [...new Set(['audit log', 'stored plans', 'other files', 'temporary', ...texts.map(([sink]) => sink)])];
  return sinks.map(sink => {
    const all = texts.filter(([name]) => name === sink).map(([, bytes]) => bytes);
    const found = new Set(all.flatMap(bytes => [...scan(bytes)]));
    return { sink, bytes: all.reduce((sum, bytes) => sum + bytes.length, 0), found: [...found] };
  });
}

/** All objects of the repository itself and of every copy of it, but those that people pushed. */
async function objects(site: Site): Promise<Buffer> {
  const pushed = [...site.repository.state.branches.keys()].filter(name => !name.startsWith('provisioning/'));
  const own = await objectsOf(site.repository.path, pushed);
  const places = [site.repository.path, ...repositoriesIn(site.home)];
  return Buffer.concat(await Promise.all(places.map(place => unpacked(place, own))));
}

/** Every file below a folder. What Git packed is looked at unpacked instead. */
function filesIn(folder: string, below = ''): readonly (readonly [string, Buffer])[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap(entry => {
    const path = join(below, entry.name);
    if (entry.isDirectory()) return entry.name === 'objects' ? [] : filesIn(folder, path);
    if (!entry.isFile()) return [];
    try {
      return [[path, readFileSync(join(folder, path))] as const];
    } catch {
      // It was taken away meanwhile.
      return [];
    }
  });
}

/** Every text inside a value, as it is: written as JSON it would be quoted once more. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
