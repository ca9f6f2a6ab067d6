import { z } from 'zod';
import { discover, type Selection } from '../reconciler/discover.ts';
import { pass } from '../reconciler/pass.ts';
import type { Door, Ports } from '../reconciler/ports.ts';
import { passAll } from '../reconciler/relations.ts';
import { PassReport } from '../reconciler/report.ts';
import type { ReviewContext } from '../reconciler/review/context.ts';
import { openReview } from '../reconciler/review/open.ts';
import { round } from '../reconciler/review/round.ts';
import { passExit, passText } from '../reconciler/telling.ts';
import type { Target } from '../reconciler/target.ts';
import { watch } from '../reconciler/watch.ts';
import type { GitSource } from '../platform/git/port.ts';
import { Fault } from '../schemas/fault.ts';
import { Name, Sha } from '../schemas/name.ts';
import { type Call, defineOperation } from './operation.ts';
import { repositoryOf } from './target.ts';

const Input = z.strictObject({
  repository: z
    .string()
    .optional()
    .describe('Remote to follow: a path, file://, ssh or https address. Default: origin of the clone in --directory.'),
  directory: z
    .string()
    .default('.')
    .describe('A clone whose origin is followed when --repository is not given.')
    .meta({ short: 'C' }),
  branch: z.string().default('main').describe('Branch whose head is desired.'),
  workspace: z
    .array(z.string())
    .default([])
    .describe('Only this workspace, by name or folder. May be given more than once.'),
  env: Name.optional().describe('Only this environment.'),
  once: z.boolean().default(false).describe('Make one pass and stop.'),
  watch: z.boolean().default(false).describe('Go on until stopped.'),
  interval: z.int().min(1).max(86_400).default(30).describe('Seconds between two looks at the remote.'),
  parallel: z.int().min(1).max(64).default(4).describe('Workspaces worked on at once.'),
  listen: z
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe('Port for webhooks, signed with PROVISIONING_WEBHOOK_SECRET. They only make the next look come sooner.'),
  host: z.string().default('127.0.0.1').describe('Address to listen on.'),
  wait: z.int().min(0).max(3_600).default(0).describe('Seconds to wait while another process writes.'),
  reviews: z
    .enum(['auto', 'off'])
    .default('auto')
    .describe('`auto`: pull requests are planned and answered where the Git host and a credential for it are known.'),
});

export const reconcileRun = defineOperation({
  name: 'reconcile.run',
  aliases: ['reconcile'],
  summary: 'Follow a branch: plan every workspace, apply what may be applied, look for drift.',
  example: 'provisioning reconcile --repository git@example.com:team/infrastructure.git --once',
  permission: 'reconcile:write',
  safe: false,
  service: true,
  input: Input,
  output: z.strictObject({ repository: z.string(), commit: Sha.nullable(), passes: z.array(PassReport) }),
  async run(ports, input, call) {
    if (input.once === input.watch) {
      throw new Fault('usage', {
        id: 'CLI-ONCE-WATCH',
        what: 'give either --once or --watch',
        fix: 'provisioning reconcile --once',
      });
    }
    const source = await repositoryOf(ports, input);
    const selection: Selection = { workspaces: input.workspace, env: input.env ?? null };
    return input.once
      ? once(ports, { source, input, selection }, call)
      : follow(ports, { source, input, selection }, call);
  },
  text: ({ passes }, rendering) => passes.map(report => passText(report, rendering)).join('\n'),
  exitCode: ({ passes }) => passes.reduce((worst, report) => Math.max(worst, passExit(report)), 0),
});

interface Turn {
  readonly source: GitSource;
  readonly input: z.infer<typeof Input>;
  readonly selection: Selection;
}

async function reviewOf(ports: Ports, turn: Turn, call: Call): Promise<ReviewContext | null> {
  const { source, input, selection } = turn;
  if (input.reviews === 'off') return null;
  return openReview(ports, { source, branch: input.branch, selection, signals: call.signals });
}

function passOptions(ports: Ports, turn: Turn, call: Call) {
  return {
    actor: call.actor,
    signals: call.signals,
    progress: call.progress,
    waitMs: turn.input.wait * 1_000,
    shown: () => ports.log.write('note', 'plan', { repository: turn.source.url }),
  };
}

async function once(ports: Ports, turn: Turn, call: Call) {
  const { source, input, selection } = turn;
  await source.fetch();
  const commit = await source.head(input.branch);
  if (commit === null) {
    throw new Fault('usage', {
      id: 'GIT-BRANCH',
      what: `the repository has no branch ${input.branch}`,
      fix: '--branch <name>',
    });
  }
  const review = await reviewOf(ports, turn, call);
  if (review !== null) {
    const { passes } = await round(review, passOptions(ports, turn, call));
    return { repository: source.url, commit, passes: [...passes] };
  }
  const targets = await discover(source, { commit, stateRemote: source.url, follow: true }, selection);
  const work = (target: Target) => pass(ports, target, passOptions(ports, turn, call));
  const passes = await passAll(ports, targets, { stop: call.signals.stop, work });
  return { repository: source.url, commit, passes: [...passes] };
}

/** The listening address for webhooks, where one is asked for. */
async function doorOf(ports: Ports, { input }: Turn, review: ReviewContext | null): Promise<Door | null> {
  if (input.listen === undefined) return null;
  if (review === null || ports.openDoor === null) {
    throw new Fault('usage', {
      id: 'CLI-LISTEN',
      what: '--listen hears webhooks of a Git host, and none is known for this repository',
      fix: 'set GITHUB_TOKEN, or leave --listen out',
    });
  }
  const door = await ports.openDoor({ host: input.host, port: input.listen, repository: review.forge.repository });
  ports.log.write('note', 'webhooks are heard', { url: door.url });
  return door;
}

/** Runs until stopped; answers with the last report of each workspace. */
async function follow(ports: Ports, turn: Turn, call: Call) {
  const { source, input, selection } = turn;
  const last = new Map<string, PassReport>();
  const review = await reviewOf(ports, turn, call);
  const door = await doorOf(ports, turn, review);
  await watch(ports, {
    ...passOptions(ports, turn, call),
    source,
    stateRemote: source.url,
    branch: input.branch,
    selection,
    pollMs: input.interval * 1_000,
    parallel: input.parallel,
    review,
    hints: door,
    reported: report => {
      const key = report.workspace ?? report.folder;
      const before = last.get(key);
      last.set(key, report);
      if (before?.status !== report.status || report.writes > 0 || report.status !== 'in-sync')
        call.progress({ event: 'pass', report });
    },
  });
  await door?.close();
  const commit = [...last.values()][0]?.commit ?? null;
  return { repository: source.url, commit, passes: [...last.values()] };
}
