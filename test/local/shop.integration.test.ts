import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { openPodman } from '../hosts/podman.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Everything that `npm run local` says, line by line without the time, and how it ends. */
function shown(): Promise<{ readonly code: number | null; readonly lines: readonly string[] }> {
  return new Promise((resolve, reject) => {
    const child = spawn('npx', ['tsx', 'scripts/local/main.ts'], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
    child.on('error', reject);
    child.on('close', code => resolve({ code, lines: text.split('\n').map(line => line.replace(/^ *\d+ s {2}/, '')) }));
  });
}

test('a shop on three hosts comes from nothing, is used, changes by a push, and leaves nothing', async () => {
  const { code, lines } = await shown();
  const told = lines.join('\n');
  expect({ code, told }).toMatchObject({ code: 0 });
  expect(told).toMatch(/http:\/\/\S+ says "Welcome from web-1" and "Welcome from web-2"/);
  expect(told).toMatch(/postgres:\S+ wrote a row and read it/);
  expect(told).toMatch(/redis:\S+ set a key and read it/);
  expect(told).toMatch(/says "Good morning from web-1" and "Good morning from web-2"; \d+ requests meanwhile/);
  expect(told).toMatch(/destroyed: of \d+ containers, volumes and networks 0 are left/);
  const podman = openPodman();
  const there = [
    await podman.run(['ps', '-a', '--format', '{{.Names}}']),
    await podman.run(['volume', 'ls', '--format', '{{.Name}}']),
    await podman.run(['network', 'ls', '--format', '{{.Name}}']),
  ];
  expect(there.join('\n')).not.toContain('local-shop-');
});
