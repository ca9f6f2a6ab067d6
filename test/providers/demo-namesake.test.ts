import { expect, it } from 'vitest';
import { ProviderFault } from '../../schemas/provider.ts';
import { demoWorld } from './demo-world.ts';

const request = {
  kind: 'server',
  owner: { workspace: 'shop', lineage: '0123456789ab', address: 'server/a', opId: 'op-1' },
  spec: { size: 'small', image: 'debian-12', zone: 'fi-1' },
  protect: false,
} as const;

it('a create that was delivered twice is ours when the look for it succeeds', async () => {
  const world = demoWorld({ profile: 'hetzner' });
  const connection = await world.connect();
  world.core.arm({ fault: 'sent-twice', match: { operation: 'create' } });
  const outcome = await connection.create(world.context(), request);
  expect(outcome).toMatchObject({ status: 'done', object: { owner: { opId: 'op-1' } } });
});

it('a look that is refused does not pass for a refusal of the create', async () => {
  const world = demoWorld({ profile: 'hetzner' });
  const connection = await world.connect();
  world.core.arm({ fault: 'sent-twice', match: { operation: 'create' } });
  world.core.arm({ fault: 'rate-limited', match: { operation: 'list' } });
  const fault = await connection.create(world.context(), request).catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(ProviderFault);
  expect((fault as ProviderFault).error.class).toBe('already-exists');
  expect(world.core.objects()).toHaveLength(1);
});
