import { testProvider } from '../contract.ts';
import { HETZNER_GAPS, hetznerContractWorld } from './hetzner-world.ts';

testProvider('hetzner', () => hetznerContractWorld(), HETZNER_GAPS);
