import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Holder, Intent, RecordedObject, RunRecord, Step } from '../../../schemas/checkpoint.ts';
import type { Failpoint } from '../../../schemas/failpoint.ts';
import type { Plan } from '../../../schemas/plan.ts';
import type { World } from '../../../schemas/world.ts';

/** The real clock and real randomness, with a hook at the failpoints. */
export function realWorld(reach: (point: Failpoint) => Promise<void> | void = () => {}): World {
  return {
    clock: {
      now: () => Date.now(),
      monotonic: () => performance.now(),
      sleep: async (ms, signal) => {
        await pause(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
          throw signal?.aborted === true ? signal.reason : error;
        });
      },
    },
    randomHex: count => randomBytes(count).toString('hex'),
    reach: async point => reach(point),
  };
}

export function holder(id: string, pid: number = process.pid): Holder {
  return { id, host: 'node-1', pid };
}

export function sha(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

export function object(name: string, more: Partial<RecordedObject> = {}): RecordedObject {
  const address = `server/${name}`;
  return {
    key: address,
    address,
    kind: 'server',
    provider: 'demo',
    account: 'demo',
    id: `i-${name}`,
    spec: { size: 'small', labels: { role: 'web' } },
    outputs: { privateIp: '10.0.0.1' },
    needs: ['network/main'],
    protect: false,
    opId: `op-${name}`,
    by: { run: 'run-1', key: `create ${address}` },
    ...more,
  };
}

export function intent(name: string, more: Partial<Intent> = {}): Intent {
  const address = `server/${name}`;
  return {
    key: `create ${address}`,
    action: 'create',
    address,
    kind: 'server',
    provider: 'demo',
    opId: `op-${name}`,
    run: 'run-1',
    epoch: 1,
    ...more,
  };
}

export function plan(text: string): Plan {
  return {
    format: 1,
    purpose: 'apply',
    workspace: 'shop',
    commit: sha(text).slice(0, 40),
    tree: sha(`${text} tree`).slice(0, 40),
    lineage: '0123456789ab',
    base: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
    tool: '0.1.0',
    policy: sha('policy'),
    observed: sha('observed'),
    options: { targets: [], excludes: [], destroy: false, allowDeletes: null },
    changes: [],
    findings: [],
    counts: { create: 0, update: 0, replace: 0, delete: 0, adopt: 0, forget: 0, unchanged: 0 },
    risk: 'none',
    price: null,
    changesDigest: sha(`${text} changes`),
    digest: sha(`${text} digest`),
  };
}

export function run(id: string, of: Plan): RunRecord {
  return {
    id,
    purpose: 'apply',
    plan: of.digest,
    commit: of.commit,
    changes: 1,
    startedAt: 1,
    approvedBy: 'ada',
    rollbackOf: null,
    failed: {},
    endedAt: null,
    outcome: null,
  };
}

export function begin(text: string, id = 'run-1'): Step {
  const of = plan(text);
  return { step: 'begin', run: run(id, of), plan: of };
}

export function done(name: string, more: Partial<RecordedObject> = {}): Step {
  return { step: 'done', key: `create server/${name}`, objects: [object(name, more)], remove: [] };
}
