import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { serve } from '../serve.ts';
import { type TrapInput, createAws } from './cloud.ts';
import { replyOf } from './faults.ts';
import type { State } from './model.ts';

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
const { state: file, 'access-key-id': accessKeyId } = values;
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

const OWN: { readonly [path: string]: (body: string) => unknown } = {
  '/fake/arm': body => void cloud.arm(JSON.parse(body) as TrapInput),
  '/fake/ledger': () => cloud.ledger(),
};

const { url } = await serve((request, nowMs) => {
  const own = OWN[request.path];
  if (own === undefined) return cloud.handle(request, nowMs);
  return replyOf(200, JSON.stringify(own(request.body) ?? null), { 'content-type': 'application/json' });
}, Number(values.port));
process.stdout.write(`${url}\n`);
