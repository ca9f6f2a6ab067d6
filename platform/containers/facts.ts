import { existsSync, readFileSync } from 'node:fs';
import type { MachineFacts } from './settings.ts';

/** Looks at the machine that hosts shall run on. */
export function machineFacts(): MachineFacts {
  const limits = textOf('/proc/self/limits');
  return {
    cgroup: cgroupOf(),
    files: hardLimit(limits, 'Max open files'),
    processes: hardLimit(limits, 'Max processes'),
    hasSystemd: existsSync('/run/systemd/system'),
  };
}

function cgroupOf(): MachineFacts['cgroup'] {
  if (existsSync('/sys/fs/cgroup/cgroup.controllers')) return 'v2';
  return existsSync('/sys/fs/cgroup/unified/cgroup.controllers') ? 'hybrid' : 'v1';
}

function hardLimit(limits: string, name: string): number | null {
  const line = limits.split('\n').find(text => text.startsWith(name));
  const number = Number(line?.slice(name.length).trim().split(/\s+/)[1]);
  return Number.isFinite(number) ? number : null;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
