import { testProvider } from '../contract.ts';
import { upcloudContractWorld } from './upcloud-world.ts';

testProvider('upcloud with every fault', upcloudContractWorld);
