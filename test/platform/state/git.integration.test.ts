import { stateContract } from './contract.ts';
import { gitHarness } from './harness.ts';

stateContract('git', gitHarness);
