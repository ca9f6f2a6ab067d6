import { testProvider } from '../contract.ts';
import { AWS_GAPS, awsContractWorld } from './aws-world.ts';

testProvider('aws with every fault', awsContractWorld, AWS_GAPS);
