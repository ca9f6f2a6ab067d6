import type { HostPlace, TaskService } from '../../schemas/taskserv.ts';
import type { HostAct } from '../../taskservs/host/act.ts';
import { difference } from '../../taskservs/host/difference.ts';
import type { HostFacts } from '../../taskservs/host/facts.ts';
import { factsOf } from '../../taskservs/host/facts-text.ts';
import { LOOK_SCRIPT } from '../../taskservs/host/look-script.ts';
import { answered, questionArchive } from '../../taskservs/host/look.ts';
import { REACHED } from '../../taskservs/host/guard-scripts.ts';
import { removalOf, runOf } from '../../taskservs/host/mark.ts';
import { sceneOf, type ServiceSpec, unmetNeeds, wishOf } from '../../taskservs/host/parameters.ts';
import { takenAway } from '../../taskservs/host/removal.ts';
import { shellWord } from '../../taskservs/host/render.ts';
import { POLL_SCRIPT, START_SCRIPT } from '../../taskservs/host/run-script.ts';
import { runArchive, runName, runStates } from '../../taskservs/host/run.ts';
import type { OpenHost, OpenHosts } from '../hosts/open-hosts.ts';
import { runProgram } from '../hosts/podman.ts';

/** Longest time in milliseconds of one run. */
const RUN_MS = 900_000;

/**
 * A real host over SSH, on which services are brought about by the shipped scripts of the engine. It stands where the
 * reconciler stands, without a plan around it: what a service does to a host is looked at alone.
 */
export function realHost(open: OpenHosts, host: OpenHost, codename = 'bookworm') {
  const place: HostPlace = { server: host.name, address: host.address, architecture: 'amd64', codename };
  const known = [
    '-o',
    `UserKnownHostsFile=${open.knownHostsFile}`,
    '-o',
    'StrictHostKeyChecking=yes',
    '-o',
    'BatchMode=yes',
  ];
  const ssh = (argv: readonly string[], input?: Uint8Array): Promise<string> =>
    runProgram(
      ['ssh', '-i', open.identityFile, ...known, `root@${host.address}`, argv.map(shellWord).join(' ')],
      input ? { input } : {},
    );
  let runs = 0;

  const look = async (service: TaskService, spec: ServiceSpec) => {
    const wish = wishOf(service, { spec, real: spec }, place);
    if (wish === null)
      throw new Error(`${service.name}: ${JSON.stringify(service.parameters().safeParse(spec).error?.issues)}`);
    const paths = service.host?.paths?.map(({ path }) => path) ?? [];
    const question = { items: wish.wants.map(({ shown }) => shown), isSecret: wish.isSecret, paths };
    const facts = answered(question, factsOf(await ssh(['sh', '-c', LOOK_SCRIPT], questionArchive(question))));
    return { scene: sceneOf(service, wish, facts), facts };
  };

  const carryOut = async (service: string, acts: readonly HostAct[]): Promise<void> => {
    runs += 1;
    const name = runName(service, `run${runs}`);
    const owner = {
      workspace: 'shop',
      lineage: '0123456789ab',
      address: `taskserv.${service}/web-1`,
      opId: `run${runs}`,
    };
    await ssh(['sh', '-c', START_SCRIPT, 'sh', name, service], runArchive(acts, owner));
    const until = Date.now() + RUN_MS;
    for (;;) {
      const state = runStates(await ssh(['sh', '-c', POLL_SCRIPT, 'sh', name])).get(name);
      if (state?.state === 'done') return;
      // Every command is a session of its own here.
      if (state?.state === 'waits') {
        await ssh(['sh', '-c', REACHED, 'sh', `/run/provisioning/${name}`]);
        continue;
      }
      if (state?.state !== 'running' || Date.now() > until)
        throw new Error(`${service}: ${state?.title}: ${state?.state} ${state?.log}`);
      await ssh([
        'sh',
        '-c',
        'timeout 20 tail --pid="$(systemctl show -P MainPID "$1")" -f /dev/null || :',
        'sh',
        name,
      ]);
    }
  };

  return {
    host,
    place,
    /** Runs a command on the host, words as they are. */
    ssh,
    /** What is still to be done; a service that this host is too little for throws. */
    async pending(service: TaskService, spec: ServiceSpec): Promise<readonly string[]> {
      const { scene, facts } = await look(service, spec);
      const unmet = unmetNeeds(service, facts);
      if (unmet.length > 0) throw new Error(unmet.join('; '));
      return difference(scene).map(({ title }) => title);
    },
    /** Brings the service about: what differs is done, and it is verified by using it. */
    async apply(service: TaskService, spec: ServiceSpec): Promise<void> {
      const { scene } = await look(service, spec);
      const owner = {
        workspace: 'proof',
        lineage: '0123456789ab',
        address: `taskserv.${service.name}/${host.name}`,
        opId: `run${runs + 1}`,
      };
      await carryOut(
        service.name,
        runOf(scene, difference(scene), { owner, protect: false, spec: {}, version: null, endpoint: null }),
      );
    },
    /** Takes the service away. */
    async remove(service: TaskService, spec: ServiceSpec): Promise<HostFacts> {
      const { facts } = await look(service, spec);
      const marker = facts.markers[service.name];
      if (marker === undefined) throw new Error(`${service.name} is not there`);
      const acts = removalOf(marker, takenAway({ service: service.name, marker, facts }), `run${runs + 1}`);
      await carryOut(service.name, acts);
      return (await look(service, spec)).facts;
    },
  };
}

export type RealHost = ReturnType<typeof realHost>;
