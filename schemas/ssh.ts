import { z } from 'zod';
import { Name } from './name.ts';
import { secretRef } from './secret.ts';

const HOW =
  'nobody is trusted at first sight: take it from /etc/ssh/ssh_host_ed25519_key.pub of the machine itself, or with `ssh-keyscan -t ed25519 <address>` over a path that you trust';

/** A host key as it stands in `/etc/ssh/ssh_host_ed25519_key.pub`, without the comment. */
export const HostKey = z
  .string({ error: ({ input }) => (input === undefined ? HOW : undefined) })
  .regex(
    /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)) [A-Za-z0-9+/]{40,4000}={0,2}$/,
    `a host key is written like "ssh-ed25519 AAAA...", without a comment; ${HOW}`,
  );

/** An IP address or a DNS name. */
export const HostAddress = z
  .string()
  .regex(/^(?:[A-Za-z0-9]|:(?=:))[A-Za-z0-9.:-]{0,252}$/, 'an IP address or a DNS name');

/** Name of an account on a host. */
export const LoginUser = z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]{0,31}$/, 'a user name of letters, digits, _ and -');

const port = z.int().min(1).max(65_535);
const secret = secretRef('PROVISIONING_SSH_');

/** `ssh` of the workspace file: how its servers are reached. */
export const SshSettings = z.strictObject({
  identity: z
    .union([z.literal('agent'), secret])
    .optional()
    .describe(
      '`agent`, or a secret that holds a private key or the path of one. Default: env:PROVISIONING_SSH_KEY where it is set, and the agent.',
    ),
  passphrase: secret.optional().describe('Secret that holds the passphrase of the private key.'),
  user: LoginUser.optional().describe('Who logs in. Default: what the provider says of the server (`loginUser`).'),
  port: port.optional().describe('Port of the servers. Default: 22, or what the provider says (`sshPort`).'),
  bastion: z
    .union([
      Name,
      z.strictObject({
        address: HostAddress.describe('IP address or DNS name.'),
        hostKey: HostKey.describe('Its host key: `ssh-ed25519 AAAA...`.'),
        user: LoginUser.default('root').describe('Who logs in there.'),
        port: port.default(22).describe('Its port.'),
      }),
    ])
    .optional()
    .describe('The host that servers are reached through: a server of this workspace by name, or another one.'),
});
export type SshSettings = z.infer<typeof SshSettings>;
