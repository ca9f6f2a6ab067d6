import type { ZodType } from 'zod';
import type { Json } from './json.ts';
import type { Name } from './name.ts';

/** The 18 categories of task services, as `taskserv list --category` takes them. */
export const CATEGORIES = [
  'container-runtime',
  'kubernetes',
  'storage',
  'databases',
  'networking',
  'security',
  'observability',
  'development',
  'hypervisor',
  'base-system',
  'registry',
  'ingress',
  'ci-cd',
  'database-ha',
  'messaging',
  'certificates',
  'backup',
  'vpn-and-ledger',
] as const;
/** One of `CATEGORIES`. */
export type Category = (typeof CATEGORIES)[number];

/** A processor as Debian names it. */
export type Architecture = 'amd64' | 'arm64';

/** Where an archive or a program of a release comes from. The digest is that of what is downloaded. */
export interface ReleaseSource {
  readonly url: string;
  readonly sha256: string;
}

/**
 * One thing that shall be so on a host. Text is data: a word of a command reaches the program as it is, no shell parses it,
 * and the text of a file is written byte for byte. A service states its items in the order in which they are made.
 */
export type HostItem =
  | {
      /** A signed package repository of somebody else than the distribution. */
      readonly is: 'repository';
      readonly name: string;
      readonly uri: string;
      readonly suite: string;
      readonly components: readonly string[];
      /** Public key in armoured form; pinned here, never fetched. */
      readonly key: string;
    }
  /** A Debian package. A version is exact, or a prefix that ends with `*`; without one any installed version is right. */
  | { readonly is: 'package'; readonly name: string; readonly version?: string }
  | {
      /** Files out of an archive, or one program, of a release with a pinned digest. */
      readonly is: 'release';
      readonly name: string;
      readonly version: string;
      readonly sources: { readonly [architecture in Architecture]?: ReleaseSource };
      readonly archive: 'tar.gz' | 'tar.xz' | 'zip' | 'none';
      /** `from` is a path inside the archive; absent when the download is the program itself. */
      readonly files: readonly { readonly from?: string; readonly to: string; readonly mode: number }[];
    }
  /** A system user without a password and without a login. */
  | {
      readonly is: 'user';
      readonly name: string;
      readonly home?: string;
      readonly groups?: readonly string[];
    }
  | {
      readonly is: 'directory';
      readonly path: string;
      readonly mode: number;
      readonly owner?: string;
      readonly group?: string;
    }
  | {
      readonly is: 'file';
      readonly path: string;
      readonly text: string;
      /** 0o644 unless said. */
      readonly mode?: number;
      readonly owner?: string;
      readonly group?: string;
      /** Nobody may see its text, in no plan and no log. What holds a secret value is hidden without this. */
      readonly isSecret?: true;
      /** Run before the file is put in place, with `{}` for the path of the new text; refusing it fails the change and leaves the old file. */
      readonly check?: readonly string[];
    }
  /** A file or link that must not be there, such as a default site. Its text is kept beside the marker and put back on removal. */
  | { readonly is: 'absent'; readonly path: string }
  | { readonly is: 'link'; readonly path: string; readonly to: string }
  | {
      /** A systemd unit. It is restarted (or reloaded) when one of the named files, or a package or release before it, was changed. */
      readonly is: 'daemon';
      readonly unit: string;
      readonly restartOn?: readonly string[];
      readonly reloadOn?: readonly string[];
      /** `running` and enabled unless said; `stopped` is also disabled. */
      readonly state?: 'running' | 'stopped';
    }
  | {
      /**
       * What cannot be said as a file: a database user, a joined member. It is in order when `done` ends with 0 and `run` is
       * what was run last. `done` changes nothing and holds no secret: it runs at every look, for at most twenty seconds; what takes
       * longer counts as it was.
       */
      readonly is: 'task';
      readonly title: string;
      readonly done: readonly string[];
      readonly run: readonly string[];
      /** What `run` reads. Secrets go this way, never as words of a command. */
      readonly stdin?: string;
      /** The user it runs as; root unless said. */
      readonly as?: string;
      /** What takes it back when the service is removed. */
      readonly undo?: readonly string[];
      /** Longest time in seconds; 600 unless said. */
      readonly withinSeconds?: number;
    }
  | {
      /** Use of the service that proves it works; repeated until it ends with 0 and its output matches. */
      readonly is: 'verify';
      readonly title: string;
      readonly run: readonly string[];
      readonly stdin?: string;
      readonly as?: string;
      /** An extended regular expression, as `grep -E` takes it, that a line of its standard output must match. */
      readonly expect?: string;
      /** Longest time in seconds until it holds; 30 unless said. */
      readonly withinSeconds?: number;
    };

/** What a service is told of the host that it is for. */
export interface HostPlace {
  /** Name of the server in the workspace. */
  readonly server: Name;
  /** Address inside its network, else the public one. */
  readonly address: string;
  readonly architecture: Architecture;
  /** `bookworm`, `trixie`. */
  readonly codename: string;
}

/** A door of a service. */
export interface ServicePort {
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  /** Who is meant to reach it: the host itself, its network, or everybody. */
  readonly reach: 'host' | 'network' | 'public';
  readonly purpose: string;
}

/** What a host must have before anything is changed on it. */
export interface HostNeeds {
  readonly architectures?: readonly Architecture[];
  readonly codenames?: readonly string[];
  readonly memoryMib?: number;
  readonly diskMib?: number;
  /** Files that must exist, with what to do where they do not: `/dev/kvm`. */
  readonly paths?: readonly { readonly path: string; readonly hint: string }[];
}

/** Parameters as the files give them, references resolved. A secret is a text like any other here: who asks decides whether it is the value or a stand-in. */
export type Parameters = { readonly [field: string]: Json };

/**
 * A service on a server, as data and pure functions. `want` says what shall be so; one engine compares it with the facts of
 * the host, so that installing, upgrading, configuring, looking for drift and removing are the same thing.
 */
export interface TaskService {
  /** Its folder, and the last part of its kind: `postgres` in `taskserv.postgres`. */
  readonly name: Name;
  readonly categories: readonly [Category, ...Category[]];
  /** One sentence. */
  readonly summary: string;
  /** How it comes to the host. */
  readonly source: 'debian' | 'repository' | 'release' | 'manifest';
  /** Version where none is asked for: upstream's own, or null where it is whatever the distribution has. */
  readonly version: string | null;
  /** Strict shape of its fields besides `version` and `server`, made when asked for. Every field has a description; `secretText()` marks what is secret. */
  readonly parameters: () => ZodType;
  /** Services that must be on the same server, or are installed there first when they are. */
  readonly needs?: readonly Name[];
  /** Services that cannot be on the same server. */
  readonly conflicts?: readonly Name[];
  readonly host?: HostNeeds;
  /** Removing it, or its server, loses data. What lies in `data` stays on the host when the service is removed. */
  readonly holdsData: boolean;
  readonly data?: readonly string[];
  /** A wrong change can cut the host off (network, firewall, sshd, kernel): it is taken back by a timer unless a new connection stops that. */
  readonly isRisky?: true;
  /** Removing it changes something beyond its host, such as the cluster that it is a member of: so it is removed although its server is deleted too. */
  readonly saysGoodbye?: true;
  ports(parameters: Parameters): readonly ServicePort[];
  /** Where clients connect: `postgres://10.0.1.5:5432`. Null when there is none. */
  endpoint(parameters: Parameters, place: HostPlace): string | null;
  /**
   * Pure and total for parameters of the right shape: the items in the order in which they are made. It is also called
   * with stand-ins for secrets and for texts that are not known yet (`stand-in-` and 20 of a-f0-9), so that the kind and
   * the number of its items must not depend on the value of such a text, and a shape must admit one.
   */
  want(parameters: Parameters, place: HostPlace): readonly HostItem[];
}
