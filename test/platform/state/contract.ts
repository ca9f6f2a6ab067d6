import { describe } from 'vitest';
import { damageContract } from './contract-damage.ts';
import { recordContract } from './contract-record.ts';
import { writingContract } from './contract-writing.ts';
import type { Harness } from './harness.ts';

/** What every adapter of the state chain must do. */
export function stateContract(adapter: string, make: () => Harness): void {
  describe(`state chain, ${adapter}`, () => {
    describe('record', () => recordContract(make));
    describe('writing', () => writingContract(make));
    describe('damage', () => damageContract(make));
  });
}
