import { HARDENED } from './hardening.ts';
import { daemonCommand, type DaemonSection, daemonSetting, daemonText } from './render.ts';

/** What a unit file of ours says. Everything that is not said here is as strict as systemd can make it. */
export interface DaemonFile {
  readonly description: string;
  /** The program and its words, as they shall reach it. */
  readonly exec: readonly [string, ...string[]];
  /** Root unless said. */
  readonly user?: string;
  readonly after?: readonly string[];
  readonly isNotifying?: true;
  readonly environment?: { readonly [name: string]: string };
  /** A file of `NAME=value` lines that only root reads: secrets go this way. */
  readonly environmentFile?: string;
  /** Folders that it may write; all others are read-only to it. */
  readonly writes?: readonly string[];
  /** `CAP_NET_BIND_SERVICE` for a port below 1024. */
  readonly capabilities?: readonly string[];
  /** It starts containers or programs of strangers itself, for which the sandbox would have to be open. */
  readonly startsContainers?: true;
  readonly workingDirectory?: string;
  /** Further settings of its `[Service]` section; they win. */
  readonly settings?: DaemonSection;
}

const CONTAINERS: DaemonSection = { Delegate: true, KillMode: 'process', TasksMax: 'infinity', OOMScoreAdjust: -999 };

/** The text of a unit file. */
export function daemonFile(daemon: DaemonFile): string {
  const after = ['network-online.target', ...(daemon.after ?? [])].join(' ');
  const { user, environmentFile, workingDirectory } = daemon;
  return daemonText({
    Unit: { Description: daemonSetting(daemon.description), After: after, Wants: after },
    Service: {
      Type: daemon.isNotifying === true ? 'notify' : 'exec',
      ExecStart: daemonCommand(daemon.exec),
      User: user,
      Group: user,
      WorkingDirectory: workingDirectory,
      Environment: Object.entries(daemon.environment ?? {}).map(([name, value]) => assigned(name, value)),
      EnvironmentFile: environmentFile,
      Restart: 'on-failure',
      RestartSec: 2,
      ...(daemon.startsContainers === true ? CONTAINERS : confined(daemon)),
      ...daemon.settings,
    },
    Install: { WantedBy: 'multi-user.target' },
  });
}

function confined({ writes = [], capabilities = [] }: DaemonFile): DaemonSection {
  const rights = capabilities.join(' ');
  return {
    ...HARDENED,
    CapabilityBoundingSet: rights,
    AmbientCapabilities: rights === '' ? undefined : rights,
    ReadWritePaths: writes.length === 0 ? undefined : writes.map(daemonSetting).join(' '),
  };
}

function assigned(name: string, value: string): string {
  return `"${daemonSetting(`${name}=${value}`).replaceAll(/["\\]/g, found => `\\${found}`)}"`;
}
