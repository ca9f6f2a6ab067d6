import { z } from 'zod';
import { password } from '../host/fields.ts';

const name = z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/, 'a name in lower case: letters, digits and _');
const address = z.union([z.ipv4(), z.ipv6()]);

/** Parameters of postgres. */
export const shape = z.strictObject({
  bind: z
    .array(address)
    .min(1)
    .max(16)
    .optional()
    .describe('Addresses it listens on. Default: loopback and the address of the server inside its network.'),
  port: z.int().min(1).max(65_535).default(5432).describe('TCP port.'),
  clients: z
    .array(z.union([z.cidrv4(), z.cidrv6()]))
    .max(64)
    .default([])
    .describe('Ranges of addresses that may connect, with a password. Nobody outside the server unless said.'),
  plainText: z.boolean().default(false).describe('Let clients connect without TLS.'),
  users: z
    .array(
      z.strictObject({
        name: name.describe('Name of the role.'),
        password: password('Its password.'),
      }),
    )
    .max(64)
    .default([])
    .describe('Roles that may log in. They have no rights beyond their own databases.'),
  databases: z
    .array(
      z.strictObject({
        name: name.describe('Name of the database.'),
        owner: name.describe('The role that owns it.'),
      }),
    )
    .max(64)
    .default([])
    .describe('Databases. One that leaves the list stays on the server.'),
  settings: z
    .record(
      z.string().regex(/^[a-z_]+(?:\.[a-z_]+)?$/, 'the name of a setting'),
      z.union([z.string().max(255), z.number(), z.boolean()]),
    )
    .default({})
    .describe('Further settings of PostgreSQL by name, for example `shared_buffers: 1GB`.'),
});
/** Parameters of postgres, with their defaults. */
export type Shape = z.infer<typeof shape>;
