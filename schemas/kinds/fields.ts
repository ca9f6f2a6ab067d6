import { z } from 'zod';

/** A reference to another resource: its bare name (`main`) or an expression (`${network.main.id}`). */
export const reference = (kind: string): z.ZodType =>
  z
    .string()
    .min(1)
    .max(300)
    .describe(`Name of a ${kind} in this workspace, or an expression such as \`\${${kind}.main.id}\`.`);

/** An IPv4 or IPv6 range in CIDR notation without host bits. */
export const ipRange = z
  .string()
  .regex(/^[0-9a-fA-F:.]+\/\d{1,3}$/, 'an address range is written like 10.0.0.0/16')
  .describe('Address range in CIDR notation, for example `10.0.0.0/16`.');

/** A zone by the name of the cloud; which ones exist is checked against its catalogue. */
export const zone = z.string().min(1).max(63).describe('Place in the cloud, for example `fi-hel1`.');

/** Labels of the user's own; ours are added and never shown here. */
export const labels = z
  .record(
    z
      .string()
      .regex(
        /^(?!provisioning\/)[a-zA-Z0-9][a-zA-Z0-9._/-]{0,31}$/,
        'a label key has at most 32 characters and does not start with provisioning/',
      ),
    z.string().max(63),
  )
  .describe('Labels of your own on the real object.');

/** A TCP or UDP port, 1 to 65535. */
export const port = z.int().min(1).max(65_535);
