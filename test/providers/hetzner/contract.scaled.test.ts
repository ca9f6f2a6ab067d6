import { isFull } from '../../scaled.ts';
import { testProvider } from '../contract.ts';
import { testInPart } from '../contract/in-part.ts';
import { HETZNER_GAPS, hetznerContractWorld } from './hetzner-world.ts';

if (isFull()) testProvider('hetzner', () => hetznerContractWorld(), HETZNER_GAPS);
else testInPart('hetzner', () => hetznerContractWorld(), ['server']);
