import { describe } from 'vitest';
import { recordContract } from './contract-record.ts';
import { gitHarness } from './harness.ts';

// The whole contract runs on Git as well: see git.integration.test.ts. This part shows within seconds that both adapters agree.
describe('state chain, git, record', () => recordContract(gitHarness));
