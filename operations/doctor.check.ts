import { resolve } from 'node:path';
import { z } from 'zod';
import { machineChecks } from '../platform/machine/checks.ts';
import type { Ports } from '../reconciler/ports.ts';
import { localTarget } from '../reconciler/target.ts';
import { loadTarget } from '../reconciler/view.ts';
import { asFault, FAULT_CODES } from '../schemas/fault.ts';
import { Name } from '../schemas/name.ts';
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
  summary: 'Check this machine: Node, git, disk, clock, locks, and a workspace with -C.',
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
    if (input.directory !== undefined)
      checks.push(await workspaceCheck(ports, { directory: input.directory, env: input.env }));
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
): Promise<Check> {
  try {
    const target = await localTarget(ports, { directory: resolve(input.directory), env: input.env });
    const { loaded } = await loadTarget(ports, target);
    return {
      name: 'workspace',
      status: 'ok',
      what: `${loaded.workspace.key}: ${loaded.workspace.resources.length} resources`,
    };
  } catch (error) {
    return failed('workspace', error);
  }
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
