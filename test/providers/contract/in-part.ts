import { describe } from 'vitest';
import type { KindName } from '../../../schemas/name.ts';
import { testAccount } from './account.ts';
import { testActions } from './actions.ts';
import { testKind } from './kind.ts';
import { testListing } from './listing.ts';
import { subjectOf } from './subjects.ts';
import type { ContractWorld } from './world.ts';

/** One fault of each sort that matters most. Every one of them is met at full size. */
const SOME_FAULTS = new Set(['answer-lost', 'rate-limited', 'sent-twice']);

/** The contract for some kinds of a provider and some faults; the whole of it takes its time and belongs to the run at full size. */
export function testInPart(name: string, setup: () => ContractWorld, kinds: readonly KindName[]): void {
  const some = (): ContractWorld => {
    const world = setup();
    return { ...world, supports: fault => SOME_FAULTS.has(fault) && world.supports(fault) };
  };
  describe(`provider ${name}, in part`, () => {
    for (const kind of kinds) describe(kind, () => testKind(some, subjectOf(kind)));
    describe('account', () => testAccount(some));
    describe('actions', () => testActions(some));
    describe('listing', () => testListing(some));
  });
}
