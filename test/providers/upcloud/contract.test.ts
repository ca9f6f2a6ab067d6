import { testProvider } from '../contract.ts';
import { FAULT_CASES } from '../contract/fault-table.ts';
import { UPCLOUD_GAPS, upcloudContractWorld } from './upcloud-world.ts';

/** One fault of each sort; all of them take their time and are in the integration test. */
const SOME = new Set(['answer-lost', 'error-500-before', 'rate-limited', 'sent-twice', 'wrong-types']);

const left = [...new Set(FAULT_CASES.map(({ fault }) => fault))].filter(fault => !SOME.has(fault)).sort();

testProvider('upcloud, in part', () => upcloudContractWorld(fault => SOME.has(fault)), {
  ...UPCLOUD_GAPS,
  faults: left,
});
