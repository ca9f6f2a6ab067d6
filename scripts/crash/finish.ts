import { recover } from './flow.ts';
import { isClean, judge, shownVerdict } from './oracle.ts';
import type { Proof } from './proof.ts';
import type { Site } from './site.ts';
import { count, type Tally } from './tally.ts';

/** Lets the program recover from a crash, judges the world, and counts. */
export async function finish(
  proof: Proof,
  tally: Tally,
  site: Site,
  one: { readonly label: string; readonly again: string; readonly approved: boolean },
): Promise<void> {
  const recovery = await recover(site, { wasApproved: one.approved });
  const verdict = judge(site, site.shape.wanted);
  count(tally, { verdict, recovery, case: one.label, again: one.again });
  const good = recovery.converged && isClean(verdict);
  const how = good ? 'ok' : `✗ ${shownVerdict(verdict)} ${recovery.converged ? '' : 'not converged'}`;
  proof.say(`${tally.part} ${one.label}: ${how}, ${recovery.passes} passes, ${(recovery.tookMs / 1_000).toFixed(1)} s`);
  if (proof.keep) proof.say(recovery.story.join('\n'));
}
