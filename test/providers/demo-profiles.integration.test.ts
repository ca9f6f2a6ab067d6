import { testProvider } from './contract.ts';
import { demoContractWorld } from './demo-world.ts';

for (const profile of ['ec2', 'upcloud'] as const) {
  testProvider(`demo (${profile})`, () => demoContractWorld(profile), {});
}
