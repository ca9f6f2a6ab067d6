import { systemWorld } from '../../../platform/clock/world.ts';
import { openHosts as openOverSsh } from '../../../platform/ssh/hosts.ts';
import type { Ports } from '../../../reconciler/ports.ts';
import {
  type Connection,
  type Observed,
  type Outcome,
  type Provider,
  ProviderFault,
} from '../../../schemas/provider.ts';
import type { OpenHosts } from '../../hosts/open-hosts.ts';

/**
 * Ports in which the servers of the demo cloud are real hosts: the nth server by its name in the files is the nth host.
 * The cloud has no services of its own then, so that they come over SSH.
 */
export function hosted(ports: Ports, open: OpenHosts, servers: readonly string[]): Ports {
  const demo = ports.providers['demo'];
  if (demo === undefined) throw new Error('there is no demo provider');
  const real = (object: Observed): Observed => {
    const host = open.hosts[servers.indexOf(object.owner?.address ?? '')];
    if (object.kind !== 'server' || host === undefined) return object;
    const { address, hostKey, user } = host;
    return {
      ...object,
      outputs: { ...object.outputs, publicIp: address, privateIp: address, hostKey, loginUser: user },
    };
  };
  const provider: Provider = {
    ...demo,
    capability: (kind, config) => (kind.startsWith('taskserv.') ? undefined : demo.capability(kind, config)),
    connect: async (...args) => withOutputs(await demo.connect(...args), real),
  };
  const openHost = openOverSsh({
    world: systemWorld({}),
    secrets: reference => Promise.resolve(reference === 'env:PROVISIONING_SSH_KEY' ? open.identity : undefined),
    agent: undefined,
  });
  return { ...ports, providers: { ...ports.providers, demo: provider }, openHost };
}

function withOutputs(connection: Connection, real: (object: Observed) => Observed): Connection {
  const outcome = (one: Outcome): Outcome => (one.status === 'done' ? { ...one, object: real(one.object) } : one);
  return {
    ...connection,
    account: connection.account,
    list: async (...args) => (await connection.list(...args)).map(real),
    scan: async (...args) => (await connection.scan(...args)).map(real),
    find: async (...args) => (await connection.find(...args)).map(real),
    read: async (...args) => {
      const object = await connection.read(...args);
      return object === null ? null : real(object);
    },
    create: async (...args) => outcome(await connection.create(...args)),
    update: async (...args) => outcome(await connection.update(...args)),
    adopt: async (...args) => outcome(await connection.adopt(...args)),
    poll: async (...args) =>
      (await connection.poll(...args)).map(one => (one instanceof ProviderFault ? one : outcome(one))),
    delete: (...args) => connection.delete(...args),
    catalogue: (...args) => connection.catalogue(...args),
  };
}
