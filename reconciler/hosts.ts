import type { HostTarget } from '../schemas/host.ts';
import type { Json } from '../schemas/json.ts';
import { ProviderFault } from '../schemas/provider.ts';
import { HostAddress, HostKey, LoginUser, type SshSettings } from '../schemas/ssh.ts';

/** Recorded outputs of a server. */
export type ServerOutputs = { readonly [output: string]: Json };

const PORT = 22;

/**
 * How a server is reached, from what is recorded of it and what the workspace says under `ssh`. `serverOf` gives the
 * outputs of another server of the workspace, where that is the bastion. Throws ProviderFault `forbidden` where no host
 * key is known, and `state` where there is no address: nobody is contacted by guess.
 */
export function hostTarget(
  name: string,
  outputs: ServerOutputs,
  { ssh = {}, serverOf }: { readonly ssh: SshSettings | undefined; serverOf(name: string): ServerOutputs | undefined },
): HostTarget {
  const via = name === ssh.bastion ? undefined : bastionOf(ssh, serverOf);
  const { publicIp, privateIp } = outputs;
  // Behind a bastion lies the private network.
  const addresses = via === undefined ? [publicIp, privateIp] : [privateIp, publicIp];
  const address = HostAddress.safeParse(addresses.find(one => typeof one === 'string' && one !== ''));
  const hostKey = HostKey.safeParse(withoutComment(outputs['hostKey']));
  const user = LoginUser.safeParse(ssh.user ?? outputs['loginUser'] ?? 'root');
  if (!address.success) throw refused('state', 'no-address', `no address of server/${name} is recorded`);
  if (!hostKey.success)
    throw refused('forbidden', 'no-host-key', `server/${name} was not contacted: no host key of it is recorded`);
  if (!user.success) throw refused('state', 'no-user', `who logs in to server/${name} is not recorded as a user name`);
  const port = ssh.port ?? outputs['sshPort'];
  return {
    address: address.data,
    port: typeof port === 'number' ? port : PORT,
    user: user.data,
    hostKey: hostKey.data,
    ...identityOf(ssh),
    ...(via === undefined ? {} : { via }),
  };
}

function bastionOf(ssh: SshSettings, serverOf: (name: string) => ServerOutputs | undefined): HostTarget | undefined {
  const { bastion } = ssh;
  if (bastion === undefined) return undefined;
  if (typeof bastion !== 'string') return { ...bastion, ...identityOf(ssh) };
  const outputs = serverOf(bastion);
  if (outputs === undefined)
    throw refused('state', 'no-bastion', `server/${bastion}, which is the bastion, is not recorded`);
  return hostTarget(bastion, outputs, { ssh, serverOf });
}

function identityOf({ identity, passphrase }: SshSettings): Pick<HostTarget, 'identity'> {
  if (identity === undefined) return {};
  return { identity: { key: identity, ...(passphrase === undefined ? {} : { passphrase }) } };
}

function withoutComment(key: Json | undefined): string {
  return typeof key === 'string' ? key.trim().split(/\s+/).slice(0, 2).join(' ') : '';
}

function refused(kind: 'state' | 'forbidden', code: string, message: string): ProviderFault {
  return new ProviderFault({ class: kind, code, message });
}
