import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { CLUSTERS } from '../../clusters/index.ts';
import { clusterShow } from '../../operations/cluster.show.ts';
import { schemaShow } from '../../operations/schema.show.ts';
import { taskservList } from '../../operations/taskserv.list.ts';
import { taskservShow } from '../../operations/taskserv.show.ts';
import { systemWorld } from '../../platform/clock/world.ts';
import { createRedactor } from '../../platform/redact/redactor.ts';
import { wire } from '../../reconciler/wire.ts';
import { ROOT } from '../../scripts/generate/format.ts';
import { TASKSERVS } from '../../taskservs/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'provisioning-shown-'));
afterAll(() => rmSync(folder, { recursive: true }));
const world = systemWorld({});
const log = { write: () => {} };
const ports = wire({ world, log, home: folder, tool: '0.0.0', environment: {}, redactor: createRedactor() });
const call = { actor: 'me' } as never;
const HELLO = join(ROOT, 'example-workspace/hello');
const OWN = join(ROOT, 'example-workspace/own-service');
const plain = { colour: false, width: 80 };

test.each(Object.keys(TASKSERVS))('taskserv show %s', async service => {
  const shown = taskservShow.output.parse(await taskservShow.run(ports, { service, directory: HELLO }, call));
  expect(shown.isOwn).toBe(false);
  expect(shown.example).toContain(`${service}:`);
  const text = taskservShow.text(shown, plain);
  for (const { name, description } of shown.parameters) {
    expect(text).toContain(name);
    expect(text).toContain(description);
  }
});

describe('services of a workspace', () => {
  it('are shown and listed there alone', async () => {
    const shown = await taskservShow.run(ports, { directory: OWN, service: 'memcached' }, call);
    expect(taskservShow.text(taskservShow.output.parse(shown), plain)).toMatchInlineSnapshot(`
      "memcached: A cache in memory that forgets what is used least.

        in          databases (of this workspace)
        comes from  packages of the distribution
        holds data  no

        port         (number) Port of the cache. Default: 11211.
        memoryMib    (number) How much it keeps in MiB. Default: 64.
        connections  (number) How many clients at once. Default: 1024.
      "
    `);
    const own = async (directory: string): Promise<readonly string[]> =>
      (await taskservList.run(ports, { directory }, call)).flatMap(({ name, isOwn }) => (isOwn ? [name] : []));
    expect(await own(OWN)).toEqual(['memcached']);
    expect(await own(HELLO)).toEqual([]);
  });

  it('are not known elsewhere', async () => {
    const asked = taskservShow.run(ports, { directory: ROOT, service: 'memcached' }, call);
    await expect(asked).rejects.toMatchObject({ code: 'usage', problems: [{ id: 'CLI-TASKSERV' }] });
  });
});

test.each(Object.keys(CLUSTERS))('cluster show %s', async template => {
  const shown = clusterShow.output.parse(await clusterShow.run(ports, { template }, call));
  const text = clusterShow.text(shown, plain);
  expect(text).toContain(`${template}:\n`);
  expect(shown.fields.map(({ name }) => name)).toContain('operators');
});

test('the schema of a service or template is one for itself', async () => {
  const fits = async (file: string, value: unknown): Promise<boolean> =>
    z.fromJSONSchema((await schemaShow.run(ports, { file }, call)) as never).safeParse(value).success;
  expect(await fits('taskserv.redis', { password: '${secret.cache/password}', memoryMib: 64 })).toBe(true);
  expect(await fits('taskserv.redis', { memoryMib: 'much' })).toBe(false);
  expect(await fits('cluster.web', { nodes: 3 })).toBe(true);
  expect(await fits('cluster.web', { nods: 3 })).toBe(false);
  await expect(schemaShow.run(ports, { file: 'taskserv.rediss' }, call)).rejects.toMatchObject({
    problems: [{ id: 'CLI-TASKSERV', fix: 'did you mean redis?' }],
  });
});
