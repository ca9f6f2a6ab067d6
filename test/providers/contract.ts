import { describe, expect, it } from 'vitest';
import type { KindName } from '../../schemas/name.ts';
import type { KindCapability } from '../../schemas/provider.ts';
import { testAccount } from './contract/account.ts';
import { testActions } from './contract/actions.ts';
import { FAULT_CASES } from './contract/fault-table.ts';
import { testKind } from './contract/kind.ts';
import { testListing } from './contract/listing.ts';
import { SUBJECTS, type Subject } from './contract/subjects.ts';
import type { ContractWorld } from './contract/world.ts';

export type { ContractWorld } from './contract/world.ts';

/** What a cloud cannot be asked. Every list is exact, so that nothing is left out unseen. */
export interface Gaps {
  /** Kinds that the cloud does not have. */
  readonly missing?: readonly KindName[];
  /** Kinds that the cloud has no object for: they are kept by the record. */
  readonly virtual?: readonly KindName[];
  /** Nothing is ever under way there, so that there is nothing to follow. */
  readonly actions?: 'at-once';
  /** Faults of the contract that its fake cannot do. */
  readonly faults?: readonly string[];
}

/** The contract of every provider. `setup` makes a fresh fake cloud with its provider; it is called once for each test. */
export function testProvider(name: string, setup: () => ContractWorld, gaps: Gaps): void {
  const world = setup();
  const can = (subject: Subject): KindCapability | undefined => world.capability(subject.kind);
  const subjects = SUBJECTS.filter(subject => can(subject) !== undefined && can(subject)?.virtual !== true);
  describe(`provider ${name}`, () => {
    it('lacks what it is known to lack, and nothing else', () => {
      const kinds = (lacks: (subject: Subject) => boolean) => SUBJECTS.filter(lacks).map(({ kind }) => kind);
      const faults = new Set(FAULT_CASES.map(({ fault }) => fault).filter(fault => !world.supports(fault)));
      expect({
        missing: kinds(subject => can(subject) === undefined),
        virtual: kinds(subject => can(subject)?.virtual === true),
        actions: world.isAtOnce === true ? 'at-once' : 'followed',
        faults: [...faults].sort(),
      }).toEqual({ missing: [], virtual: [], actions: 'followed', faults: [], ...gaps });
    });
    for (const subject of subjects) describe(subject.kind, () => testKind(setup, subject));
    describe('account', () => testAccount(setup));
    describe('listing', () => testListing(setup));
    if (world.isAtOnce !== true) describe('actions', () => testActions(setup));
  });
}
