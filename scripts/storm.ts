// A storm of webhooks on one door: `npx tsx scripts/storm.ts [--seconds 60] [--deliveries 10000]`. The door runs in a process of its
// own, with a queue behind it whose work asks this process for the newest commit of a repository, as a poll would. Of the
// deliveries 30 % come twice, 20 % come signed wrongly first, and 20 bodies are too large; then the last 2,000 come again. It fails when a newest commit is lost, work was done more often than there were commits, or an answer took too long.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, deliveries: { type: 'string', default: '10000' } },
});

const REPOSITORIES = 50;
const SECRET = 'the secret of this storm only';
const LIMIT_MS = 500;
const LIMIT_MIB = 300;

/** Newest commit of each repository, and how often it was asked for. */
const newest = new Map<string, number>();
const seen = new Map<string, number>();
let commits = 0;
let work = 0;

const truth = createServer((request, response) => {
  const name = decodeURIComponent((request.url ?? '').slice(1));
  work += 1;
  seen.set(name, newest.get(name) ?? 0);
  response.end(String(newest.get(name) ?? 0));
});
await new Promise<void>(resolve => truth.listen(0, '127.0.0.1', resolve));

const child = spawn(
  process.execPath,
  ['--import', 'tsx', join(import.meta.dirname, 'storm-door.ts'), String((truth.address() as AddressInfo).port)],
  { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, STORM_SECRET: SECRET } },
);
const url = await firstLine(child);
const peak = watchMemory(child);

const count = Number(values.deliveries);
const everyMs = (Number(values.seconds) * 1_000) / count;
const took: number[] = [];
const answers = new Map<number, number>();
const old: { readonly body: string; readonly id: string }[] = [];
const began = performance.now();
const pending: Promise<void>[] = [];
for (let index = 0; index < count; index += 1) {
  const name = `acme/r-${index % REPOSITORIES}`;
  commits += 1;
  newest.set(name, (newest.get(name) ?? 0) + 1);
  const body = JSON.stringify({ repository: { full_name: name }, pull_request: { number: 1 } });
  const id = randomUUID();
  old.push({ body, id });
  const isForged = index % 5 === 4;
  // A forged delivery tells nothing; the true one of the same commit comes a little later, after younger ones.
  if (isForged) later(() => send(body, { id: randomUUID(), secret: 'somebody else made this up' }), 0);
  later(() => send(body, { id }), isForged ? 400 : (index % 7) * 40);
  if (index % 10 < 3) later(() => send(body, { id }), 250);
  const restMs = began + (index + 1) * everyMs - performance.now();
  if (restMs > 2) await new Promise(resolve => setTimeout(resolve, restMs));
}
for (let index = 0; index < 20; index += 1)
  later(() => send('x'.repeat(26 * 1024 * 1024), { id: randomUUID() }), index * 50);
await Promise.all(pending);
await settled();
const lost = [...newest].filter(([name, commit]) => seen.get(name) !== commit).length;
const workBefore = work;
for (const { body, id } of old.slice(-2_000)) await send(body, { id });
await settled();
const replayed = work - workBefore;
child.kill('SIGTERM');
truth.close();

took.sort((a, b) => a - b);
const at = (share: number): number => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0;
const peakMib = peak() / 1024;
console.log(
  `${took.length} answers, ${count} deliveries meant, in ${((performance.now() - began) / 1_000).toFixed(0)} s`,
);
console.log(`status ${[...answers].map(([status, times]) => `${status}: ${times}`).join(', ')}`);
console.log(
  `acknowledged: p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms, longest ${at(1).toFixed(0)} ms`,
);
console.log(
  `newest commits lost: ${lost} of ${newest.size}; looks: ${workBefore} for ${commits} commits; old deliveries acted on: ${replayed}`,
);
console.log(`memory of the door: ${peakMib.toFixed(0)} MiB at most`);
process.exitCode =
  lost > 0 || workBefore > commits || replayed > 0 || at(0.99) >= LIMIT_MS || peakMib >= LIMIT_MIB ? 1 : 0;

function later(run: () => Promise<void>, ms: number): void {
  pending.push(new Promise(resolve => setTimeout(() => void run().then(resolve), ms)));
}

async function send(body: string, how: { readonly id: string; readonly secret?: string }): Promise<void> {
  const from = performance.now();
  try {
    const answer = await fetch(url, {
      method: 'POST',
      body,
      headers: {
        'x-github-event': 'pull_request',
        'x-github-delivery': how.id,
        'x-hub-signature-256': `sha256=${createHmac('sha256', how.secret ?? SECRET)
          .update(body)
          .digest('hex')}`,
      },
    });
    await answer.arrayBuffer();
    answers.set(answer.status, (answers.get(answer.status) ?? 0) + 1);
    if (answer.status !== 413) took.push(performance.now() - from);
  } catch {
    // The door closes a connection whose body is too large while it is still being sent.
    answers.set(413, (answers.get(413) ?? 0) + 1);
  }
}

async function settled(): Promise<void> {
  for (let quiet = 0, last = -1; quiet < 5; quiet = last === work ? quiet + 1 : 0) {
    last = work;
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}

function firstLine(of: ChildProcess): Promise<string> {
  return new Promise(resolve => of.stdout?.once('data', (part: Buffer) => resolve(String(part).trim())));
}

/** Largest resident size in KiB that the child reports. */
function watchMemory(of: ChildProcess): () => number {
  let most = 0;
  of.stdout?.on('data', (part: Buffer) => {
    for (const line of String(part).split('\n')) most = Math.max(most, Number(line) || 0);
  });
  return () => most;
}
