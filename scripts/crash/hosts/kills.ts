import { join } from 'node:path';
import { type Failpoint, HOST_FAILPOINTS } from '../../../schemas/failpoint.ts';
import { fired } from '../flow.ts';
import type { Proof } from '../proof.ts';
import { type Tally, violate } from '../tally.ts';
import { type HostSite, told } from './host-site.ts';
import { flawsOn } from './host-world.ts';
import { claimsDone } from './storms.ts';

/** What a pass has to do with the subject. */
const PHASES = ['install', 'change', 'remove'] as const;
type Phase = (typeof PHASES)[number];

/** Points that a service passes besides those of SSH; each once. */
const OTHERS: readonly Failpoint[] = [
  'intent.push.after',
  'create.accepted',
  'update.accepted',
  'delete.accepted',
  'token.after',
  'poll.before',
  'poll.after',
  'outcome.before',
  'outcome.after',
];

/** How often a point of SSH is counted in one pass. */
const COUNTED = 8;

interface Kill {
  readonly point: Failpoint;
  readonly nth: number;
}

/**
 * Kills the reconciler at the points that a service on a real host passes, in turn while it is installed, changed and
 * removed. First each phase runs undisturbed: that is the control, and it tells which points it passes.
 */
export async function kills(proof: Proof, tally: Tally, site: HostSite): Promise<void> {
  const points = new Map<Phase, readonly Kill[]>();
  for (const phase of PHASES) points.set(phase, await passedIn(proof, tally, site, phase));
  const passed = new Set([...points.values()].flat().map(({ point }) => point));
  for (const point of HOST_FAILPOINTS) {
    if (passed.has(point)) continue;
    violate(tally, { case: point, what: 'no phase passes this point', again: 'npx tsx scripts/crash/main.ts --hosts' });
  }
  const chosen = new Map(PHASES.map(phase => [phase, chosenOf(proof, phase, points.get(phase) ?? [])]));
  const rounds = Math.max(...[...chosen.values()].map(list => list.length));
  for (let round = 0; round < rounds; round += 1)
    for (const phase of PHASES)
      await killed(proof, tally, { site, phase, text: textOf(phase, round), kill: chosen.get(phase)?.[round] });
}

function textOf(phase: Phase, round: number): string | null {
  return phase === 'remove' ? null : `${phase}-${round}`;
}

async function passedIn(proof: Proof, tally: Tally, site: HostSite, phase: Phase): Promise<readonly Kill[]> {
  const log = join(site.lab.directory, `${phase}.log`);
  const all = [...HOST_FAILPOINTS, ...OTHERS];
  const traps = all.flatMap(point => Array.from({ length: COUNTED }, (_, at) => `${point}:${at + 1}:delay=0`));
  const text = phase === 'remove' ? null : `control-${phase}`;
  await site.want(text);
  const ended = await site.reconcile({ PROVISIONING_FAILPOINT: traps.join(','), PROVISIONING_FAILPOINT_LOG: log })
    .ended;
  if (proof.keep) proof.say(told(ended));
  const recovery = await site.recover();
  const flaws = await flawsOn(site, text, { most: 1 });
  if (!recovery.converged || flaws.length > 0)
    violate(tally, {
      case: `control of ${phase}`,
      what: [...flaws, ...recovery.story].join('; '),
      again: 'npx tsx scripts/crash/main.ts --hosts',
    });
  const passed = fired(log).map(line => line.split(':') as [Failpoint, string]);
  proof.say(`hosts: ${phase} passes ${passed.length} points`);
  return passed.flatMap(([point, nth]) =>
    Number(nth) > 1 && OTHERS.includes(point) ? [] : [{ point, nth: Number(nth) }],
  );
}

function chosenOf({ only, quick }: Proof, phase: Phase, all: readonly Kill[]): readonly Kill[] {
  const asked = all.filter(
    ({ point, nth }) => (only.point === null || only.point === point) && (only.nth === null || only.nth === nth),
  );
  // What is sent to a host and not answered is the heart of it.
  return quick ? asked.filter(({ point, nth }) => phase === 'install' && point === 'ssh.run.sent' && nth === 3) : asked;
}

interface One {
  readonly site: HostSite;
  readonly phase: Phase;
  readonly text: string | null;
  /** Absent: the pass is left in peace, because its phase has no more points. */
  readonly kill: Kill | undefined;
}

async function killed(proof: Proof, tally: Tally, { site, phase, text, kill }: One): Promise<void> {
  const label = kill === undefined ? `${phase} in peace` : `${phase} ${kill.point}:${kill.nth}`;
  const again = `npx tsx scripts/crash/main.ts --hosts --point ${kill?.point ?? ''} --nth ${kill?.nth ?? ''}`;
  await site.want(text);
  const trap = kill === undefined ? {} : { PROVISIONING_FAILPOINT: `${kill.point}:${kill.nth}:kill` };
  const ended = await site.reconcile(trap).ended;
  const early =
    text !== null && (await claimsDone(site, text))
      ? (await flawsOn(site, text, { most: 1 })).map(flaw => `called done although ${flaw}`)
      : [];
  const recovery = await site.recover();
  const flaws = [
    ...early,
    ...(recovery.converged ? [] : [`not converged: ${recovery.story.join(' -> ')}`]),
    ...(await flawsOn(site, text, { most: 1 })),
  ];
  if (kill !== undefined) tally.cases += 1;
  if (ended.signal === 'SIGKILL') tally.fired += 1;
  tally.passes.set(recovery.passes, (tally.passes.get(recovery.passes) ?? 0) + 1);
  if (recovery.converged) tally.recoveriesMs.push(recovery.tookMs);
  else tally.unconverged += 1;
  if (flaws.length > 0) {
    tally.wrong += 1;
    violate(tally, { case: label, what: flaws.join('; '), again });
  }
  const how = flaws.length === 0 ? 'ok' : `✗ ${flaws.join('; ')}`;
  proof.say(
    `hosts ${label}: ${ended.signal ?? 'not killed'}, ${how}, ${recovery.passes} passes, ${(recovery.tookMs / 1_000).toFixed(1)} s`,
  );
}
