import { describe, expect, test } from 'vitest';
import { makePlan } from '../../planner/plan.ts';
import { asFault } from '../../schemas/fault.ts';
import type { PlanOptions } from '../../schemas/plan.ts';
import { inputOf } from './fixture.ts';

function refusal(options: Partial<PlanOptions>) {
  try {
    makePlan(
      inputOf({
        desired: { 'server/web-1': { spec: { size: 's', image: 'i' } } },
        things: { 'server/old': { spec: { size: 's', image: 'i' } } },
        options,
      }),
    );
  } catch (error) {
    return asFault(error);
  }
  throw new Error('the options were accepted');
}

describe('options', () => {
  test('an unknown address is a usage fault that names the nearest one', () => {
    const fault = refusal({ targets: ['server/wbe-1', 'server/old'], excludes: ['volume/x'] });
    expect(fault.code).toBe('usage');
    expect(fault.nothingChanged).toBe(true);
    expect(fault.problems).toEqual([
      {
        id: 'CLI-ADDRESS',
        what: 'there is no server/wbe-1, neither in the files nor in the record',
        fix: 'did you mean server/web-1?',
      },
      { id: 'CLI-ADDRESS', what: 'there is no volume/x, neither in the files nor in the record' },
    ]);
  });

  test('an address may be known by the files alone or by the record alone', () => {
    const input = inputOf({
      things: { 'server/old': { spec: { size: 's', image: 'i' } } },
      options: { targets: ['server/old'], allowDeletes: 1 },
    });
    expect(makePlan(input).changes.map(change => change.key)).toEqual(['delete server/old']);
  });

  test('options are part of the digest, their order is not', () => {
    const desired = {
      'server/a': { spec: { size: 's', image: 'i' } },
      'server/b': { spec: { size: 's', image: 'i' } },
    };
    const digest = (options: Partial<PlanOptions>) => makePlan(inputOf({ desired, options })).digest;
    expect(digest({ targets: ['server/a', 'server/b'] })).toBe(
      digest({ targets: ['server/b', 'server/a', 'server/a'] }),
    );
    expect(digest({ targets: ['server/a', 'server/b'] })).not.toBe(digest({}));
    expect(digest({ allowDeletes: 1 })).not.toBe(digest({}));
  });
});

test('places and commits do not count in the digest of the changes', () => {
  const desired = { 'server/a': { spec: { size: 's', image: 'i' } } };
  const one = makePlan(inputOf({ desired }));
  const two = makePlan({
    ...inputOf({ desired, places: { 'server/a': ['infra/elsewhere.yaml', 9] } }),
    commit: 'e'.repeat(40),
  });
  expect(two.changesDigest).toBe(one.changesDigest);
  expect(two.digest).not.toBe(one.digest);
});
