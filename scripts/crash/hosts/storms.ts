import { join } from 'node:path';
import { reportOf } from '../flow.ts';
import type { Ended, Running } from '../program.ts';
import { type Tally, violate } from '../tally.ts';
import type { HostFault } from './faults.ts';
import { type HostSite, type Recovery, told } from './host-site.ts';
import { flawsOn } from './host-world.ts';
import { fired } from '../flow.ts';

/** Lets one fault strike while the subject is installed, puts the host right, and looks what becomes of it. */
export async function storm(site: HostSite, fault: HostFault, text: string): Promise<StormEnd> {
  await site.want(text);
  if (fault.at === 'before') await fault.strike(site);
  else if (fault.at === 'running') await site.shut();
  const log = join(site.lab.directory, `${text}.log`);
  const running = site.reconcile(trapsOf(fault, log));
  const struck = fault.at === 'before' || (await strikeInside(site, fault, { running, log, text }));
  const ended = await running.ended;
  const claims = await claimsDone(site, text);
  if (fault.heals === undefined) await fault.heal?.(site);
  const early = claims ? await flawsOn(site, text, { most: fault.mostRuns ?? 1 }) : [];
  return { ended, struck, early, recovery: await site.recover() };
}

interface StormEnd {
  readonly ended: Ended;
  /** Whether the fault happened before the pass had ended. */
  readonly struck: boolean;
  /** What was missing on the host although the service was recorded as done. */
  readonly early: readonly string[];
  readonly recovery: Recovery;
}

function trapsOf({ at }: HostFault, log: string): { readonly [name: string]: string } {
  return typeof at === 'string' ? {} : { PROVISIONING_FAILPOINT: at.point, PROVISIONING_FAILPOINT_LOG: log };
}

async function strikeInside(
  site: HostSite,
  fault: HostFault,
  { running, log, text }: { readonly running: Running; readonly log: string; readonly text: string },
): Promise<boolean> {
  const ended = running.ended.then(() => 'ended' as const);
  const seen = fault.at === 'running' ? site.until('grep -qx -e "$1" /srv/storm/runs', text) : firedIn(log);
  if ((await Promise.race([seen, ended])) === 'ended') {
    await site.open();
    return false;
  }
  await fault.strike(site);
  running.signal('SIGCONT');
  if (fault.heals === 'at once') await fault.heal?.(site);
  await site.open();
  return true;
}

async function firedIn(log: string): Promise<void> {
  while (fired(log).length === 0) await new Promise(resolve => setTimeout(resolve, 50));
}

/** Whether the record says that the service is as it was last asked for. */
export async function claimsDone(site: HostSite, text: string): Promise<boolean> {
  const { code, printed } = await site.lab.run(['state', 'show', 'taskserv.storm/web']);
  return code === 0 && (JSON.parse(printed) as { readonly spec: { readonly text?: string } }).spec.text === text;
}

/** Judges how a storm ended, and counts it. Gives one line for people. */
export async function judgeStorm(
  tally: Tally,
  site: HostSite,
  { fault, text, end }: { readonly fault: HostFault; readonly text: string; readonly end: StormEnd },
): Promise<string> {
  const { ended, struck, early, recovery } = end;
  const said = told(ended);
  const status = reportOf(ended)?.status ?? 'no report';
  const flaws = [
    ...(struck ? [] : ['it never struck']),
    ...early.map(flaw => `called done although ${flaw}`),
    ...(fault.says === undefined && status !== 'applied' ? ['it did not go through by itself'] : []),
    ...(fault.says !== undefined && !fault.says.test(said) ? [`it does not say ${fault.says.source}`] : []),
    ...(recovery.converged ? [] : [`not converged: ${recovery.story.join(' -> ')}`]),
    ...(await flawsOn(site, text, { most: fault.mostRuns ?? 1 })),
  ];
  tally.cases += 1;
  if (struck) tally.fired += 1;
  tally.passes.set(recovery.passes, (tally.passes.get(recovery.passes) ?? 0) + 1);
  if (recovery.converged) tally.recoveriesMs.push(recovery.tookMs);
  else tally.unconverged += 1;
  if (flaws.length === 0) return `ok, ${(ended.tookMs / 1_000).toFixed(0)} s: ${said.slice(0, 160)}`;
  tally.wrong += 1;
  const again = `npx tsx scripts/crash/main.ts --hosts --shape '${fault.name}'`;
  violate(tally, { case: fault.name, what: `${flaws.join('; ')} (it said: ${said})`, again });
  return `✗ ${flaws.join('; ')}`;
}
