import { Worker, type WorkerOptions } from 'node:worker_threads';
import { LIMITS } from '../../schemas/limits.ts';
import type { Document, Flaw } from '../../schemas/parse/node.ts';
import type { FileReader, ReadReply, ReadRequest } from './port.ts';

/** Longest start of a worker; its own time, so that a busy machine does not make a good file look slow. */
const START_MS = 30_000;

/**
 * Reads files in a worker thread, one after the other, each under the deadline and the memory limit. A worker that
 * passes either is ended, and the next file gets a new one.
 */
export function createWorkerReader(
  limits: { readonly parseMs: number; readonly parseMemoryMib: number } = LIMITS,
): FileReader {
  let worker: Promise<Worker> | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const readNow = async (request: ReadRequest): Promise<Document> => {
    worker ??= start(limits.parseMemoryMib);
    const running = await worker;
    const reply = await ask(running, request, limits.parseMs);
    if (typeof reply === 'object') return reply;
    if (reply === 'ready') throw new Error('the parser worker answered out of turn');
    worker = undefined;
    await running.terminate();
    return { path: request.path, text: '', root: null, flaws: [refusal(reply, limits)] };
  };
  return {
    read(path, bytes) {
      const next = last.then(() => readNow({ path, bytes }));
      last = next.catch(() => undefined);
      return next;
    },
    async close() {
      await last;
      await (await worker)?.terminate();
      worker = undefined;
    },
  };
}

type Refused = 'late' | 'memory';

function refusal(reply: Refused, limits: { readonly parseMs: number; readonly parseMemoryMib: number }): Flaw {
  return {
    id: 'WS-LIMIT',
    at: 0,
    what:
      reply === 'late'
        ? `the file takes longer than ${limits.parseMs} ms to read`
        : `the file takes more than ${limits.parseMemoryMib} MiB of memory to read`,
    why: 'no file may hold up the others',
    fix: 'split it, and write plain maps and lists without anchors',
  };
}

async function start(memoryMib: number): Promise<Worker> {
  const worker = open({
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: memoryMib, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 },
  });
  worker.unref();
  const reply = await ask(worker, undefined, START_MS);
  if (reply === 'ready') return worker;
  await worker.terminate();
  throw new Error(`the parser worker did not start: ${typeof reply === 'string' ? reply : 'unexpected reply'}`);
}

/** In the built program the worker is a file beside the bundle; under the sources it is TypeScript, which a worker reads only after tsx was registered in it. */
function open(options: WorkerOptions): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./parser-worker.js', import.meta.url), options);
  const source = JSON.stringify(new URL('./parser-worker.ts', import.meta.url).href);
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  return new Worker(`import(${loader}).then(({ register }) => { register(); return import(${source}); });`, {
    ...options,
    eval: true,
  });
}

/** Sends a request, if any, and waits for one message, the deadline, or the worker's end. */
function ask(worker: Worker, request: ReadRequest | undefined, deadlineMs: number): Promise<ReadReply | Refused> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(() => resolve('late')), deadlineMs);
    const onMessage = (reply: ReadReply): void => settle(() => resolve(reply));
    const onError = (error: Error & { code?: string }): void =>
      settle(() => (error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? resolve('memory') : reject(error)));
    const settle = (then: () => void): void => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError);
      then();
    };
    worker.on('message', onMessage).on('error', onError);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    if (request !== undefined) worker.postMessage(request);
  });
}
