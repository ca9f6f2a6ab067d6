import { afterAll, beforeAll, expect, test } from 'vitest';
import { applyRun } from '../../operations/apply.run.ts';
import { destroyRun } from '../../operations/destroy.run.ts';
import type { Call } from '../../operations/operation.ts';
import { openSite, type Site } from '../reconciler/site.ts';

let site: Site;
beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());

test('a provider that cannot be looked at is never called in sync', async () => {
  await site.push({ 'infra/main.yaml': 'server:\n  web: { size: small, image: debian-12, zone: fi-1 }\n' });
  const call = { ...site.options(), confirm: () => Promise.resolve(true) } as unknown as Call;
  const input = { directory: site.clone, autoApprove: true, allowDeletes: 1 };
  const applied = await applyRun.run(site.ports, applyRun.input.parse(input), call);
  expect(applied.run?.outcome).toBe('done');
  // It answers who it is, and not what it holds.
  site.cloud.core.arm({ fault: 'empty', match: { operation: 'list' }, times: null });
  expect(await site.pass()).toMatchObject({ status: 'unavailable', writes: 0, plan: { changes: [] } });
  await site.cloud.close();
  expect(await site.pass()).toMatchObject({ status: 'unavailable', writes: 0 });
  const blind = { code: 'unavailable', problems: [{ id: 'PR-UNAVAILABLE' }] };
  await expect(destroyRun.run(site.ports, destroyRun.input.parse(input), call)).rejects.toMatchObject(blind);
  await expect(applyRun.run(site.ports, applyRun.input.parse(input), call)).rejects.toMatchObject(blind);
});
