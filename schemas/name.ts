import { z } from 'zod';

/** A workspace, resource or provider name: lower case, starts with a letter, at most 63 characters (the shortest limit of all clouds). */
export const Name = z
  .string()
  .regex(
    /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'a name has 1 to 63 of a-z, 0-9 and -, starts with a letter, and does not end with -',
  );
export type Name = z.infer<typeof Name>;

/** The nine kinds that a cloud provider can offer. A task service on a server has the kind `taskserv.<name>`. */
export const CLOUD_KINDS = [
  'ssh-key',
  'placement-group',
  'network',
  'subnet',
  'firewall',
  'floating-ip',
  'server',
  'volume',
  'load-balancer',
] as const;
/** One of the nine kinds of `CLOUD_KINDS`. */
export const CloudKind = z.enum(CLOUD_KINDS);
export type CloudKind = z.infer<typeof CloudKind>;

/** `server`, `network`, ... or `taskserv.postgres`. */
export const KindName = z.string().regex(/^(?:[a-z][a-z0-9-]*|taskserv\.[a-z][a-z0-9-]*)$/);
export type KindName = z.infer<typeof KindName>;

/** `<kind>/<name>`, unique in a workspace: `server/web-1`, `taskserv.postgres/db-1`. */
export const Address = z
  .string()
  .regex(/^[a-z][a-z0-9.-]*\/[a-z][a-z0-9-]*$/, 'an address is <kind>/<name>, for example server/web-1');
export type Address = z.infer<typeof Address>;

/** Identity of one environment of one workspace: `shop` or `shop@prod`. It names the state branch and the ownership label. */
export const WorkspaceKey = z.string().regex(/^[a-z][a-z0-9-]*(?:@[a-z][a-z0-9-]*)?$/);
export type WorkspaceKey = z.infer<typeof WorkspaceKey>;

/** Git object id, 40 hexadecimal digits. */
export const Sha = z.string().regex(/^[0-9a-f]{40}$/);
export type Sha = z.infer<typeof Sha>;

/** SHA-256 in hexadecimal, 64 digits. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);
export type Sha256 = z.infer<typeof Sha256>;

/** The address of a resource: `server`, `web-1` gives `server/web-1`. */
export function addressOf(kind: KindName, name: Name): Address {
  return `${kind}/${name}`;
}

/** The kind in an address: `server/web-1` gives `server`. */
export function kindOf(address: Address): KindName {
  return address.slice(0, address.indexOf('/'));
}

/** The name in an address: `server/web-1` gives `web-1`. */
export function nameOf(address: Address): Name {
  return address.slice(address.indexOf('/') + 1);
}

/** True for the kind of a task service, `taskserv.<name>`. */
export function isTaskserv(kind: KindName): boolean {
  return kind.startsWith('taskserv.');
}

/** The server that a task service is on, by its address; undefined for everything else. */
export function hostOf(address: Address): Address | undefined {
  return isTaskserv(kindOf(address)) ? `server/${nameOf(address)}` : undefined;
}
