import { testProvider } from '../contract.ts';
import { awsContractWorld } from './aws-world.ts';

testProvider('aws with every fault', awsContractWorld);
