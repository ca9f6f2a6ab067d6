import { z } from 'zod';
import { host, label, line, password, port, reach as reachable } from '../host/fields.ts';
import { pinFields, type Upstream } from '../host/pin.ts';

/** The program itself. */
export const PROGRAM = '/usr/local/bin/gitea';
/** What Gitea is as a download. */
export const UPSTREAM: Upstream = {
  name: 'gitea',
  url: 'https://dl.gitea.com/gitea/{version}/gitea-{version}-linux-{arch}',
  archive: 'none',
  files: [{ to: PROGRAM, mode: 0o755 }],
  checksums: 'https://dl.gitea.com/gitea/<version>/ (the .sha256 beside each download)',
  example: '1.22.6',
};

/** Between backticks this format takes everything else as it is. */
const quotable = (what: string) => password(what).regex(/^[^`%]*$/, 'holds no ` and no %');

/** Shape of its parameters. */
export const fields = () =>
  z.strictObject({
    ...pinFields(UPSTREAM),
    domain: host.describe('Name under which people reach it.'),
    isHttps: z.boolean().default(true).describe('A proxy with TLS stands in front of it.'),
    reach: reachable('host'),
    port: port.default(3000).describe('Port for HTTP, for the proxy in front of it.'),
    sshPort: port.default(2222).describe('Port for Git over ssh, by its own server.'),
    title: line(64)
      .regex(/^[^`%]*$/)
      .default('Gitea')
      .describe('Name of the site.'),
    database: z
      .strictObject({
        host: host.describe('Name or address.'),
        port: port.default(5432).describe('Port.'),
        name: label.default('gitea').describe('Name of the database.'),
        user: label.default('gitea').describe('User of the database.'),
        password: quotable('Password of the user.'),
        tls: z
          .enum(['disable', 'require', 'verify-full'])
          .default('require')
          .describe('How the connection is protected.'),
      })
      .optional()
      .describe('PostgreSQL that it keeps its records in. Without it they are in a file (SQLite).'),
    adminUser: label.default('steward').describe('Name of the administrator.'),
    adminPassword: password('Password of the administrator.'),
    adminEmail: z.email().max(254).describe('Mail address of the administrator.'),
    secretKey: quotable('Key that stored credentials are encrypted with.'),
    internalToken: quotable('Token that its parts know each other by.'),
    allowSignUp: z.boolean().default(false).describe('Weaker than the default: everybody can make an account.'),
    isPrivate: z.boolean().default(true).describe('Show nothing to those who are not signed in.'),
  });
/** Its parameters with their defaults. */
export type Fields = z.output<ReturnType<typeof fields>>;
