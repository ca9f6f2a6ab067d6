import { z } from 'zod';
import { Name } from '../../schemas/name.ts';
import type { Inventory } from '../../schemas/provider.ts';
import { HostAddress, HostKey, LoginUser } from '../../schemas/ssh.ts';

/** A machine as a person writes it, and as it stands in the spec of the server that claims it. */
export const Machine = z.strictObject({
  address: HostAddress.describe('IP address or DNS name.'),
  privateAddress: HostAddress.exactOptional().describe(
    'Address for other machines and behind a bastion. Default: `address`.',
  ),
  hostKey: HostKey.describe('Its host key: `ssh-ed25519 AAAA...`, without a comment.'),
  user: LoginUser.default('root').describe('Who logs in; anybody but root needs sudo without a password.'),
  port: z.int().min(1).max(65_535).default(22).describe('Port of its sshd.'),
});
export type Machine = z.infer<typeof Machine>;

export const Config = z.strictObject({
  machines: z.record(Name, Machine).describe('Machines by a name of your choice.'),
});

/** A server names its machine in `size`: each machine is a size of its own, of which there is one. */
export const inventory: Inventory = {
  kind: 'server',
  field: 'size',
  word: 'machine',
  listed(config) {
    const { machines } = Config.parse(config);
    return Object.fromEntries(
      Object.entries(machines).map(([name, machine]) => [
        name,
        { facts: machine, identity: `${machine.address.toLowerCase()} port ${machine.port}` },
      ]),
    );
  },
};
