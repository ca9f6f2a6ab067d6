import { readFileSync } from 'node:fs';
import type { Json } from '../../schemas/json.ts';
import { RECORDED } from '../platform/secrets/recorded.ts';

/** One cluster of each template, and what else the workspace must hold for it. */
export interface Sample {
  readonly fields: { readonly [field: string]: Json };
  /** The field that makes it larger, with sizes that are allowed. */
  readonly grows?: { readonly field: string; readonly sizes: readonly number[] };
  /** Ports that are open to everybody. */
  readonly publicPorts: readonly number[];
}

const OPERATORS = { operators: ['198.51.100.0/24'] };
const SECRETS = readFileSync(`${RECORDED}sealed/db.sops.yaml`);
/** Encrypted in the workspace of the samples. */
const PASSWORD = '${secret.db/password}';

const PEM = `-----BEGIN CERTIFICATE-----\n${'A'.repeat(64)}\n-----END CERTIFICATE-----\n`;
const TLS = { certificate: PEM, key: PASSWORD };
const PIN = { version: '1.2.3', sha256: 'a'.repeat(64) };
const IMAGE = `example.com/image@sha256:${'b'.repeat(64)}`;
const PGP = `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${'A'.repeat(64)}\n-----END PGP PUBLIC KEY BLOCK-----\n`;
const REPOSITORY = { uri: 'https://packages.example.com', key: PGP };

const PAIR = { certificate: PEM, key: PASSWORD };
const KUBERNETES = {
  ...OPERATORS,
  joinToken: PASSWORD,
  certificate: PEM,
  authorities: {
    key: PASSWORD,
    etcd: PAIR,
    frontProxy: PAIR,
    serviceAccounts: { publicKey: PEM, key: PASSWORD },
  },
  encryptionKey: PASSWORD,
};
const KUBERNETES_PINS = {
  kubernetes: { version: '1.32.3', repository: REPOSITORY },
  flannel: { images: { flannel: IMAGE, plugin: IMAGE } },
};

/** What the examples of the templates take from variables. */
export const EXAMPLE_VARIABLES = { certificate: PEM, repositoryKey: PGP, flannelImage: IMAGE, pluginImage: IMAGE };
export const SSH_KEY = `ssh-ed25519 ${'A'.repeat(64)} operator`;

/** One cluster of each template. */
export const SAMPLES: { readonly [template: string]: Sample } = {
  buildkit: {
    fields: {
      ...OPERATORS,
      ca: PEM,
      certificate: PEM,
      key: PASSWORD,
      cachePassword: PASSWORD,
      services: { buildkit: PIN },
    },
    grows: { field: 'workers', sizes: [1, 2, 3, 7] },
    publicPorts: [],
  },
  'cicd-argocd': {
    fields: {
      ...KUBERNETES,
      adminPasswordHash: PASSWORD,
      repositories: [{ url: 'https://git.example.com/shop.git' }],
      applications: { shop: { repository: 'https://git.example.com/shop.git', namespace: 'shop' } },
      services: { ...KUBERNETES_PINS, argocd: PIN },
    },
    grows: { field: 'workers', sizes: [1, 2, 3] },
    publicPorts: [6443],
  },
  'cicd-tekton': {
    fields: { ...KUBERNETES, services: { ...KUBERNETES_PINS, tekton: PIN } },
    grows: { field: 'workers', sizes: [1, 2, 3] },
    publicPorts: [6443],
  },
  git: {
    fields: {
      ...OPERATORS,
      domain: 'git.example.com',
      tls: TLS,
      adminEmail: 'admin@example.com',
      adminPassword: PASSWORD,
      databasePassword: PASSWORD,
      secretKey: PASSWORD,
      internalToken: PASSWORD,
      backup: { repository: 'sftp:backup@backup.example.com:/git', password: PASSWORD },
      services: { gitea: PIN },
    },
    publicPorts: [80, 443, 2222],
  },
  'k8s-ha': {
    fields: { ...KUBERNETES, services: KUBERNETES_PINS },
    grows: { field: 'workers', sizes: [1, 2, 3, 7] },
    publicPorts: [6443],
  },
  monitoring: {
    fields: {
      ...OPERATORS,
      people: ['198.51.100.0/24'],
      domain: 'watch.example.com',
      tls: TLS,
      adminPassword: PASSWORD,
      targets: { web: ['10.0.1.5:9100'] },
      webhooks: ['https://alerts.example.com/in'],
      services: { grafana: { repository: REPOSITORY }, loki: PIN, jaeger: PIN },
    },
    publicPorts: [],
  },
  'oci-reg': { fields: { ...OPERATORS, users: { builder: PASSWORD } }, publicPorts: [] },
  postgresql: {
    fields: {
      ...OPERATORS,
      nodes: 3,
      superuserPassword: PASSWORD,
      replicationPassword: PASSWORD,
      apiPassword: PASSWORD,
      users: { shop: { password: PASSWORD, databases: ['shop'] } },
    },
    grows: { field: 'nodes', sizes: [3, 4, 5] },
    publicPorts: [],
  },
  web: {
    fields: { ...OPERATORS, nodes: 2, password: PASSWORD },
    grows: { field: 'nodes', sizes: [1, 2, 3, 7] },
    publicPorts: [80],
  },
};

/** A workspace of one cluster, as files. */
export function workspaceOf(
  template: string,
  fields: { readonly [field: string]: Json },
  provider: { readonly [key: string]: Json } = { driver: 'demo' },
): Map<string, Uint8Array> {
  const files = {
    'workspace.json': { name: 'shop', review: 'none', providers: { main: provider } },
    'clusters/main.json': { [template]: { main: fields } },
  };
  const texts = Object.entries(files).map(([path, value]) => [path, Buffer.from(JSON.stringify(value))] as const);
  return new Map<string, Uint8Array>([...texts, ['secrets/db.sops.yaml', SECRETS]]);
}
