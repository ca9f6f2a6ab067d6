import { z } from 'zod';
import { GROUND, certificateField, range, secret, servicesField, size } from './parts/fields.ts';
import { type Door, networkOf } from './parts/ground.ts';
import { type Group, nodeName, nodesOf } from './parts/nodes.ts';
import { template } from './parts/template.ts';

const shape = () =>
  z.strictObject({
    ...GROUND,
    size: size('Size of the server.'),
    domain: z.string().min(1).max(253).describe('Name under which people reach it.'),
    tls: certificateField(),
    clients: z.array(range).max(64).optional().describe('Ranges that may connect. Everybody unless said.'),
    adminEmail: z.string().min(3).max(254).describe('Mail address of the administrator.'),
    adminPassword: secret('Password of the administrator.'),
    databasePassword: secret('Password of the database.'),
    secretKey: secret('Key that stored credentials are encrypted with.'),
    internalToken: secret('Token that the parts of Gitea know each other by.'),
    backup: z
      .strictObject({
        repository: z.string().min(1).max(1_000).describe('Where backups go, as restic writes it.'),
        password: secret('Password that backups are encrypted with.'),
        credentials: z
          .record(z.string(), secret('Value of the variable.'))
          .default({})
          .describe('Variables that restic reads.'),
      })
      .optional()
      .describe('Back up the repositories every day. The database is not part of it.'),
    services: servicesField('gitea', 'nginx', 'postgres', 'restic'),
  });
type Fields = z.output<ReturnType<typeof shape>>;

/** Git hosting for people. */
export const git = template({
  name: 'git',
  summary: 'Git hosting with Gitea and PostgreSQL behind nginx, with backups.',
  example: `git:
  code:
    operators: ["198.51.100.0/24"]
    sshKeys: [operator]
    domain: git.example.com
    tls: { certificate: "\${var.certificate}", key: "\${secret.code/key}" }
    adminEmail: admin@example.com
    adminPassword: \${secret.code/admin}
    databasePassword: \${secret.code/database}
    secretKey: \${secret.code/secret-key}
    internalToken: \${secret.code/internal-token}
    backup: { repository: "sftp:backup@backup.example.com:/git", password: "\${secret.code/backup}" }
    services:
      gitea: { version: "1.22.6", sha256: "0000000000000000000000000000000000000000000000000000000000000000" } # of the release that you trust
`,
  fields: shape,
  resources: (fields, place) => [
    ...networkOf(fields, place),
    ...nodesOf(serverOf(fields, nodeName(place, 'git', 1)), { ground: fields, place }),
  ],
  outputs: ({ domain }, place) => ({
    url: `https://${domain}`,
    address: `\${server.${nodeName(place, 'git', 1)}.publicIp}`,
  }),
});

function serverOf(fields: Fields, server: string): Group {
  const { clients, domain, tls, adminEmail, adminPassword, databasePassword, secretKey, internalToken } = fields;
  const from = clients ?? 'everybody';
  const door = (port: number, purpose: string): Door => ({ port, from, purpose });
  const postgres = {
    users: [{ name: 'gitea', password: databasePassword }],
    databases: [{ name: 'gitea', owner: 'gitea' }],
  };
  const gitea = {
    domain,
    database: { host: '127.0.0.1', password: databasePassword },
    adminEmail,
    adminPassword,
    secretKey,
    internalToken,
    needs: [`taskserv.postgres/${server}`],
  };
  const nginx = { names: [domain], upstreams: ['127.0.0.1:3000'], tls, needs: [`taskserv.gitea/${server}`] };
  return {
    role: 'git',
    count: 1,
    isSingle: true,
    size: { asked: fields.size, standard: 'medium' },
    atOnce: 1,
    doors: [door(80, 'Web'), door(443, 'Web'), door(2222, 'Git over SSH')],
    services: () => ({ postgres, gitea, nginx, ...backupOf(fields, server) }),
  };
}

function backupOf({ backup }: Fields, server: string): ReturnType<Group['services']> {
  if (backup === undefined) return {};
  return { restic: { ...backup, paths: ['/var/lib/gitea'], needs: [`taskserv.gitea/${server}`] } };
}
