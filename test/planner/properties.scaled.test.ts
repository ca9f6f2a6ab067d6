import { array, assert, infiniteStream, nat, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makePlan } from '../../planner/plan.ts';
import { makeRollback } from '../../planner/rollback.ts';
import { canonical } from '../../schemas/json.ts';
import { Plan } from '../../schemas/plan.ts';
import type { Observation } from '../../schemas/provider.ts';
import { scaled } from '../scaled.ts';
import { carryOut, type Realm } from './carry-out.ts';
import { capabilityFrom, inputOf, type Wishes } from './fixture.ts';
import { CAPABILITIES, GENES, genes, wishesOf } from './worlds.ts';

const ALL = { targets: [], excludes: [], destroy: false, allowDeletes: 0 };
const EMPTY: Realm = (() => {
  const { recorded, observations } = inputOf({});
  return { recorded, observations };
})();

function planFor(desired: Wishes, realm: Realm): Plan {
  return makePlan({ ...inputOf({ desired, capabilities: CAPABILITIES }), ...realm, options: ALL });
}

/** The world after the first wishes were applied to nothing. */
function grown(desired: Wishes): Realm {
  return carryOut(planFor(desired, EMPTY), EMPTY, { run: 'run-1' });
}

function topological(plan: Plan): void {
  const done = new Set<string>();
  const keys = new Set(plan.changes.map(change => change.key));
  expect(keys.size).toBe(plan.changes.length);
  for (const change of plan.changes) {
    expect(
      change.needs.filter(key => !done.has(key)),
      `${change.key} comes too early`,
    ).toEqual([]);
    done.add(change.key);
  }
}

describe('any two worlds', () => {
  test('the way from one to the other is ordered, and once gone there is nothing left to do', () => {
    assert(
      property(genes, genes, (first, second) => {
        const realm = grown(wishesOf(first));
        expect(planFor(wishesOf(first), realm).changes).toEqual([]);
        const plan = planFor(wishesOf(second), realm);
        topological(plan);
        const after = carryOut(plan, realm);
        expect(planFor(wishesOf(second), after).changes).toEqual([]);
        expect(after.recorded.objects.size).toBe(Object.keys(wishesOf(second)).length);
      }),
      { numRuns: scaled(25, 300), seed: 11 },
    );
  });

  test('a world changed behind our back is put right in one go', () => {
    assert(
      property(genes, genes, array(nat(7), { minLength: GENES, maxLength: GENES }), (first, second, harm) => {
        const realm = harmed(grown(wishesOf(first)), harm);
        const plan = planFor(wishesOf(second), realm);
        topological(plan);
        const after = carryOut(plan, realm);
        expect(planFor(wishesOf(second), after).changes).toEqual([]);
      }),
      { numRuns: scaled(20, 200), seed: 12 },
    );
  });

  test('destroying leaves nothing behind', () => {
    assert(
      property(genes, genes, (first, second) => {
        const start = grown(wishesOf(first));
        const realm = carryOut(planFor(wishesOf(second), start), start);
        const plan = makePlan({
          ...inputOf({ desired: wishesOf(second), capabilities: CAPABILITIES }),
          ...realm,
          options: { ...ALL, destroy: true },
        });
        topological(plan);
        expect(carryOut(plan, realm).recorded.objects.size).toBe(0);
      }),
      { numRuns: scaled(12, 150), seed: 13 },
    );
  });
});

describe('rollback', () => {
  test('of any part of a run leads back to the world before it', () => {
    assert(
      property(genes, genes, nat(20), (first, second, steps) => {
        const before = wishesOf(first);
        const realm = grown(before);
        const plan = planFor(wishesOf(second), realm);
        const part = { ...plan, changes: plan.changes.slice(0, steps) };
        const half = ran(carryOut(part, realm, { run: 'run-2', whole: plan }), plan);
        const rollback = makeRollback({
          ...half,
          plan,
          capability: capabilityFrom({ capabilities: CAPABILITIES }),
          catalogues: {},
          tool: 't',
          commit: plan.commit,
          tree: plan.tree,
        });
        topological(rollback);
        expect(rollback.findings).toEqual([]);
        const back = carryOut(rollback, half, { run: 'run-3' });
        expect(planFor(before, back).changes.map(change => `${change.key}: ${change.why}`)).toEqual([]);
      }),
      { numRuns: scaled(40, 500), seed: 14 },
    );
  });
});

describe('determinism', () => {
  test('the order of maps and listings does not show', () => {
    assert(
      property(genes, genes, infiniteStream(nat(1_000)), (first, second, dice) => {
        const realm = grown(wishesOf(first));
        const desired = wishesOf(second);
        const plan = planFor(desired, realm);
        const roll = () => dice.next().value;
        const shuffled: Realm = {
          recorded: { ...realm.recorded, objects: new Map(shuffle([...realm.recorded.objects], roll)) },
          observations: Object.fromEntries(
            shuffle(Object.entries(realm.observations), roll).map(([name, observation]) => [
              name,
              observation.status === 'complete'
                ? { ...observation, objects: shuffle([...observation.objects], roll) }
                : observation,
            ]),
          ),
        };
        const input = inputOf({ desired, capabilities: CAPABILITIES });
        const resources = shuffle([...input.loaded.workspace.resources], roll).map(resource => ({
          ...resource,
          spec: Object.fromEntries(shuffle(Object.entries(resource.spec), roll)),
        }));
        const loaded = { ...input.loaded, workspace: { ...input.loaded.workspace, resources } };
        const again = makePlan({ ...input, ...shuffled, loaded, options: ALL });
        expect(canonical(again)).toBe(canonical(plan));
      }),
      { numRuns: scaled(12, 150), seed: 15 },
    );
  });

  test('plans fit their schema', () => {
    assert(
      property(genes, genes, (first, second) => {
        const plan = planFor(wishesOf(second), grown(wishesOf(first)));
        expect(Plan.parse(plan)).toEqual(plan);
      }),
      { numRuns: 12, seed: 16 },
    );
  });
});

function shuffle<T>(items: T[], roll: () => number): T[] {
  return items
    .map(item => ({ item, at: roll() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** Deletes some objects outside, breaks some, and changes some. */
function harmed(realm: Realm, harm: readonly number[]): Realm {
  const observations: { [provider: string]: Observation } = {};
  for (const [provider, observation] of Object.entries(realm.observations)) {
    if (observation.status !== 'complete') continue;
    const objects = observation.objects.flatMap((object, index) => {
      const how = harm[index % harm.length];
      if (how === 0) return [];
      if (how === 1) return [{ ...object, phase: 'failed' as const }];
      if (how === 2) return [{ ...object, spec: { ...object.spec, labels: { strange: 'yes' } } }];
      if (how === 3) return [{ ...object, owner: null }];
      return [object];
    });
    observations[provider] = { ...observation, objects };
  }
  return { ...realm, observations };
}

function ran(realm: Realm, plan: Plan): Realm {
  const run = {
    id: 'run-2',
    purpose: 'apply',
    plan: plan.digest,
    commit: plan.commit,
    changes: plan.changes.length,
    startedAt: 0,
    approvedBy: null,
    rollbackOf: null,
    failed: {},
    endedAt: null,
    outcome: 'failed',
  } as const;
  return { ...realm, recorded: { ...realm.recorded, run } };
}
