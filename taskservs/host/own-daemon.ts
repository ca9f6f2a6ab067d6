import type { HostItem } from '../../schemas/taskserv.ts';
import { type DaemonFile, daemonFile } from './daemon-file.ts';

/** A unit file of ours and the daemon that it describes, started again when one of the files that it reads was changed. */
export function ownDaemon(name: string, daemon: DaemonFile, reads: readonly string[] = []): readonly HostItem[] {
  const path = `/etc/systemd/system/${name}.service`;
  return [
    { is: 'file', path, text: daemonFile(daemon) },
    { is: 'daemon', unit: `${name}.service`, restartOn: [path, ...reads] },
  ];
}

/** A user of a service with the folder that is its own. */
export function ownUser(name: string, home: string): readonly HostItem[] {
  return [
    { is: 'user', name, home },
    { is: 'directory', path: home, mode: 0o750, owner: name, group: name },
  ];
}
