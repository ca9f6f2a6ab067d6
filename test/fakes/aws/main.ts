import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { type TrapInput, createAws } from './cloud.ts';
import type { FakeReply, State } from './model.ts';

/**
 * The fake as a process on the loopback interface: prints its address, and keeps what it knows in a file when given
 * one, so that it outlives the program under test. `/fake/` is not part of AWS: it arms faults and shows the ledger.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    state: { type: 'string' },
    'access-key-id': { type: 'string' },
    'secret-access-key': { type: 'string', default: '' },
    'action-ms': { type: 'string', default: '5000' },
    'latency-ms': { type: 'string', default: '0' },
    'lag-ms': { type: 'string', default: '0' },
  },
});
const file = values.state;
const accessKeyId = values['access-key-id'];
const cloud = createAws({
  now: Date.now(),
  settings: {
    credentials: accessKeyId === undefined ? null : { accessKeyId, secretAccessKey: values['secret-access-key'] },
    actionMs: Number(values['action-ms']),
    latencyMs: Number(values['latency-ms']),
    lagMs: Number(values['lag-ms']),
  },
  ...(file !== undefined && existsSync(file) ? { state: JSON.parse(readFileSync(file, 'utf8')) as State } : {}),
  keep(state) {
    if (file === undefined) return;
    // Written beside and renamed, so that a killed fake never leaves half a file.
    writeFileSync(`${file}.next`, JSON.stringify(state));
    renameSync(`${file}.next`, file);
  },
});

function answerTo(url: string, body: string, headers: { readonly [name: string]: string }): FakeReply | object {
  if (url === '/fake/ledger') return cloud.ledger();
  if (url === '/fake/faults') return { armed: cloud.arm(JSON.parse(body) as TrapInput) !== undefined };
  return cloud.handle({ host: headers['host'] ?? '', path: url, headers, body }, Date.now());
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const answer = answerTo(request.url ?? '/', Buffer.concat(chunks).toString('utf8'), headers);
    if (!('wire' in answer)) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
      return;
    }
    setTimeout(() => {
      if (answer.wire === 'lost' || answer.wire === 'cut') return void request.socket.destroy();
      response.writeHead(answer.status, answer.headers).end(answer.body);
    }, answer.delayMs + answer.dripMs);
  });
});
server.listen(Number(values.port), '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
