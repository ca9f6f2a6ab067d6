import { afterAll, expect, it } from 'vitest';
import { describedBy, packagedDescription } from '../../fakes/hetzner/description.ts';
import { testProvider } from '../contract.ts';
import { HETZNER_GAPS, hetznerContractWorld } from './hetzner-world.ts';

/** A file with the newest official description; where it is not named, the packaged one with our list of changes counts alone. */
const SPEC = process.env['PROVISIONING_HCLOUD_SPEC'];
const descriptions = [packagedDescription(), ...(SPEC === undefined ? [] : [describedBy(SPEC)])];
const violations: (readonly string[])[] = [];

/** The contract with every request and every answer held against the official API description. */
testProvider(
  'hetzner, as described',
  () => {
    const world = hetznerContractWorld({ descriptions });
    violations.push(world.violations());
    return world;
  },
  HETZNER_GAPS,
);

it('is held against every description that there is', () => {
  expect(descriptions).toHaveLength(SPEC === undefined ? 1 : 2);
});

afterAll(() => {
  expect(violations.length).toBeGreaterThan(0);
  expect([...new Set(violations.flat())]).toEqual([]);
});
