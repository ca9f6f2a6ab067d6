import { z } from 'zod';
import { nearest } from '../schemas/nearest.ts';
import { Fault } from '../schemas/fault.ts';
import { defineOperation } from './operation.ts';
import { stateOf } from './recording.ts';
import { TARGET } from './target.ts';

export const stateShow = defineOperation({
  name: 'state.show',
  summary: 'Show one recorded object with its fields and outputs.',
  example: 'provisioning state show server/web-1',
  permission: 'state:read',
  safe: true,
  input: z.strictObject({
    address: z.string().describe('Address of the object, for example server/web-1.').meta({ positional: true }),
    ...TARGET,
  }),
  output: z.looseObject({ key: z.string(), id: z.string() }),
  async run(ports, input) {
    const { store } = await stateOf(ports, input);
    const recorded = await store.read();
    const object = recorded.objects.get(input.address);
    if (object === undefined) {
      const known = nearest(input.address, [...recorded.objects.keys()]);
      const fix = known === undefined ? 'provisioning state list' : `did you mean ${known}?`;
      throw new Fault('usage', { id: 'CLI-ADDRESS', what: `no object ${input.address} is recorded`, fix });
    }
    return { ...object };
  },
  text: object => `${JSON.stringify(object, null, 2)}\n`,
});
