import { createRedactor } from '../../platform/redact/redactor.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { invoke } from '../../operations/invoke.ts';
import { type Call, defineOperation } from '../../operations/operation.ts';
import { ownerPolicy } from '../../operations/permissions.ts';
import { systemWorld } from '../../platform/clock/world.ts';
import { lineLog } from '../../platform/log/lines.ts';
import type { Ports } from '../../reconciler/ports.ts';
import { wire } from '../../reconciler/wire.ts';
import { Fault } from '../../schemas/fault.ts';

let home = '';
let ports: Ports;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'invoke-'));
  const world = systemWorld({});
  const log = lineLog({ format: 'text', level: 'error', clock: world.clock, print: () => {} });
  ports = wire({ world, log, home, tool: '0.0.0', environment: {}, redactor: createRedactor() });
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const CALL: Call = {
  actor: 'ada@host',
  signals: { stop: new AbortController().signal, abort: new AbortController().signal },
  progress: () => {},
  confirm: () => Promise.resolve(false),
};

/** Sees what was durable before its effect. */
function operation(fields: { safe?: boolean; permission?: string; fails?: unknown; answer?: unknown } = {}) {
  return defineOperation({
    name: 'thing.change',
    summary: 'Change a thing.',
    example: 'provisioning thing change',
    permission: fields.permission ?? 'apply:write',
    safe: fields.safe ?? false,
    input: z.strictObject({
      env: z.string().optional().describe('Environment.'),
      count: z.int().min(1).max(9).default(1).describe('How many.'),
      format: z.enum(['a', 'b']).default('a').describe('Which.'),
      secret: z.string().optional().describe('Never recorded.'),
      repository: z.string().optional().describe('Remote.'),
    }),
    output: z.strictObject({ count: z.int(), before: z.int() }),
    async run({ audit }, input) {
      const { records } = await audit.verify();
      if (fields.fails !== undefined) throw fields.fails;
      return (fields.answer ?? { count: input.count, before: records }) as { count: number; before: number };
    },
    text: ({ count }) => `${count}\n`,
  });
}

const ask = (
  fields: Parameters<typeof operation>[0],
  raw: { readonly [field: string]: unknown } = {},
  owner = 'ada@host',
) => invoke(operation(fields), { ports, policy: ownerPolicy(owner) }, raw, CALL);

describe('an operation that changes something', () => {
  it('is on record before its effect and after it', async () => {
    const { output, input } = await ask({}, { count: 3 });
    expect(output).toEqual({ count: 3, before: 1 });
    expect(input).toEqual({ count: 3, format: 'a' });
    const [end, begin] = await ports.audit.list({ limit: 10 });
    expect(begin).toMatchObject({
      phase: 'begin',
      actor: 'ada@host',
      operation: 'thing.change',
      permission: 'apply:write',
      outcome: null,
    });
    expect(begin?.inputDigest).toMatch(/^[0-9a-f]{64}$/);
    expect(end).toMatchObject({ phase: 'end', of: 1, outcome: 'done' });
  });

  it.each([
    [new Fault('refused', { id: 'X', what: 'no' }), 'refused'],
    [new TypeError('oops'), 'bug'],
  ])('is on record when it ends with %s', async (fails, outcome) => {
    await expect(ask({ fails })).rejects.toBe(fails);
    expect((await ports.audit.list({ limit: 1 }))[0]).toMatchObject({ phase: 'end', outcome });
  });

  it('does not happen when it cannot be recorded', async () => {
    rmSync(home, { recursive: true });
    writeFileSync(home, 'a file where the folder was');
    await expect(ask({ fails: new Error('the effect happened') })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('still tells how it ended when that cannot be recorded', async () => {
    const losing: Ports = {
      ...ports,
      audit: {
        ...ports.audit,
        verify: async () => {
          rmSync(home, { recursive: true });
          writeFileSync(home, 'a file where the folder was');
          return { records: 1, head: '', problems: [] };
        },
      },
    };
    const door = { ports: losing, policy: ownerPolicy('ada@host') };
    await expect(invoke(operation(), door, {}, CALL)).resolves.toMatchObject({ output: { before: 1 } });
    await expect(ports.audit.list({ limit: 1 })).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('records plain fields only, and no password of a remote', async () => {
    await ask({}, { env: 'prod', secret: 'hunter2', repository: 'https://bot:hunter2@example.com/infra.git' });
    const records = await ports.audit.list({ limit: 10 });
    expect(records[0]).toMatchObject({ facts: { env: 'prod' }, target: 'https://example.com/infra.git@prod' });
    expect(JSON.stringify(records)).not.toContain('hunter2');
  });
});

describe('an operation that changes nothing', () => {
  it('leaves no record', async () => {
    await expect(ask({ safe: true })).resolves.toMatchObject({ output: { before: 0 } });
    expect(await ports.audit.list({ limit: 10 })).toEqual([]);
  });
});

describe('permission', () => {
  it.each([
    ['somebody else', {}, 'grace@host', 'only grace@host'],
    [
      'a permission that nobody defined',
      { permission: 'thing:write' },
      'ada@host',
      'there is no permission thing:write',
    ],
    ['a name that every object has', { permission: 'constructor' }, 'ada@host', 'there is no permission constructor'],
  ])('is refused to %s, on record', async (_, fields, owner, why) => {
    await expect(ask(fields, {}, owner)).rejects.toMatchObject({
      code: 'denied',
      problems: [{ why: expect.stringContaining(why) }],
    });
    expect(await ports.audit.list({ limit: 10 })).toMatchObject([{ phase: 'end', outcome: 'denied' }]);
  });
});

describe('input', () => {
  it.each([
    [{ count: 0 }, '--count: at least 1'],
    [{ count: 10 }, '--count: at most 9'],
    [{ count: 'x' }, '--count: a whole number'],
    [{ format: 'c' }, '--format: one of a, b'],
    [{ secret: 5 }, '--secret: a string'],
    [{ colour: 'hunter2' }, 'there is no input colour'],
  ])('%j is refused without an effect and without being repeated', async (raw, what) => {
    const fault = await ask({}, raw).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code: 'usage', problems: [{ what }], nothingChanged: true });
    expect(JSON.stringify(fault)).not.toContain('hunter2');
    expect(await ports.audit.list({ limit: 10 })).toEqual([]);
  });
});

it('an answer that is not what was declared is a bug', async () => {
  await expect(ask({ answer: { count: 'many' } })).rejects.toMatchObject({ code: 'bug', nothingChanged: false });
  expect((await ports.audit.list({ limit: 1 }))[0]).toMatchObject({ outcome: 'bug' });
});
