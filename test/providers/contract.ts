import { describe, it } from 'vitest';
import type { KindCapability } from '../../schemas/provider.ts';
import { testAccount } from './contract/account.ts';
import { testActions } from './contract/actions.ts';
import { testKind } from './contract/kind.ts';
import { testListing } from './contract/listing.ts';
import { SUBJECTS, type Subject } from './contract/subjects.ts';
import type { ContractWorld } from './contract/world.ts';

export type { ContractWorld } from './contract/world.ts';

/**
 * The contract of every provider. `setup` makes a fresh fake cloud with its provider; it is called once for each test.
 * Kinds that the provider does not have are skipped by name, so that the report says so.
 */
export function testProvider(name: string, setup: () => ContractWorld): void {
  const world = setup();
  const can = (subject: Subject): KindCapability | undefined => world.capability(subject.kind);
  const subjects = SUBJECTS.filter(subject => can(subject) !== undefined && can(subject)?.virtual !== true);
  const missing = SUBJECTS.filter(subject => can(subject) === undefined);
  const virtual = SUBJECTS.filter(subject => can(subject)?.virtual === true);
  describe(`provider ${name}`, () => {
    for (const subject of missing) it.skip(`${subject.kind}: this cloud does not have it`);
    for (const subject of virtual) it.skip(`${subject.kind}: this cloud has no object for it`);
    for (const subject of subjects) describe(subject.kind, () => testKind(setup, subject));
    describe('account', () => testAccount(setup));
    describe('listing', () => testListing(setup));
    describe('actions', () => testActions(setup));
  });
}
