import { describe, expect, it } from 'vitest';
import { scaled } from '../scaled.ts';
import { MUTANTS } from './mutants.ts';
import { simulate } from './simulate.ts';

describe('simulated lives of a workspace', () => {
  it('end in exactly the desired set, whatever fails and wherever the process dies', async () => {
    let crashes = 0;
    const fired = new Set<string>();
    const bad: string[] = [];
    for (let seed = 1; seed <= scaled(8, 200); seed += 1) {
      const outcome = await simulate(seed);
      crashes += outcome.crashes.length;
      for (const name of outcome.fired.keys()) fired.add(name);
      if (outcome.violations.length > 0)
        bad.push(`seed ${seed} (${outcome.shape}, ${outcome.profile}): ${outcome.violations.join('; ')}`);
    }
    expect(bad).toEqual([]);
    expect(crashes).toBeGreaterThan(scaled(1, 12));
    expect(fired.size).toBeGreaterThan(scaled(4, 15));
  }, 120_000);

  it('are the same for the same seed', async () => {
    const first = await simulate(7);
    const second = await simulate(7);
    expect(second.trace).toEqual(first.trace);
  });

  it.each(
    [
      'a delete is believed without being done',
      'an update is believed without being done',
      'a replaced object is forgotten',
    ].slice(0, scaled(1, 3)),
  )(
    'catch a broken build: %s',
    async what => {
      const broken = MUTANTS[what];
      let caught = 0;
      for (let seed = 1; seed <= 40 && caught === 0; seed += 1) {
        const outcome = await simulate(seed, broken === undefined ? {} : { broken });
        caught += outcome.violations.length;
      }
      expect(caught).toBeGreaterThan(0);
    },
    60_000,
  );
});
