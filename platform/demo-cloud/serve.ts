import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ADDRESS_FILE, type DemoCloudAddress } from './running.ts';
import { type DemoCloudOptions, startDemoCloud } from './server.ts';

/**
 * Runs a demo cloud in this process until `signal` is aborted or the process is asked to end, and says in
 * `<home>/address.json` where it listens. The file appears whole or not at all, and is removed at the end.
 * Throws Fault `locked` when another process runs the cloud of this folder, and what the disk said when it is full.
 */
export async function serveDemoCloud(
  options: DemoCloudOptions & {
    readonly home: string;
    readonly signal?: AbortSignal;
    readonly ready?: (address: DemoCloudAddress) => void;
  },
): Promise<void> {
  const { signal, ready, ...rest } = options;
  mkdirSync(options.home, { recursive: true });
  const broken = new AbortController();
  // Before anybody can know that it runs, it must be able to end in order.
  const end = asked([broken.signal, ...(signal === undefined ? [] : [signal])]);
  const cloud = await startDemoCloud({ ...rest, broken: error => broken.abort(error) }).catch((error: unknown) => {
    broken.abort(error);
    throw error;
  });
  const address: DemoCloudAddress = { url: cloud.url, pid: process.pid };
  const file = join(options.home, ADDRESS_FILE);
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(address)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
  ready?.(address);
  await end;
  rmSync(file, { force: true });
  await cloud.close();
  broken.signal.throwIfAborted();
}

/** Resolves when the process shall end. */
function asked(signals: readonly AbortSignal[]): Promise<void> {
  return new Promise(resolve => {
    const end = (): void => {
      process.off('SIGTERM', end);
      process.off('SIGINT', end);
      resolve();
    };
    process.once('SIGTERM', end);
    process.once('SIGINT', end);
    for (const signal of signals) {
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    }
  });
}
