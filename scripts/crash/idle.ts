import { isWrite } from './ledger.ts';
import { ending, prepare, reconcile, recover, reportOf } from './flow.ts';
import { git, headOf } from './git.ts';
import { isClean, judge, shownVerdict } from './oracle.ts';
import { each, PROFILES, type Proof } from './proof.ts';
import { SHAPES } from './shapes.ts';
import { openSite, STATE_REF } from './site.ts';
import { openTally, type Tally, violate } from './tally.ts';

/** Passes over a converged workspace write nothing to a provider and commit nothing, however many there are. */
export async function idle(proof: Proof, passes: number): Promise<Tally> {
  const tally = openTally('idle');
  const names = ['layered', 'mixed', 'two-clouds'];
  const shapes = SHAPES.filter(shape =>
    proof.only.shape === null ? names.includes(shape.name) : shape.name === proof.only.shape,
  );
  const share = Math.ceil(passes / shapes.length);
  const again = `npx tsx scripts/crash/main.ts --idle ${passes}`;
  await each([...shapes.entries()], proof.workers, async ([index, shape]) => {
    const profile = PROFILES[index % PROFILES.length] ?? 'hetzner';
    const site = await openSite(shape, { profile, keep: proof.keep });
    try {
      await prepare(site);
      const first = await recover(site, { wasApproved: true });
      const verdict = judge(site, shape.wanted);
      if (!first.converged || !isClean(verdict))
        throw new Error(`it does not converge: ${shownVerdict(verdict)} ${first.story.join(' -> ')}`);
      const before = { head: await headOf(site.remote, STATE_REF), refs: await git(site.remote, 'for-each-ref') };
      const counts = site.clouds.map(cloud => cloud.core.ledger().length);
      for (let turn = 1; turn <= share; turn += 1) {
        const ended = await reconcile(site);
        tally.cases += 1;
        const report = reportOf(ended);
        if (ended.code !== 0 || report?.status !== 'in-sync' || report.writes !== 0 || report.checkpoints !== 0) {
          violate(tally, { case: `${shape.name} pass ${turn}`, what: ending(ended), again });
          break;
        }
      }
      const writes = site.clouds.flatMap((cloud, at) => cloud.core.ledger().slice(counts[at]).filter(isWrite));
      const refs = await git(site.remote, 'for-each-ref');
      if (before.head === null) violate(tally, { case: shape.name, what: 'there is no record on the remote', again });
      if (writes.length > 0)
        violate(tally, {
          case: shape.name,
          what: `${writes.length} writes, the first: ${writes[0]?.method} ${writes[0]?.path}`,
          again,
        });
      if (refs !== before.refs) violate(tally, { case: shape.name, what: 'a ref of the remote moved', again });
      proof.say(`idle ${shape.name}/${profile}: ${share} passes, ${writes.length} writes`);
    } catch (error) {
      violate(tally, { case: shape.name, what: String(error), again });
    } finally {
      await site.close();
    }
  });
  return tally;
}
