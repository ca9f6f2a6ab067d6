import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LedgerEntry } from '../../platform/demo-cloud/model.ts';
import type { SettingsInput } from '../../platform/demo-cloud/settings.ts';

/** A demo cloud that the benchmark started, and what it was asked. */
export interface BenchCloud {
  readonly url: string;
  /** Number of requests so far; pass it to `since`. */
  mark(): Promise<number>;
  /** Requests of clients since a mark, oldest first. */
  since(mark: number): Promise<readonly LedgerEntry[]>;
  configure(settings: SettingsInput): Promise<void>;
  close(): Promise<void>;
}

export async function startCloud(settings: SettingsInput = {}): Promise<BenchCloud> {
  const script = fileURLToPath(new URL('./cloud-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(settings)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const url = await firstLine(child);
  const ask = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const reply = await fetch(url + path, init);
    if (!reply.ok) throw new Error(`demo cloud: ${path} answered ${reply.status}`);
    return reply.json();
  };
  return {
    url,
    mark: async () => ((await ask('/admin/health')) as { requests: number }).requests,
    async since(mark) {
      const { entries } = (await ask(`/admin/ledger?from=${mark}`)) as { entries: LedgerEntry[] };
      return entries.filter(entry => entry.operation !== 'admin');
    },
    async configure(next) {
      await ask('/admin/settings', { method: 'PATCH', body: JSON.stringify(next) });
    },
    async close() {
      const ended = new Promise(resolve => child.once('exit', resolve));
      child.stdin?.end();
      await ended;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('the demo cloud has no output');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('the demo cloud did not start');
}
