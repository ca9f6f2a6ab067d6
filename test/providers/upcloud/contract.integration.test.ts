import { testProvider } from '../contract.ts';
import { UPCLOUD_GAPS, upcloudContractWorld } from './upcloud-world.ts';

testProvider('upcloud with every fault', upcloudContractWorld, UPCLOUD_GAPS);
