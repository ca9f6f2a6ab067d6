import { stateContract } from './contract.ts';
import { memoryHarness } from './harness.ts';

stateContract('memory', memoryHarness);
