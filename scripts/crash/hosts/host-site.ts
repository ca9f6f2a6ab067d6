import { join } from 'node:path';
import { type LocalWorkspace, openLocalWorkspace } from '../../../test/local/workspace.ts';
import { reportOf } from '../flow.ts';
import { type Ended, type Running, start } from '../program.ts';
import { type Ground, NOTES, subject } from './subject.ts';

/** Long enough that a busy machine keeps it, short enough that the heir of a killed program does not wait long. */
const LEASE_MS = '9000';

/** Longest time in milliseconds until something is seen on the host. */
const SEEN_MS = 120_000;

/** Passes that a recovery may take. */
const MOST_PASSES = 6;

/** One workspace with one real host, whose reconciler is the shipped program. */
export interface HostSite {
  readonly lab: LocalWorkspace;
  /** Pushes that the subject says this, or that it goes. */
  want(text: string | null): Promise<void>;
  /** Starts one pass of the reconciler. */
  reconcile(env?: { readonly [name: string]: string }): Running;
  /** Passes until nothing is left to do. */
  recover(): Promise<Recovery>;
  /** Runs a script as root on the host, past the product. Its words are `$1` and so on. */
  inside(script: string, ...words: readonly string[]): Promise<string>;
  /** Resolves when the script ends with 0. */
  until(script: string, ...words: readonly string[]): Promise<void>;
  /** Keeps the task of the subject from ending. */
  shut(): Promise<void>;
  open(): Promise<void>;
  /** The container that is the host. */
  container(): Promise<string>;
  close(): Promise<void>;
}

export interface Recovery {
  readonly converged: boolean;
  readonly passes: number;
  readonly tookMs: number;
  readonly story: readonly string[];
}

/** The host is there, and nothing is on it. */
export async function openHostSite(ground: Ground): Promise<HostSite> {
  const lab = await openLocalWorkspace(ground.name);
  let wanted: string | null | undefined;
  const want = async (text: string | null): Promise<void> => {
    if (text === wanted) return;
    wanted = text;
    await lab.push(subject(ground, lab.publicKey, text), text === null ? 'Take it away' : `Say ${text}`);
  };
  await want(null);
  const first = await lab.run(['apply', '--auto-approve']);
  if (first.code !== 0) throw new Error(`the host cannot be made: ${first.said}`);
  const reconcile = (env: { readonly [name: string]: string } = {}): Running =>
    start({
      args: ['reconcile', '--once', '--repository', join(lab.directory, 'remote.git'), '--wait', '30', '--json'],
      home: join(lab.directory, 'home'),
      env: { PROVISIONING_SSH_KEY: join(lab.directory, 'identity'), PROVISIONING_LEASE_MS: LEASE_MS, ...env },
      limitMs: 600_000,
    });
  const container = async (): Promise<string> => {
    const names = (await lab.engine('ps', '-a', '--format', '{{.Names}}')).split('\n');
    return names.find(name => name.startsWith(`${ground.name}-`)) ?? '';
  };
  const inside: HostSite['inside'] = async (script, ...words) =>
    lab.engine('exec', await container(), 'sh', '-c', script, 'sh', ...words);
  return {
    lab,
    want,
    reconcile,
    recover: () => recovered(reconcile),
    inside,
    async until(script, ...words) {
      const end = Date.now() + SEEN_MS;
      while (
        !(await inside(script, ...words).then(
          () => true,
          () => false,
        ))
      )
        if (Date.now() > end) throw new Error(`not seen on the host: ${script} ${words.join(' ')}`);
    },
    shut: async () => void (await inside(`mkdir -p ${NOTES}; touch ${NOTES}/gate`)),
    open: async () => void (await inside(`rm -f ${NOTES}/gate`)),
    container,
    close: () => lab.close(),
  };
}

async function recovered(reconcile: () => Running): Promise<Recovery> {
  const story: string[] = [];
  let tookMs = 0;
  for (let passes = 1; passes <= MOST_PASSES; passes += 1) {
    const ended = await reconcile().ended;
    tookMs += ended.tookMs;
    story.push(told(ended));
    if (reportOf(ended)?.status === 'in-sync') return { converged: true, passes, tookMs, story };
  }
  return { converged: false, passes: MOST_PASSES, tookMs, story };
}

/** How a pass ended and all that it says to a person, as one line. */
export function told(ended: Ended): string {
  const report = reportOf(ended);
  if (report === null)
    return `${ended.hung ? 'hung' : (ended.signal ?? `exit ${ended.code}`)} ${ended.stderr.slice(-600)}`.trim();
  const problems = [
    ...(report.fault?.problems ?? []),
    ...(report.run?.failed ?? []).flatMap(one => one.fault.problems),
  ];
  const plan = report.plan === null ? [] : report.plan.findings.map(one => JSON.stringify(one));
  const drift = report.drift.map(({ text }) => text);
  return [report.status, ...problems.map(({ what, fix }) => `${what} -> ${fix}`), ...drift, ...plan].join(' | ');
}
