import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Processes } from './state-disk.ts';

/**
 * Processes of the running system. A process is known by boot, process namespace, number and start time, so neither a number that
 * was used again, nor a container, nor another machine that shares the folder can be mistaken for it.
 */
export function systemProcesses(): Processes {
  return {
    self: () => `${place()} ${process.pid} ${startOf(process.pid) ?? ''}`,
    alive(text) {
      const [where, pid, start] = text.split(' ');
      if (where !== place()) return true;
      return start === '' ? answers(Number(pid)) : startOf(Number(pid)) === start;
    },
  };
}

/** Within which two process numbers can be compared. */
function place(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** Start time of a process in clock ticks since boot; null when it ended, or the system does not tell. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may hold anything; the start time is the 20th after it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return null;
  }
}

function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH');
  }
}
