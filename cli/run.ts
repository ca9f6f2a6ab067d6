import { hostname, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invoke } from '../operations/invoke.ts';
import type { Operation } from '../operations/operation.ts';
import { ownerPolicy } from '../operations/permissions.ts';
import { systemWorld } from '../platform/clock/world.ts';
import { openHome } from '../platform/home/home.ts';
import { lineLog } from '../platform/log/lines.ts';
import type { Redactor } from '../platform/redact/port.ts';
import type { Log } from '../platform/log/port.ts';
import type { Ports } from '../reconciler/ports.ts';
import { wire } from '../reconciler/wire.ts';
import { Fault } from '../schemas/fault.ts';
import type { World } from '../schemas/world.ts';
import type { Request } from './args.ts';
import { askFor } from './confirm.ts';
import { printFault } from './faults.ts';
import { openProgress, type Progress } from './progress.ts';
import { readSecret } from './secret-input.ts';
import { INTERRUPTED, watchSignals } from './signals.ts';
import type { Terminal } from './terminal.ts';
import { VERSION } from './version.ts';

type RunRequest = Extract<Request, { kind: 'run' }>;

/** Runs one operation for the person at this terminal; the exit code. Faults are thrown for the caller to show. */
export async function runOperation(request: RunRequest, terminal: Terminal, redactor: Redactor): Promise<number> {
  const { entry, json } = request;
  checkWorkingFolder();
  const world = systemWorld();
  const operation: Operation = await entry.load();
  const progress = openProgress({ terminal, clock: world.clock, quiet: json });
  const watch = watchSignals({ say: progress.say, resumable: !entry.safe });
  try {
    const log = logOf({ world, progress, service: operation.service === true });
    const actor = actorName();
    const door = { ports: portsOf(world, log, redactor), policy: ownerPolicy(actor) };
    const confirm = askFor(entry, { terminal, progress });
    const call = {
      actor,
      signals: watch.signals,
      progress: progress.take,
      confirm,
      readSecret,
      isShown: terminal.shown && !json,
    };
    const { input, output } = await invoke(operation, door, request.input, call);
    // Whatever did not answer in time was given up, so the answer may lack it.
    if (entry.safe && watch.signals.abort.aborted) throw new Error('interrupted');
    progress.end();
    const { colour, width } = terminal;
    terminal.out(json ? `${JSON.stringify(output)}\n` : operation.text(output, { colour, width }));
    return operation.exitCode?.(output, input) ?? 0;
  } catch (error) {
    // What was being waited for gave up because a person asked for it: that is no defect.
    if (!watch.signals.abort.aborted || error instanceof Fault) throw error;
    progress.end();
    printFault(interrupted(entry.safe), { terminal, json, debug: false });
    return INTERRUPTED;
  } finally {
    progress.end();
    watch.close();
  }
}

function interrupted(safe: boolean): Fault {
  return new Fault('refused', { id: 'CLI-INTERRUPTED', what: 'it was interrupted' }, { nothingChanged: safe });
}

/** Who runs this: a container may have a user number without a name. */
function actorName(): string {
  try {
    return `${userInfo().username}@${hostname()}`;
  } catch {
    return `user-${process.getuid?.() ?? 0}@${hostname()}`;
  }
}

/** Relative paths mean nothing once the folder of this process was deleted. */
function checkWorkingFolder(): void {
  try {
    process.cwd();
  } catch {
    throw new Fault('unavailable', {
      id: 'CLI-CWD',
      what: 'the folder this was started in is gone',
      fix: 'change into a folder that exists',
    });
  }
}

/** A variable that only tests may set. */
function testing(name: string): string | undefined {
  return process.env['PROVISIONING_TEST'] === '1' ? process.env[name] : undefined;
}

function portsOf(world: World, log: Log, redactor: Redactor): Ports {
  const program = fileURLToPath(import.meta.url);
  // In the bundle every file lies beside main.js, one folder below the package.
  const main = join(dirname(program), 'main.js');
  const own = {
    examples: join(dirname(program), '..', 'example-workspace'),
    program: [process.execPath, main, 'demo', 'cloud'] as const,
  };
  const lease = Number(testing('PROVISIONING_LEASE_MS') ?? '');
  return wire({
    environment: process.env,
    // A server is loaded by the one operation that listens.
    openDoor: async options =>
      (await import('../server/hint-door.ts')).openHintDoor(options, process.env['PROVISIONING_WEBHOOK_SECRET'] ?? '', {
        log,
        clock: world.clock,
      }),
    world,
    log,
    redactor,
    home: openHome(process.env),
    tool: testing('PROVISIONING_TOOL_VERSION') ?? VERSION,
    own,
    ...(Number.isInteger(lease) && lease >= 500 ? { leaseMs: lease } : {}),
  });
}

/** Where notes go: to standard error, past the live block. `PROVISIONING_LOG=json` makes them JSON lines. */
function logOf(options: { readonly world: World; readonly progress: Progress; readonly service: boolean }): Log {
  const wanted = process.env['PROVISIONING_LOG'] ?? '';
  const level = options.service || wanted !== '' ? 'note' : 'warning';
  const { progress, world } = options;
  return lineLog({ format: wanted === 'json' ? 'json' : 'text', level, clock: world.clock, print: progress.say });
}
