import { testProvider } from '../contract.ts';
import { upcloudContractWorld } from './upcloud-world.ts';

/** One fault of each sort; all of them take their time and are in the integration test. */
const SOME = new Set(['answer-lost', 'error-500-before', 'rate-limited', 'sent-twice', 'wrong-types']);

testProvider('upcloud', () => upcloudContractWorld(fault => SOME.has(fault)));
