import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import type { AppliedOutput } from '../../operations/applying.ts';
import { applyRun } from '../../operations/apply.run.ts';
import { destroyRun } from '../../operations/destroy.run.ts';
import type { Call } from '../../operations/operation.ts';
import { sopsStore } from '../../platform/secrets/store.ts';
import type { Json } from '../../schemas/json.ts';
import { RECORDED, SURROUNDINGS } from '../platform/secrets/recorded.ts';
import { openSite, type Site } from '../reconciler/site.ts';
import { SAMPLES } from './samples.ts';

/**
 * The life of every template at the demo cloud, through Git, plan, apply and checkpoints: made, in sync, larger, smaller,
 * gone. The cloud has task services of its own; what they do on a host is proven where hosts are.
 */
let site: Site;
beforeEach(async () => {
  site = await openSite({ leaseMs: 60_000 });
});
afterEach(() => site.close());

const write = (template: string, fields: { readonly [field: string]: Json }): Promise<string> =>
  site.push({
    'clusters/main.json': JSON.stringify({ [template]: { main: fields } }),
    'secrets/db.sops.yaml': readFileSync(`${RECORDED}sealed/db.sops.yaml`, 'utf8'),
  });

async function run(operation: typeof applyRun, more: Partial<z.input<typeof applyRun.input>> = {}) {
  const ports = { ...site.ports, secretStore: sopsStore(SURROUNDINGS) };
  const call = { ...site.options(), confirm: () => Promise.resolve(true) } as unknown as Call;
  const input = operation.input.parse({ directory: site.clone, autoApprove: true, ...more });
  return (await operation.run(ports, input, call)) as AppliedOutput;
}

function actions({ plan, run: summary }: AppliedOutput): ReadonlySet<string> {
  if (plan.changes.length > 0) expect(summary?.outcome).toBe('done');
  return new Set(plan.changes.map(({ action }) => action));
}

const objects = (): number => site.cloud.core.objects().length;

describe.each(Object.entries(SAMPLES))('%s', (template, { fields, grows }) => {
  test('is made, stays as it is, grows, shrinks and goes', async () => {
    const [small, large] = grows?.sizes ?? [];
    const sized = (size: number | undefined) =>
      grows === undefined || size === undefined ? fields : { ...fields, [grows.field]: size };
    await write(template, sized(small));
    const first = await run(applyRun);
    expect(actions(first)).toEqual(new Set(['create']));
    const count = first.plan.changes.length;
    expect(objects()).toBe(count);
    expect(await run(applyRun)).toMatchObject({ writes: 0, checkpoints: 0, run: null });

    if (large !== undefined) {
      await write(template, sized(large));
      const grown = await run(applyRun);
      expect(grown.plan.changes.filter(({ action }) => action === 'delete').map(({ address }) => address)).toEqual([]);
      const more = grown.plan.counts.create;
      expect(more).toBeGreaterThan(0);
      expect(objects()).toBe(count + more);
      await write(template, sized(small));
      const shrunk = await run(applyRun, { allowDeletes: more });
      expect([...actions(shrunk)]).not.toContain('create');
      expect(objects()).toBe(count);
      expect(await run(applyRun)).toMatchObject({ writes: 0, checkpoints: 0, run: null });
    }

    expect(actions(await run(destroyRun, { allowDeletes: count }))).toEqual(new Set(['delete']));
    expect(objects()).toBe(0);
  });
});
