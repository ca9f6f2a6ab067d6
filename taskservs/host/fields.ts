import { z } from 'zod';
import type { HostPlace, ServicePort } from '../../schemas/taskserv.ts';

/*
 * Shapes that many services share. What may come from a reference or a secret must also let through the stand-in for it,
 * a text of a-z, 0-9 and -: that is why an address is only checked for its letters here.
 */

/** A text on one line. */
export const line = (most = 512): z.ZodString =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'is one line without control characters');

/** A secret of at least eight characters, usually `${secret.db/password}`. There is never a default. */
export const password = (what: string): z.ZodString =>
  z
    .string()
    .min(8, 'has at least 8 characters')
    .max(512)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'is one line without control characters')
    .meta({ secret: true, description: what });

/** A secret of several lines, such as a private key. */
export const secretLines = (what: string): z.ZodString =>
  z.string().min(8).max(65_536).meta({ secret: true, description: what });

/** A name or address of a host: `db-1`, `db.example.org`, `10.0.1.5`, `fd00::5`. */
export const host = z.string().regex(/^[A-Za-z0-9:][A-Za-z0-9.:_-]{0,252}$/, 'is a name or an address of a host');

/** `10.0.0.0/16`, or one address. */
export const range = z
  .string()
  .regex(/^[A-Za-z0-9:][A-Za-z0-9.:-]{0,60}(?:\/\d{1,3})?$/, 'is an address range such as 10.0.0.0/16');

/** `10.0.1.5:9100`, `db-1:5432`, `[fd00::5]:9100`. */
export const doorOfHost = z
  .string()
  .regex(
    /^(?:\[[0-9A-Fa-f:]+\]|[A-Za-z0-9][A-Za-z0-9._-]{0,252}):\d{1,5}$/,
    'is a host and a port such as 10.0.1.5:9100',
  );

/** An absolute path without `..`, of letters that no format bends. */
export const path = z
  .string()
  .max(255)
  .regex(
    /^(?:\/(?!\.{1,2}(?:\/|$))[A-Za-z0-9._@+-]+)+$/,
    'is an absolute path of letters, digits and . _ @ + - without ..',
  );

/** A user or group of the operating system. */
export const account = z.string().regex(/^[a-z_][a-z0-9_-]{0,30}$/, 'is a user of the system: a-z, 0-9, _ and -');

/** A name that services give to things of theirs: databases, users, queues, hooks. */
export const label = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_-]{0,62}$/, 'starts with a letter or _ and has up to 63 of A-Z, a-z, 0-9, _ and -');

/** A TCP or UDP port. */
export const port = z.int().min(1).max(65_535);

/** An `http` or `https` address. */
export const url = z
  .string()
  .max(2048)
  .regex(/^https?:\/\/[^\s"'\\<>`{}|^]+$/, 'is an http or https address');

/** Who can reach a service. */
export const REACHES = ['host', 'network', 'public'] as const;

/** The field `reach`. */
export const reach = (
  standard: ServicePort['reach'],
): z.ZodDefault<z.ZodEnum<{ host: 'host'; network: 'network'; public: 'public' }>> =>
  z
    .enum(REACHES)
    .default(standard)
    .describe(
      `Who can connect: \`host\` listens on loopback only, \`network\` on the address inside the network, \`public\` on every address. Default: ${standard}.`,
    );

/** The address to listen on. */
export function listenOn(to: ServicePort['reach'], place: HostPlace): string {
  if (to === 'host') return '127.0.0.1';
  return to === 'public' ? '0.0.0.0' : place.address;
}

/** The address under which a client that may connect does so. */
export function reachedAt(to: ServicePort['reach'], place: HostPlace): string {
  return to === 'host' ? '127.0.0.1' : place.address;
}

/** An address as it stands in a URL. */
export function inUrl(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

/** A Debian package: an exact version, a prefix that ends with `*`, or whatever the distribution has. */
export function debian(name: string, version?: string): { is: 'package'; name: string; version?: string } {
  return { is: 'package', name, ...(version === undefined ? {} : { version }) };
}
