import { isFull } from '../../scaled.ts';
import { testProvider } from '../contract.ts';
import { testInPart } from '../contract/in-part.ts';
import { UPCLOUD_GAPS, upcloudContractWorld } from './upcloud-world.ts';

if (isFull()) testProvider('upcloud', () => upcloudContractWorld(), UPCLOUD_GAPS);
else testInPart('upcloud', () => upcloudContractWorld(), ['server']);
