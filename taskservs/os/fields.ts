import { z } from 'zod';
import { account } from '../host/fields.ts';

const publicKey = z
  .string()
  .max(2000)
  .regex(
    /^(?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-[a-z0-9@.-]+) [A-Za-z0-9+/]+={0,3}(?: [A-Za-z0-9@._+ -]*)?$/,
    'is a public key such as ssh-ed25519 AAAA... name',
  );

const user = z.strictObject({
  keys: z.array(publicKey).min(1).max(32).describe('Public SSH keys that let it in.'),
  sudo: z.boolean().default(false).describe('Whether it may become root without a password. Default: false.'),
});

/** Fields of the service. */
export const fields = () =>
  z.strictObject({
    users: z
      .record(account, user)
      .default({})
      .describe('People who may log in, by user name. One that is taken out is locked; its files stay.'),
    rootLogin: z
      .enum(['keys', 'no'])
      .default('keys')
      .describe(
        'Whether root may log in over SSH with a key. Set `no` only where another user with sudo is the one we log in as. Default: keys.',
      ),
    passwordLogin: z.boolean().default(false).describe('Weaker: whether passwords are good for SSH. Default: false.'),
    forwarding: z
      .boolean()
      .default(false)
      .describe('Weaker: whether SSH passes on connections. A bastion needs it. Default: false.'),
    upgrades: z
      .enum(['security', 'none'])
      .default('security')
      .describe('What is upgraded every night by itself. Default: security.'),
    rebootAt: z
      .string()
      .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'is a time such as 04:00')
      .optional()
      .describe('When to start anew after an upgrade that needs it. Default: never by itself.'),
    kernel: z
      .record(
        z.string().regex(/^[a-z0-9_]+(?:[./][A-Za-z0-9_*-]+)+$/, 'is a setting such as net.ipv4.ip_forward'),
        z.union([z.int(), z.string().regex(/^[A-Za-z0-9 ._,:-]{1,200}$/, 'has letters, digits, spaces and . _ , : -')]),
      )
      .default({})
      .describe('Settings of the kernel (sysctl) besides the safe ones, such as `net.ipv4.ip_forward: 1`.'),
    timezone: z
      .string()
      .regex(/^[A-Za-z_]+(?:\/[A-Za-z0-9_+-]+){0,2}$/, 'is a time zone such as Europe/Madrid')
      .default('Etc/UTC')
      .describe('Default: Etc/UTC.'),
    packages: z
      .array(z.string().regex(/^[a-z0-9][a-z0-9+.-]{1,62}$/, 'is the name of a Debian package'))
      .max(200)
      .default([])
      .describe('Further packages.'),
    journalMib: z.int().min(16).max(65_536).default(500).describe('Most space for logs in MiB. Default: 500.'),
  });

export type Fields = z.output<ReturnType<typeof fields>>;
