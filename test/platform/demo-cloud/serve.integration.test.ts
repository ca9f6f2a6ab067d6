import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import type { CloudObject, LedgerEntry } from '../../../platform/demo-cloud/model.ts';

const ENTRY = join(import.meta.dirname, '../../../platform/demo-cloud/serve.ts');
const homes: string[] = [];
const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const home of homes.splice(0)) rmSync(home, { recursive: true });
});

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'demo-cloud-process-'));
  homes.push(home);
  return home;
}

/** A cloud in a process of its own. */
async function serve(home: string): Promise<{ child: ChildProcess; url: string; ended: Promise<number | null> }> {
  const code = `const { serveDemoCloud } = await import(${JSON.stringify(ENTRY)});
    await serveDemoCloud({ home: ${JSON.stringify(home)}, ready: address => console.log(address.url) });`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve));
  const url = await new Promise<string>(resolve =>
    child.stdout?.once('data', (text: Buffer) => resolve(text.toString().trim())),
  );
  return { child, url, ended };
}

async function ask<T>(url: string, what: string): Promise<T> {
  return (await (await fetch(`${url}/admin/${what}`)).json()) as T;
}

it('loses nothing it acknowledged when it is killed', async () => {
  const home = newHome();
  const acknowledged = new Set<string>();
  let made = 0;
  for (let round = 0; round < 3; round += 1) {
    const { child, url, ended } = await serve(home);
    const before = acknowledged.size;
    const work = Array.from({ length: 16 }, async () => {
      for (;;) {
        made += 1;
        const body = JSON.stringify({ name: `server-${made}`, size: 'small', image: 'debian-12' });
        const reply = (await (await fetch(`${url}/v1/servers`, { method: 'POST', body })).json()) as {
          object: CloudObject;
        };
        acknowledged.add(reply.object.id);
        if (acknowledged.size === before + 150) child.kill('SIGKILL');
      }
    });
    expect((await Promise.allSettled(work)).every(result => result.status === 'rejected')).toBe(true);
    await ended;
  }
  const { url } = await serve(home);
  const { objects } = await ask<{ objects: readonly CloudObject[] }>(url, 'objects');
  const { entries } = await ask<{ entries: readonly LedgerEntry[] }>(url, 'ledger');
  const ids = new Set(objects.map(object => object.id));
  expect([...acknowledged].filter(id => !ids.has(id))).toEqual([]);
  expect(acknowledged.size).toBeGreaterThanOrEqual(450);
  expect(entries.map(entry => entry.seq)).toEqual(entries.map((_, at) => at + 1));
  const created = entries.flatMap(entry =>
    entry.effect.startsWith('created ') ? [entry.effect.slice('created '.length)] : [],
  );
  expect(created.sort()).toEqual([...ids].sort());
});

it('ends cleanly when it is asked to', async () => {
  const home = newHome();
  const { child, url, ended } = await serve(home);
  const file = join(home, 'address.json');
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ url, pid: child.pid });
  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  expect(existsSync(file)).toBe(false);
  expect(existsSync(join(home, 'lock'))).toBe(false);
});
