import { hostname, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { invoke } from '../operations/invoke.ts';
import type { Operation } from '../operations/operation.ts';
import { ownerPolicy } from '../operations/permissions.ts';
import { systemWorld } from '../platform/clock/world.ts';
import { openHome } from '../platform/home/home.ts';
import { lineLog } from '../platform/log/lines.ts';
import type { Log } from '../platform/log/port.ts';
import type { Ports } from '../reconciler/ports.ts';
import { wire } from '../reconciler/wire.ts';
import type { World } from '../schemas/world.ts';
import type { Request } from './args.ts';
import { askFor } from './confirm.ts';
import { openProgress, type Progress } from './progress.ts';
import { watchSignals } from './signals.ts';
import type { Terminal } from './terminal.ts';
import { VERSION } from './version.ts';

/** Runs one operation for the person at this terminal; the exit code. Faults are thrown for the caller to show. */
export async function runOperation(request: Extract<Request, { kind: 'run' }>, terminal: Terminal): Promise<number> {
  const { entry, input, json } = request;
  const world = systemWorld();
  const operation: Operation = await entry.load();
  const progress = openProgress({ terminal, clock: world.clock, quiet: json });
  const log = logOf({ terminal, world, progress, service: operation.service === true });
  const signals = watchSignals({ say: progress.say, resumable: !entry.safe });
  const actor = `${userInfo().username}@${hostname()}`;
  const door = { ports: portsOf(world, log), policy: ownerPolicy(actor) };
  try {
    const call = {
      actor,
      signals: signals.signals,
      progress: progress.take,
      confirm: askFor(entry, { terminal, progress }),
    };
    const answered = await invoke(operation, door, input, call);
    progress.end();
    const { colour, width } = terminal;
    terminal.out(json ? `${JSON.stringify(answered.output)}\n` : operation.text(answered.output, { colour, width }));
    return operation.exitCode?.(answered.output, answered.input) ?? 0;
  } finally {
    progress.end();
    signals.close();
  }
}

/** A variable that only tests may set. */
function testing(name: string): string | undefined {
  return process.env['PROVISIONING_TEST'] === '1' ? process.env[name] : undefined;
}

function portsOf(world: World, log: Log): Ports {
  const program = fileURLToPath(import.meta.url);
  // In the bundle every file lies beside main.js, one folder below the package.
  const main = join(dirname(program), 'main.js');
  const own = {
    examples: join(dirname(program), '..', 'example-workspace'),
    program: [process.execPath, main, 'demo', 'cloud'] as const,
  };
  const lease = Number(process.env['PROVISIONING_LEASE_MS'] ?? '');
  return wire({
    world,
    log,
    home: openHome(process.env),
    tool: testing('PROVISIONING_TOOL_VERSION') ?? VERSION,
    own,
    ...(Number.isInteger(lease) && lease >= 500 ? { leaseMs: lease } : {}),
  });
}

/** Where notes go: to standard error, past the live block. `PROVISIONING_LOG=json` makes them JSON lines. */
function logOf(options: {
  readonly terminal: Terminal;
  readonly world: World;
  readonly progress: Progress;
  readonly service: boolean;
}): Log {
  const wanted = process.env['PROVISIONING_LOG'] ?? '';
  const level = options.service || wanted !== '' ? 'note' : 'warning';
  const { progress, world } = options;
  return lineLog({ format: wanted === 'json' ? 'json' : 'text', level, clock: world.clock, print: progress.say });
}
