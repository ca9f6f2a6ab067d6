import { testProvider } from '../contract.ts';
import { hetznerContractWorld } from './hetzner-world.ts';

testProvider('hetzner', () => hetznerContractWorld());
