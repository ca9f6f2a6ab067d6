import { isFull } from '../../scaled.ts';
import { testProvider } from '../contract.ts';
import { testInPart } from '../contract/in-part.ts';
import { AWS_GAPS, awsContractWorld } from './aws-world.ts';

if (isFull()) testProvider('aws', () => awsContractWorld(), AWS_GAPS);
else testInPart('aws', () => awsContractWorld(), ['firewall']);
