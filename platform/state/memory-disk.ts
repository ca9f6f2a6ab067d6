import { Fault } from '../../schemas/fault.ts';
import type { Processes, StateDisk } from './state-disk.ts';

/** What can be made to go wrong at the disk: no room for an append, or an error when it is told to make it durable. */
export type DiskFault = 'no-space' | 'sync-error';

/** The disk of one simulated machine. It outlives its processes; what was not synchronised does not outlive a crash. */
export interface MemoryDisk {
  /** Ends every process of the machine where it stands: none of them does anything from now on. Unsynchronised bytes are lost. */
  crash(options?: { /** The last, unfinished write leaves half of itself behind. */ readonly torn: boolean }): void;
  inject(fault: DiskFault, times?: number): () => number;
  heal(): void;
  /** Changes a file behind everybody's back. */
  tamper(name: string, change: (text: string) => string): void;
  files(): ReadonlyMap<string, string>;
  /** A process that runs on this machine until the next crash. */
  process(): MemoryProcess;
}

export interface MemoryProcess {
  readonly number: number;
  readonly processes: Processes;
  disk(workspace: string): StateDisk;
  /** The same methods, which never answer again once the process ended. */
  mortal<T extends object>(port: T): T;
}

interface File {
  text: string;
  /** How much of it survives a crash; null when the file itself does not. */
  durable: number | null;
}

interface Machine {
  readonly files: Map<string, File>;
  faults: { readonly fault: DiskFault; readonly times: number; met: number }[];
  running: number;
}

export function memoryDisk(): MemoryDisk {
  const machine: Machine = { files: new Map(), faults: [], running: 1 };
  return {
    crash(options) {
      machine.running += 1;
      for (const [name, file] of machine.files) {
        if (file.durable === null) machine.files.delete(name);
        else file.text = file.text.slice(0, kept(file, options?.torn === true));
      }
    },
    inject(fault, times = Number.POSITIVE_INFINITY) {
      const entry = { fault, times, met: 0 };
      machine.faults.push(entry);
      return () => entry.met;
    },
    heal() {
      machine.faults = [];
    },
    tamper(name, change) {
      const file = machine.files.get(name);
      if (file === undefined) throw new Error(`there is no file ${name}`);
      file.text = change(file.text);
      file.durable = file.text.length;
    },
    files: () => new Map([...machine.files].map(([name, { text }]) => [name, text])),
    process() {
      const number = machine.running;
      return {
        number,
        processes: {
          self: () => `process-${number}`,
          alive: process => process === `process-${machine.running}`,
        },
        disk: workspace => mortal(machine, number, diskOf(machine, `${workspace}/`)),
        mortal: port => mortal(machine, number, port),
      };
    },
  };
}

function kept(file: File, isTorn: boolean): number {
  const durable = file.durable ?? 0;
  return isTorn ? durable + Math.floor((file.text.length - durable) / 2) : durable;
}

/** A process that ended does not get an error: it gets nothing, as the dead do. */
function mortal<T extends object>(machine: Machine, number: number, port: T): T {
  const calls = Object.entries(port).map(([name, call]) => {
    const asked = async (...args: unknown[]): Promise<unknown> => {
      if (machine.running !== number) return new Promise(() => {});
      const answer: unknown = await call(...args);
      return machine.running === number ? answer : new Promise(() => {});
    };
    return [name, asked];
  });
  return Object.fromEntries(calls) as T;
}

function meet(machine: Machine, fault: DiskFault): void {
  const entry = machine.faults.find(one => one.fault === fault && one.met < one.times);
  if (entry === undefined) return;
  entry.met += 1;
  const what = fault === 'no-space' ? 'the disk is full' : 'the disk reports an error';
  throw new Fault('unavailable', { id: 'ST-DISK', what: `the files of this machine cannot be used: ${what}` });
}

function diskOf(machine: Machine, prefix: string): StateDisk {
  const { files } = machine;
  const at = (name: string): string => prefix + name;
  return {
    read: async name => files.get(at(name))?.text ?? null,
    async replace(name, text, options) {
      meet(machine, 'no-space');
      files.set(at(name), { text, durable: options?.cache === true ? null : text.length });
    },
    remove: async name => void files.delete(at(name)),
    async list() {
      const names = [...files.keys()].filter(name => name.startsWith(prefix)).map(name => name.slice(prefix.length));
      return names.sort();
    },
    async setAside(name) {
      const file = files.get(at(name));
      if (file !== undefined) files.set(at(`set-aside/${name}`), file);
      files.delete(at(name));
    },
    async journal(name) {
      const file: File = { text: '', durable: 0 };
      files.set(at(name), file);
      return mortal(machine, machine.running, {
        async append(text: string) {
          meet(machine, 'no-space');
          file.text += text;
        },
        async sync() {
          meet(machine, 'sync-error');
          file.durable = file.text.length;
        },
        close: async () => {},
      });
    },
  };
}
