import { expect, test } from 'vitest';
import { hosts } from '../../scripts/crash/hosts/hosts.ts';
import { imageFor } from '../hosts/image.ts';
import { openPodman } from '../hosts/podman.ts';

/** A size that only shows that nothing is grossly broken; `npm run crash -- --hosts` is the proof. */
test('a kill while a run is sent, a connection that is cut and a host that is rebooted end as if nothing had been', async () => {
  await imageFor(openPodman(), 'debian-12');
  const said: string[] = [];
  const tally = await hosts(
    {
      quick: true,
      seed: 1,
      only: { shape: null, profile: null, point: null, nth: null, second: null },
      share: { number: 1, of: 1 },
      workers: 1,
      keep: false,
      say: line => void said.push(line),
    },
    { name: 'stormtest', net: '10.97.2' },
  );
  expect({ violations: tally.violations, said }).toMatchObject({ violations: [] });
  expect(tally.fired).toBe(3);
});
