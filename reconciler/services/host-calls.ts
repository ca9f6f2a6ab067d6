import type { HostCommand, HostSession, Ran } from '../../schemas/host.ts';
import type { Owner } from '../../schemas/owner.ts';
import { type CallContext, ProviderFault } from '../../schemas/provider.ts';
import type { HostAct } from '../../taskservs/host/act.ts';
import type { HostFacts } from '../../taskservs/host/facts.ts';
import { factsOf, UnreadableFacts } from '../../taskservs/host/facts-text.ts';
import { answered, type Question, questionArchive } from '../../taskservs/host/look.ts';
import { LOOK_SCRIPT } from '../../taskservs/host/look-script.ts';
import { runArchive, runName, type RunState, runStates } from '../../taskservs/host/run.ts';
import { REACHED } from '../../taskservs/host/guard-scripts.ts';
import { POLL_SCRIPT, START_SCRIPT } from '../../taskservs/host/run-script.ts';

/** Longest time of a look: what it asks of programs on a busy host takes longer than a request. */
const LOOK_MS = 120_000;

/** Looks at a host, in one round trip. */
export async function lookAt(ctx: CallContext, session: HostSession, question: Question): Promise<HostFacts> {
  const patient = { ...ctx, timeoutMs: Math.max(ctx.timeoutMs, LOOK_MS) };
  const ran = await root(patient, session, { argv: ['sh', '-c', LOOK_SCRIPT], stdin: questionArchive(question) });
  if (ran.code !== 0) {
    const message = `the host could not be looked at: ${lastWords(ran.stderr)}`;
    throw new ProviderFault({ class: 'state', code: 'look-failed', message });
  }
  if (ran.isCut) throw unreadable();
  try {
    return answered(question, factsOf(ran.stdout));
  } catch (error) {
    if (error instanceof UnreadableFacts) throw unreadable();
    throw error;
  }
}

function unreadable(): ProviderFault {
  const message = 'the host did not answer as a Debian host with systemd does (unreadable_facts)';
  return new ProviderFault({ class: 'unsupported', code: 'unreadable_facts', message });
}

/** Sends a run and starts it. What was sent before is not started twice. Gives the name of the run. */
export async function startRun(
  ctx: CallContext,
  session: HostSession,
  run: { readonly service: string; readonly owner: Owner; readonly acts: readonly HostAct[] },
): Promise<string> {
  const name = runName(run.service, run.owner.opId);
  const argv = ['sh', '-c', START_SCRIPT, 'sh', name, run.service];
  const ran = await root(ctx, session, { argv, stdin: runArchive(run.acts, run.owner) });
  if (ran.code === 0) return name;
  const message = `the run could not be started on the host: ${lastWords(ran.stderr)}`;
  throw new ProviderFault({ class: 'transient', code: 'run-not-started', message });
}

/** How runs of one host stand. */
export async function pollRuns(
  ctx: CallContext,
  session: HostSession,
  names: readonly string[],
): Promise<ReadonlyMap<string, RunState>> {
  const ran = await root(ctx, session, { argv: ['sh', '-c', POLL_SCRIPT, 'sh', ...names] });
  return runStates(ran.stdout);
}

/** Tells a run that waits for a new session that this is one. */
export async function confirmRun(ctx: CallContext, session: HostSession, name: string): Promise<void> {
  await root(ctx, session, { argv: ['sh', '-c', REACHED, 'sh', `/run/provisioning/${name}`] });
}

async function root(
  ctx: CallContext,
  session: HostSession,
  command: Pick<HostCommand, 'argv' | 'stdin'>,
): Promise<Ran> {
  return session.run({ ...command, timeoutMs: ctx.timeoutMs, asRoot: true, signal: ctx.signal });
}

/** The end of what a program said, as one line without control characters. */
export function lastWords(said: string): string {
  const lines = said
    // oxlint-disable-next-line no-control-regex
    .replace(/\u001b\[[0-9;]*[A-Za-z]/g, '')
    .split(/[\r\n]+/)
    // oxlint-disable-next-line no-control-regex
    .map(line => line.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ').trim())
    .filter(line => line !== '');
  return lines.slice(-20).join(' | ').slice(-2_000);
}
