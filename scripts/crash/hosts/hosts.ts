import type { Proof } from '../proof.ts';
import { openTally, type Tally } from '../tally.ts';
import { HOST_FAULTS } from './faults.ts';
import { openHostSite } from './host-site.ts';
import { kills } from './kills.ts';
import { judgeStorm, storm } from './storms.ts';
import type { Ground } from './subject.ts';

/** Faults of the size for CI. */
const QUICK = ['connection cut', 'rebooted'];

/**
 * Kills the reconciler while it brings a service about on a real host, and lets that host fall into faults. Whatever
 * happens, the host is in the end as it was asked for, and nothing half done was called done.
 */
export async function hosts(proof: Proof, ground: Ground = { name: 'stormlab', net: '10.97.1' }): Promise<Tally> {
  const tally = openTally('hosts');
  const { shape, point } = proof.only;
  const site = await openHostSite(ground);
  try {
    const asked = HOST_FAULTS.filter(({ name, isSlow }) =>
      shape === null ? (proof.quick ? QUICK.includes(name) : isSlow !== true) : name.startsWith(shape),
    );
    for (const [index, fault] of (point === null ? asked : []).entries()) {
      await site.want(null);
      await site.recover();
      const text = `storm-${index}`;
      const end = await storm(site, fault, text);
      proof.say(`hosts ${fault.name}: ${await judgeStorm(tally, site, { fault, text, end })}`);
    }
    if (shape === null) await kills(proof, tally, site);
  } finally {
    if (!proof.keep) await site.close();
  }
  return tally;
}
