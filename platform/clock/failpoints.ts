import { appendFileSync } from 'node:fs';
import { FAILPOINTS, type Failpoint, HOST_FAILPOINTS, REVIEW_FAILPOINTS } from '../../schemas/failpoint.ts';
import { Fault } from '../../schemas/fault.ts';

interface Trap {
  readonly point: Failpoint;
  /** Fires when the point is reached for the nth time, counted from 1. */
  readonly nth: number;
  readonly action: 'kill' | 'pause' | 'error' | 'delay';
  readonly delayMs: number;
}

type Environment = { readonly [name: string]: string | undefined };

const SHAPE = /^([a-z.]+):([1-9][0-9]{0,5}):(kill|pause|error|delay=([0-9]{1,6}))$/;

/** What the environment asks for; empty unless this process was started for a test. Throws Fault `usage` for text that means nothing. */
export function trapsOf(environment: Environment): readonly Trap[] {
  if (environment['PROVISIONING_TEST'] !== '1') return [];
  const text = environment['PROVISIONING_FAILPOINT'] ?? '';
  return text === '' ? [] : text.split(',').map(parseTrap);
}

function parseTrap(text: string): Trap {
  const [, point, nth, action, delay] = SHAPE.exec(text.trim()) ?? [];
  if (
    point === undefined ||
    action === undefined ||
    ![...FAILPOINTS, ...REVIEW_FAILPOINTS, ...HOST_FAILPOINTS].includes(point as Failpoint)
  ) {
    throw new Fault('usage', {
      id: 'CLI-FAILPOINT',
      what: 'PROVISIONING_FAILPOINT does not name a failpoint',
      fix: '<name>:<nth>:<kill|pause|error|delay=ms>, with a name of docs/reference/failpoints.md',
    });
  }
  return {
    point: point as Failpoint,
    nth: Number(nth),
    action: delay === undefined ? (action as Trap['action']) : 'delay',
    delayMs: Number(delay ?? 0),
  };
}

/** The failpoints of this process. Each that fires first says so in the file `PROVISIONING_FAILPOINT_LOG`, because afterwards it may be too late. */
export function failpoints(environment: Environment): (point: Failpoint) => Promise<void> {
  const traps = trapsOf(environment);
  if (traps.length === 0) return () => Promise.resolve();
  const counts = new Map<Failpoint, number>();
  return async point => {
    const count = (counts.get(point) ?? 0) + 1;
    counts.set(point, count);
    const trap = traps.find(candidate => candidate.point === point && candidate.nth === count);
    if (trap === undefined) return;
    const file = environment['PROVISIONING_FAILPOINT_LOG'];
    if (file !== undefined) appendFileSync(file, `fired ${point}:${trap.nth}:${trap.action}\n`);
    await fire(trap);
  };
}

async function fire({ point, action, delayMs }: Trap): Promise<void> {
  if (action === 'error') {
    throw new Fault(
      'unavailable',
      { id: 'TEST-FAILPOINT', what: `the failpoint ${point} failed as asked` },
      { nothingChanged: false },
    );
  }
  if (action === 'delay') {
    await new Promise(resolve => setTimeout(resolve, delayMs));
    return;
  }
  process.kill(process.pid, action === 'kill' ? 'SIGKILL' : 'SIGSTOP');
  // A signal to oneself arrives a moment later; nothing may happen in that moment.
  await new Promise(resolve => setTimeout(resolve, 50));
}
