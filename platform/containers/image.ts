import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { Fault } from '../../schemas/fault.ts';
import type { HttpFetch } from '../../schemas/http.ts';
import { isObject } from '../../schemas/json.ts';
import { mirrorIn } from './mirror.ts';
import { debstrapArguments, IMAGE_LABEL, type Mirror, type Recipe } from './recipe.ts';
import { socketOf } from './unix-fetch.ts';

/** Where an image is built, and who is told how it goes on. */
export interface Building {
  readonly recipe: Recipe;
  /** Address of the engine. */
  readonly url: string;
  readonly fetch: HttpFetch;
  /** Address of a Debian archive; the machine's own sources where null. */
  readonly mirror: string | null;
  readonly signal: AbortSignal;
  say(line: string): void;
}

/** A built image of ours. */
interface BuiltImage {
  readonly image: string;
  readonly recipe: string;
  readonly id: string;
}

/** Version of the Docker API that both engines speak. */
const API = '/v1.40';

/** A file system in memory: building waits for the disk at every package otherwise. */
const MEMORY = '/dev/shm';

/** The images that the engine has. */
export async function builtImages({ url, fetch }: Pick<Building, 'url' | 'fetch'>): Promise<readonly BuiltImage[]> {
  const answer = await fetch(`${url}${API}/images/json`);
  let text = '';
  for await (const chunk of answer.body ?? []) text += Buffer.from(chunk).toString();
  const told = JSON.parse(text) as unknown;
  return (Array.isArray(told) ? (told as unknown[]) : []).flatMap(one => {
    const { Id, Labels, RepoTags } = isObject(one) ? one : {};
    const labels = isObject(Labels) ? Labels : {};
    const image = labels[IMAGE_LABEL.image];
    const isNamed = Array.isArray(RepoTags) && RepoTags.some(tag => String(tag).endsWith(`:${String(image)}`));
    return isNamed ? [{ image: String(image), recipe: String(labels[IMAGE_LABEL.recipe]), id: String(Id) }] : [];
  });
}

/** Builds an image unless the engine has one of this very recipe. Resolves with its id and whether it was there. */
export async function buildImage(building: Building): Promise<{ readonly id: string; readonly wasThere: boolean }> {
  const { recipe, say } = building;
  const there = (await builtImages(building)).find(one => one.image === recipe.image && one.recipe === recipe.hash);
  if (there !== undefined) return { id: there.id, wasThere: true };
  const mirror = mirrorFor(building.mirror);
  say(`${recipe.image}: ${recipe.packages.length} packages and what they need, from ${mirror.archive}`);
  const id = await imported(building, mirror);
  const [name, tag] = recipe.reference.split(/:(?=[^:]*$)/);
  const tagging = await building.fetch(`${building.url}${API}/images/${id}/tag?repo=${name}&tag=${tag}`, {
    method: 'POST',
  });
  if (tagging.status !== 201) throw failure('the engine did not give the image its name');
  return { id, wasThere: false };
}

function mirrorFor(given: string | null): Mirror {
  if (given !== null) return mirrorIn(`URIs: ${given}\n`);
  const sources = '/etc/apt/sources.list.d/debian.sources';
  return mirrorIn(existsSync(sources) ? readFileSync(sources, 'utf8') : '');
}

/** The root file system goes from the program that makes it straight to the engine. */
function imported({ recipe, url, signal, say }: Building, mirror: Mirror): Promise<string> {
  const socket = socketOf(url);
  if (socket === undefined) throw failure('the engine must be one of this machine');
  const changes = recipe.changes.map(change => `&changes=${encodeURIComponent(change)}`).join('');
  return new Promise((resolve, reject) => {
    const upload = request(
      {
        socketPath: socket,
        method: 'POST',
        path: `${API}/images/create?fromSrc=-${changes}`,
        headers: { host: 'localhost', 'content-type': 'application/x-tar' },
        signal,
      },
      answer => {
        let told = '';
        answer.on('data', (chunk: Buffer) => (told += chunk.toString()));
        answer.on('end', () => {
          const id = /sha256:[0-9a-f]{64}/.exec(told)?.[0];
          if (answer.statusCode === 200 && id !== undefined) resolve(id);
          else reject(failure('the engine did not take the image'));
        });
      },
    );
    upload.on('error', () => reject(failure('the engine did not take the image')));
    const env = { ...process.env, ...(existsSync(MEMORY) ? { TMPDIR: MEMORY } : {}) };
    const making = spawn('mmdebstrap', debstrapArguments(recipe, mirror), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
      signal,
    });
    const fail = (what: string): void => {
      upload.destroy();
      reject(failure(what));
    };
    making.on('error', () => fail('mmdebstrap cannot be run'));
    making.stdout.pipe(upload, { end: false });
    making.stderr.on('data', (chunk: Buffer) => {
      for (const [, line] of chunk.toString().matchAll(/^I: (?!running --|removing tempdir)(.*)$/gm))
        say(`${recipe.image}: ${line}`);
    });
    // Only a whole file system is one: the engine must not take what a failure left.
    making.on('close', code => {
      if (code === 0) upload.end();
      else fail(`mmdebstrap ended with ${code}`);
    });
  });
}

function failure(what: string): Fault {
  const fix =
    'run as root, with mmdebstrap installed (apt-get install mmdebstrap) and a Debian archive in reach (--mirror)';
  return new Fault('unavailable', { id: 'IMAGE-BUILD', what: `the image was not built: ${what}`, fix });
}
