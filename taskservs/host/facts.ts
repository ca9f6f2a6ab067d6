import type { Architecture } from '../../schemas/taskserv.ts';
import type { Journal, Marker } from './marker.ts';

/** What stands at a path. Links are not followed. */
export interface PathFacts {
  readonly type: 'file' | 'directory' | 'link' | 'other';
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
  /** Of a link. */
  readonly to?: string;
  /** Of a file. */
  readonly sha256?: string;
  /** Of a file whose text may be seen and is not the wanted one. */
  readonly text?: string;
}

/** A Debian package; `broken` was begun and not finished. */
export interface PackageFacts {
  readonly version: string;
  readonly state: 'installed' | 'broken';
}

/** A systemd unit in systemd's own words: `active`, `enabled`, ...; `not-found` where there is none. */
export interface DaemonFacts {
  readonly active: string;
  readonly enabled: string;
}

/** What was installed from a release: the stamp that says what it was, and whether its files are still those. */
export interface ReleaseFacts {
  readonly stamp: string;
  readonly intact: boolean;
}

/**
 * What was seen of a host in one round trip. Null is what is not there; what has no entry was not asked about.
 */
export interface HostFacts {
  readonly codename: string;
  readonly architecture: Architecture;
  readonly memoryMib: number;
  /** Free space where services are installed. */
  readonly diskMib: number;
  readonly packages: { readonly [name: string]: PackageFacts | null };
  readonly paths: { readonly [path: string]: PathFacts | null };
  /** The groups of a user. */
  readonly users: { readonly [name: string]: readonly string[] | null };
  readonly daemons: { readonly [unit: string]: DaemonFacts };
  readonly releases: { readonly [name: string]: ReleaseFacts | null };
  /** Whether a task is done, by the digest of how that is asked; null where the host was too slow to say. */
  readonly tasks: { readonly [probe: string]: boolean | null };
  /** By service: what the last finished run left, and what a run that did not finish wrote down. */
  readonly markers: { readonly [service: string]: Marker };
  readonly journals: { readonly [service: string]: Journal };
  /** The runs that go on at this moment, or wait for their turn, and whose they are. */
  readonly runs: readonly { readonly name: string; readonly owner: Journal }[];
}

/** A host with nothing on it: what a server is before it exists. */
export function emptyHost(codename: string, architecture: Architecture = 'amd64'): HostFacts {
  const nothing = {
    packages: {},
    paths: {},
    users: {},
    daemons: {},
    releases: {},
    tasks: {},
    markers: {},
    journals: {},
  };
  return { codename, architecture, memoryMib: 1 << 20, diskMib: 1 << 20, ...nothing, runs: [] };
}
