import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DemoCloudOptions, startDemoCloud } from './server.ts';

export const ADDRESS_FILE = 'address.json';

/** What stands in the address file. */
export interface DemoCloudAddress {
  readonly url: string;
  readonly pid: number;
}

/**
 * Runs a demo cloud in this process until `signal` is aborted or the process is asked to end, and says in
 * `<home>/address.json` where it listens. The file appears whole or not at all, and is removed at the end.
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
  const cloud = await startDemoCloud(rest);
  const address: DemoCloudAddress = { url: cloud.url, pid: process.pid };
  const file = join(options.home, ADDRESS_FILE);
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(address)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
  ready?.(address);
  await asked(signal);
  rmSync(file, { force: true });
  await cloud.close();
}

/** Resolves when the process shall end. */
function asked(signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    const end = (): void => {
      process.off('SIGTERM', end);
      process.off('SIGINT', end);
      resolve();
    };
    process.once('SIGTERM', end);
    process.once('SIGINT', end);
    if (signal?.aborted === true) end();
    else signal?.addEventListener('abort', end, { once: true });
  });
}
