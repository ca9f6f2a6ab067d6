import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { serve } from '../serve.ts';
import { createHetzner } from './cloud.ts';
import { describedBy, packagedDescription } from './description.ts';
import { reply } from './faults.ts';
import type { State } from './model.ts';

/**
 * The fake as a process on the loopback interface: prints the address of its API, and keeps what it knows in a file when
 * given one, so that it outlives the program under test. `/fake/` is not part of the API: it arms faults, and shows the
 * ledger and what was not as described.
 */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    state: { type: 'string' },
    token: { type: 'string' },
    spec: { type: 'string' },
    'action-ms': { type: 'string', default: '1000' },
    'latency-ms': { type: 'string', default: '0' },
  },
});
const { state: file, spec } = values;
const cloud = createHetzner({
  settings: {
    token: values.token ?? null,
    actionMs: Number(values['action-ms']),
    latencyMs: Number(values['latency-ms']),
  },
  descriptions: [packagedDescription(), ...(spec === undefined ? [] : [describedBy(spec)])],
  ...(file !== undefined && existsSync(file) ? { state: JSON.parse(readFileSync(file, 'utf8')) as State } : {}),
  keep(state) {
    if (file === undefined) return;
    // Written beside and renamed, so that a killed fake never leaves half a file.
    writeFileSync(`${file}.next`, JSON.stringify(state));
    renameSync(`${file}.next`, file);
  },
});

const OWN: { readonly [path: string]: (body: string) => unknown } = {
  '/fake/arm': body => void cloud.arm(JSON.parse(body)),
  '/fake/ledger': () => cloud.ledger(),
  '/fake/violations': () => cloud.violations(),
};

const { url } = await serve((request, nowMs) => {
  const own = OWN[request.path];
  return own === undefined ? cloud.handle(request, nowMs) : reply(200, own(request.body) ?? null);
}, Number(values.port));
process.stdout.write(`${url}/v1\n`);
