import { describe } from 'vitest';
import { testAccount } from '../contract/account.ts';
import { testActions } from '../contract/actions.ts';
import { testKind } from '../contract/kind.ts';
import { subjectOf } from '../contract/subjects.ts';
import { awsContractWorld } from './aws-world.ts';

/** Some kinds and some faults: all of them take their time and are in the integration test. */
const FAULTS = new Set(['answer-lost', 'rate-limited']);
const KINDS = ['firewall', 'server'];

const setup = () => awsContractWorld(fault => FAULTS.has(fault));

describe('provider aws, in part', () => {
  for (const kind of KINDS) describe(kind, () => testKind(setup, subjectOf(kind)));
  describe('account', () => testAccount(setup));
  describe('actions', () => testActions(setup));
});
