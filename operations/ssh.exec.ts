import pLimit from 'p-limit';
import { z } from 'zod';
import { plainText } from '../planner/show.ts';
import type { Ports } from '../reconciler/ports.ts';
import { FAULT_CODES } from '../schemas/fault.ts';
import type { HostCommand } from '../schemas/host.ts';
import { WorkspaceKey } from '../schemas/name.ts';
import { PROVIDER_ERRORS, ProviderFault } from '../schemas/provider.ts';
import { defineOperation } from './operation.ts';
import { chosenServers, type RecordedServer, recordedServers } from './servers.ts';
import { TARGET } from './target.ts';

const Answer = z.strictObject({
  host: z.string(),
  /** Null where the command did not end by itself: then `error` says why. */
  code: z.int().nullable(),
  stdout: z.string(),
  stderr: z.string(),
  isCut: z.boolean(),
  error: z.strictObject({ class: z.enum(PROVIDER_ERRORS), message: z.string() }).nullable(),
});
type Answer = z.infer<typeof Answer>;

export const sshExec = defineOperation({
  name: 'ssh.exec',
  summary: 'Run one command on servers of a workspace, many at once, each known by its recorded host key.',
  description:
    'Every word after -- reaches the program as it is: no shell parses it. For a pipe or a wildcard run `sh -c "..."`. The exit code is 5 when a server could not be reached or the command failed there.',
  example: 'provisioning ssh exec --hosts web-1,web-2 -- uptime -p',
  permission: 'ssh:exec',
  safe: false,
  input: z.strictObject({
    command: z
      .array(z.string())
      .min(1)
      .describe('The program and its words, after two dashes.')
      .meta({ positional: true }),
    ...TARGET,
    hosts: z.array(z.string()).default([]).describe('Names of servers, with commas between them.'),
    all: z.boolean().default(false).describe('On all servers that are recorded.'),
    root: z.boolean().default(false).describe('As root, through sudo where somebody else logs in.'),
    limit: z.int().min(1).max(256).default(16).describe('Servers at once.'),
    timeout: z.int().min(1).max(86_400).default(60).describe('Seconds after which the command is killed.'),
  }),
  output: z.strictObject({ workspace: WorkspaceKey, answers: z.array(Answer) }),
  async run(ports, input, { signals }) {
    const { workspace, servers } = await recordedServers(ports, input);
    const chosen = chosenServers(servers, input);
    const command: HostCommand = {
      argv: input.command,
      timeoutMs: input.timeout * 1_000,
      asRoot: input.root,
      signal: signals.abort,
    };
    const limit = pLimit(input.limit);
    return { workspace, answers: await Promise.all(chosen.map(one => limit(() => answerOf(ports, one, command)))) };
  },
  text({ answers }) {
    const width = Math.max(0, ...answers.map(({ host }) => host.length));
    return answers.map(answer => linesOf(answer, width)).join('');
  },
  exitCode: ({ answers }) => (answers.some(({ code }) => code !== 0) ? FAULT_CODES.partial : 0),
});

async function answerOf(ports: Ports, { name, target }: RecordedServer, command: HostCommand): Promise<Answer> {
  try {
    const host = await ports.openHost(target());
    return { host: name, ...(await host.run(command)), error: null };
  } catch (error) {
    if (!(error instanceof ProviderFault)) throw error;
    const { class: sort, message } = error.error;
    return { host: name, code: null, stdout: '', stderr: '', isCut: false, error: { class: sort, message } };
  }
}

/** What one server said, each line after its name. Whatever would change the terminal is shown, not done. */
function linesOf({ host, code, stdout, stderr, isCut, error }: Answer, width: number): string {
  const label = host.padEnd(width);
  const said = [
    ...textLines(stdout).map(line => `| ${line}`),
    ...textLines(stderr).map(line => `! ${line}`),
    ...(isCut ? ['  (more was said than is kept)'] : []),
    ...(error === null ? [] : [`✗ ${plainText(error.message)}`]),
    ...(code === null || code === 0 ? [] : [`✗ exit code ${code}`]),
  ];
  return (said.length === 0 ? ['✓'] : said).map(line => `${label} ${line}\n`).join('');
}

function textLines(text: string): string[] {
  if (text === '') return [];
  const lines = text.replace(/\n$/, '').split('\n');
  return lines.map(line => plainText(line.replace(/\r$/, '').replaceAll('\t', '    ')));
}
