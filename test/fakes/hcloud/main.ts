import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { createHetzner } from './cloud.ts';
import type { State } from './model.ts';

/**
 * The fake as a process on the loopback interface: prints its address, and keeps what it knows in a file when given
 * one, so that it outlives the program under test. `/fake/` is not part of Hetzner Cloud: it arms faults and shows the ledger.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    state: { type: 'string' },
    token: { type: 'string' },
    'action-ms': { type: 'string', default: '5000' },
    'latency-ms': { type: 'string', default: '0' },
  },
});
const file = values.state;
const cloud = createHetzner({
  settings: {
    token: values.token ?? null,
    actionMs: Number(values['action-ms']),
    latencyMs: Number(values['latency-ms']),
  },
  ...(file !== undefined && existsSync(file) ? { state: JSON.parse(readFileSync(file, 'utf8')) as State } : {}),
  keep(state) {
    if (file === undefined) return;
    // Written beside and renamed, so that a killed fake never leaves half a file.
    writeFileSync(`${file}.next`, JSON.stringify(state));
    renameSync(`${file}.next`, file);
  },
});

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString('utf8');
    const { method = 'GET', url = '/' } = request;
    if (url.startsWith('/fake/')) {
      const shown = method === 'GET' ? cloud.ledger() : (cloud.arm(JSON.parse(body)), null);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(shown));
      return;
    }
    const headers = { authorization: request.headers.authorization };
    const answer = cloud.handle({ method, path: url, headers, body }, Date.now());
    setTimeout(() => {
      if (answer.wire === 'lost' || answer.wire === 'cut') return void request.socket.destroy();
      response.writeHead(answer.status, answer.headers).end(answer.body);
    }, answer.delayMs + answer.dripMs);
  });
});
server.listen(Number(values.port), '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
