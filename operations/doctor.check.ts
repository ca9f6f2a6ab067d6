import { resolve } from 'node:path';
import { z } from 'zod';
import { machineChecks } from '../platform/machine/checks.ts';
import type { Ports } from '../reconciler/ports.ts';
import { localTarget } from '../reconciler/target.ts';
import { loadTarget } from '../reconciler/view.ts';
import { asFault, FAULT_CODES } from '../schemas/fault.ts';
import { Name } from '../schemas/name.ts';
import type { Workspace } from '../schemas/workspace.ts';
import { defineOperation } from './operation.ts';

const Check = z.strictObject({
  name: z.string(),
  status: z.enum(['ok', 'warning', 'fault']),
  what: z.string(),
  fix: z.string().optional(),
});
type Check = z.infer<typeof Check>;

const SIGNS: { readonly [status in Check['status']]: string } = { ok: '✓', warning: '!', fault: '✗' };

/** A clock that stands this much before the newest audit record went back. */
const CLOCK_MS = 60_000;

export const doctorCheck = defineOperation({
  name: 'doctor.check',
  aliases: ['doctor'],
  summary: 'Check this machine: Node, git, disk, clock, locks, container engine, and a workspace with -C.',
  example: 'provisioning doctor -C infrastructure/shop',
  permission: 'machine:read',
  safe: true,
  input: z.strictObject({
    directory: z.string().optional().describe('Folder of a workspace to check as well.').meta({ short: 'C' }),
    env: Name.optional().describe('Environment of that workspace.'),
  }),
  output: z.strictObject({ checks: z.array(Check) }),
  async run(ports, input) {
    const nowMs = ports.world.clock.now();
    const checks: Check[] = machineChecks({ home: ports.home, nowMs }).map(check => ({ ...check }));
    checks.push(await clockCheck(ports, nowMs));
    const { directory, env } = input;
    const found = directory === undefined ? null : await workspaceCheck(ports, { directory, env });
    checks.push(...(await engineChecks(ports, found?.workspace)));
    if (found !== null) checks.push(found.check);
    return { checks };
  },
  text({ checks }) {
    const width = Math.max(...checks.map(check => check.name.length));
    const lines = checks.flatMap(({ name, status, what, fix }) => [
      `${SIGNS[status]} ${name.padEnd(width)}  ${what}`,
      ...(fix === undefined ? [] : [`  ${' '.repeat(width)}  fix: ${fix}`]),
    ]);
    return `${lines.join('\n')}\n`;
  },
  exitCode: ({ checks }) => (checks.some(check => check.status === 'fault') ? FAULT_CODES.unavailable : 0),
});

async function clockCheck(ports: Ports, nowMs: number): Promise<Check> {
  try {
    const [newest] = await ports.audit.list({ limit: 1 });
    const shown = new Date(nowMs).toISOString();
    if (newest === undefined || Date.parse(newest.at) - nowMs <= CLOCK_MS)
      return { name: 'clock', status: 'ok', what: shown };
    return {
      name: 'clock',
      status: 'warning',
      what: `${shown} is before the newest audit record, ${newest.at}`,
      fix: 'set the clock',
    };
  } catch (error) {
    return failed('audit', error);
  }
}

async function workspaceCheck(
  ports: Ports,
  input: { readonly directory: string; readonly env: string | undefined },
): Promise<{ readonly check: Check; readonly workspace?: Workspace }> {
  try {
    const target = await localTarget(ports, { directory: resolve(input.directory), env: input.env });
    const { workspace } = (await loadTarget(ports, target)).loaded;
    const what = `${workspace.key}: ${workspace.resources.length} resources`;
    return { check: { name: 'workspace', status: 'ok', what }, workspace };
  } catch (error) {
    return { check: failed('workspace', error) };
  }
}

/** The engine of each local provider of the workspace. Where it has none, that of the machine, which then may be missing. */
async function engineChecks(ports: Ports, workspace: Workspace | undefined): Promise<readonly Check[]> {
  const entries = Object.values(workspace?.providers ?? {}).filter(({ driver }) => driver === 'local');
  const reports = await Promise.all(
    (entries.length === 0 ? [{ config: {} }] : entries).map(one => ports.engine(one.config)),
  );
  const lacking = entries.length === 0 ? 'warning' : 'fault';
  return reports.map(({ isUsable, ...told }) => ({ name: 'engine', status: isUsable ? 'ok' : lacking, ...told }));
}

function failed(name: string, error: unknown): Check {
  const fault = asFault(error);
  const [problem] = fault.problems;
  return {
    name,
    status: 'fault',
    what: problem?.what ?? fault.code,
    ...(problem?.fix === undefined ? {} : { fix: problem.fix }),
  };
}
