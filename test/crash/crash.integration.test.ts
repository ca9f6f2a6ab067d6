import { expect, test } from 'vitest';
import { contract } from '../../scripts/crash/contract.ts';
import { idle } from '../../scripts/crash/idle.ts';
import { matrix } from '../../scripts/crash/matrix.ts';
import type { Proof } from '../../scripts/crash/proof.ts';
import { random } from '../../scripts/crash/random.ts';
import type { Tally } from '../../scripts/crash/tally.ts';
import { writers } from '../../scripts/crash/writers.ts';

const PROOF: Proof = {
  quick: true,
  seed: 1,
  only: { shape: null, profile: null, point: null, nth: null, second: null },
  share: { number: 1, of: 1 },
  workers: 2,
  keep: false,
  say: () => {},
};

/** Parts of the crash proof in a size that only shows that nothing is grossly broken; `npm run crash` is the proof. */
const PARTS: readonly (readonly [string, number, () => Promise<Tally>])[] = [
  [
    'kills at every point that one server passes',
    25,
    () => matrix({ ...PROOF, only: { ...PROOF.only, shape: 'one', profile: 'hetzner' } }),
  ],
  ['kills at random times', 4, () => random(PROOF, 4)],
  ['every pinned input', 16, () => contract(PROOF)],
  ['hand-overs between paused reconcilers', 5, () => writers(PROOF, 5)],
];

test.each(PARTS)('%s', async (_what, least, part) => {
  const tally = await part();
  expect(tally.violations).toEqual([]);
  expect(tally.fired).toBeGreaterThanOrEqual(least);
});

test('passes over converged workspaces', async () => {
  const tally = await idle(PROOF, 6);
  expect(tally.violations).toEqual([]);
  expect(tally.cases).toBe(6);
});
