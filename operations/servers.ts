import type { Ports } from '../reconciler/ports.ts';
import { hostTarget, type ServerOutputs } from '../reconciler/hosts.ts';
import { Fault } from '../schemas/fault.ts';
import type { HostTarget } from '../schemas/host.ts';
import { nearest } from '../schemas/nearest.ts';
import type { WorkspaceKey } from '../schemas/name.ts';
import { showText } from '../schemas/problem.ts';
import { stateOf } from './recording.ts';
import type { TargetFlags } from './target.ts';

/** A server that is recorded. `target` throws ProviderFault where not enough is known to reach it. */
export interface RecordedServer {
  readonly name: string;
  target(): HostTarget;
}

/** Every server in the record of the workspace that the flags name, by name. No cloud is asked. */
export async function recordedServers(
  ports: Ports,
  flags: TargetFlags,
): Promise<{ readonly workspace: WorkspaceKey; readonly servers: readonly RecordedServer[] }> {
  const { store, loaded } = await stateOf(ports, flags);
  const { objects } = await store.read();
  const outputs = new Map<string, ServerOutputs>();
  for (const object of objects.values()) {
    // An object under another key was replaced and is about to go.
    if (object.kind === 'server' && object.key === object.address)
      outputs.set(object.address.slice('server/'.length), object.outputs);
  }
  const { ssh } = loaded.workspace.settings;
  const servers = [...outputs].map(([name, own]) => ({
    name,
    target: () => hostTarget(name, own, { ssh, serverOf: other => outputs.get(other) }),
  }));
  return { workspace: loaded.workspace.key, servers: servers.sort((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** Those of them that are named, or all. Throws Fault `usage` for a name that is not recorded, before anything is contacted. */
export function chosenServers(
  servers: readonly RecordedServer[],
  { hosts, all }: { readonly hosts: readonly string[]; readonly all: boolean },
): readonly RecordedServer[] {
  const names = hosts.flatMap(text => text.split(',')).filter(name => name !== '');
  if (all === names.length > 0) {
    const what = all ? '--hosts and --all say two things' : 'it is not said on which servers';
    throw new Fault('usage', { id: 'SSH-HOSTS', what, fix: 'give --hosts web-1,web-2 or --all' });
  }
  const known = servers.map(({ name }) => name);
  const unknown = names.filter(name => !known.includes(name));
  if (unknown.length > 0)
    throw new Fault(
      'usage',
      unknown.map(name => notRecorded(name, known)),
    );
  return servers.filter(({ name }) => all || names.includes(name));
}

function notRecorded(name: string, known: readonly string[]): Fault['problems'][number] {
  const meant = nearest(name, known);
  const recorded = known.length === 0 ? 'no server is recorded' : 'provisioning state list --kind server';
  const fix = meant === undefined ? recorded : `did you mean ${meant}?`;
  return { id: 'SSH-HOSTS', what: `no server "${showText(name)}" is recorded`, fix };
}
