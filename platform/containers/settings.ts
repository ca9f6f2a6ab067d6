/** What must be known of a machine before podman can be told how to run hosts on it. */
export interface MachineFacts {
  /** Names in `/sys/fs/cgroup`, and the controllers of its `unified` folder. */
  readonly cgroup: 'v1' | 'hybrid' | 'v2';
  /** Hard limits of open files and processes of this process; null where there is none. */
  readonly files: number | null;
  readonly processes: number | null;
  /** A daemon of systemd runs as PID 1 here, so that it can hand out control groups. */
  readonly hasSystemd: boolean;
}

/** Most that a host gets, whatever the machine could give. */
const MOST = { files: 16_384, processes: 32_768 };

/** The OCI runtime: crun does not start anything where controllers are split between both versions of cgroups. */
export function runtimeFor({ cgroup }: MachineFacts): 'runc' | 'crun' {
  return cgroup === 'v2' ? 'crun' : 'runc';
}

/** A containers.conf for our own engine, so that nothing in /etc/containers is touched. */
export function containersConf(facts: MachineFacts): string {
  const files = Math.min(MOST.files, facts.files ?? MOST.files);
  const processes = Math.min(MOST.processes, facts.processes ?? MOST.processes);
  return `[containers]
default_ulimits = ["nofile=${files}:${files}", "nproc=${processes}:${processes}"]
[network]
network_backend = "netavark"
[engine]
runtime = "${runtimeFor(facts)}"
cgroup_manager = "${facts.hasSystemd ? 'systemd' : 'cgroupfs'}"
events_logger = "file"
`;
}
