import { z } from 'zod';
import { secretLines, url } from '../host/fields.ts';
import { upstreamManifest } from '../host/kube.ts';
import { pinFields } from '../host/pin.ts';

export const UPSTREAM = upstreamManifest('argocd', {
  file: 'install',
  url: 'https://raw.githubusercontent.com/argoproj/argo-cd/v{version}/manifests/install.yaml',
  checksums: 'https://github.com/argoproj/argo-cd (of manifests/install.yaml at the tag of the version)',
  example: '2.13.2',
});

/** A name of Kubernetes. */
const KubeName = z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'is a name of a-z, 0-9 and -');

const Repository = z.strictObject({
  url: z
    .string()
    .max(2048)
    .regex(/^(?:https:\/\/|ssh:\/\/|git@)[^\s"'\\<>`{}|^]+$/, 'is a repository over https or ssh')
    .describe('Address of the Git repository.'),
  username: z.string().max(128).default('git').describe('User for https.'),
  password: secretLines('Password or token for https.').optional(),
  sshKey: secretLines('Private key for ssh.').optional(),
});

const Application = z.strictObject({
  repository: z.string().max(2048).describe('Address of the repository, as under `repositories`.'),
  path: z
    .string()
    .max(512)
    .regex(/^(?!\/)(?!.*\.\.)[\w./-]+$/, 'is a path inside the repository')
    .default('.')
    .describe('Folder in the repository.'),
  revision: z
    .string()
    .regex(/^[\w][\w./-]{0,127}$/)
    .default('main')
    .describe('Branch, tag or commit.'),
  namespace: KubeName.describe('Namespace that its objects go to.'),
  prune: z.boolean().default(false).describe('Delete what no longer stands in the repository.'),
  selfHeal: z.boolean().default(true).describe('Undo what was changed by hand.'),
});

/** Shape of its parameters. */
export const fields = () =>
  z.strictObject({
    ...pinFields(UPSTREAM),
    address: url.optional().describe('Address under which people reach it.'),
    adminPasswordHash: z
      .string()
      .regex(/^(?:\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}|[a-z0-9-]{8,})$/, 'is the bcrypt hash of a password')
      .meta({ secret: true })
      .describe('Password of `admin` as a bcrypt hash: `htpasswd -nBC 12 "" | tr -d ":"`.'),
    repositories: z.array(Repository).max(256).default([]).describe('Repositories and how to read them.'),
    applications: z.record(KubeName, Application).default({}).describe('What is brought from where to where, by name.'),
  });
/** Its parameters with their defaults. */
export type Fields = z.output<ReturnType<typeof fields>>;
