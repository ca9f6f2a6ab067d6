import { expect, it } from 'vitest';
import type { CallContext } from '../../schemas/provider.ts';
import { isFull } from '../scaled.ts';
import { testProvider } from './contract.ts';
import { testInPart } from './contract/in-part.ts';
import { demoContractWorld, demoWorld } from './demo-world.ts';

const setup = () => demoContractWorld('hetzner');
if (isFull()) testProvider('demo (hetzner)', setup, {});
else testInPart('demo (hetzner)', setup, ['server', 'volume', 'firewall', 'subnet']);

it('is no listing when one object goes and another one appears behind the position', async () => {
  const { clock, config, connect, context, core, fetch } = demoWorld({ settings: { pageSize: 1 } });
  const connection = await connect();
  const owner = (name: string) => ({
    workspace: 'shop',
    lineage: 'abcdef012345',
    address: `firewall/${name}`,
    opId: `op-${name}`,
  });
  const create = (name: string) =>
    connection.create(context(), { kind: 'firewall', owner: owner(name), spec: { rules: [] }, protect: false });
  await create('a');
  core.arm({ fault: 'invisible', ms: 1_000 });
  await create('late');
  await create('b');
  await create('c');
  let calls = 0;
  const changing: CallContext['fetch'] = async (input, init) => {
    calls += 1;
    if (calls === 3) {
      await fetch(`${config.url}/admin/objects/fw-1`, { method: 'DELETE' });
      await clock.advance(1_000);
    }
    return fetch(input, init);
  };
  // Three were read and three exist, but they are not the same three.
  await expect(connection.list({ ...context(), fetch: changing }, 'shop')).rejects.toThrow('do not fit together');
  expect(calls).toBe(3);
  expect((await connection.list(context(), 'shop')).map(object => object.id)).toEqual(['fw-2', 'fw-3', 'fw-4']);
});
