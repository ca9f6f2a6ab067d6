import { z } from 'zod';
import { host, port, range, secretLines } from '../host/fields.ts';
import { type Origin, repositoryField } from '../host/origin.ts';
import { Version } from '../host/pin.ts';

/** Each minor version has a repository of its own. */
export function origin(version: string): Origin {
  const minor = version.split('.').slice(0, 2).join('.');
  return {
    name: 'kubernetes',
    uri: `https://pkgs.k8s.io/core:/stable:/v${minor}/deb/`,
    suite: '/',
    components: [],
    keyAt: 'https://pkgs.k8s.io/core:/stable:/v<minor>/deb/Release.key',
  };
}

const PEM = /^(?:-----BEGIN CERTIFICATE-----\r?\n[\s\S]*-----END CERTIFICATE-----\s*|[a-z0-9-]{8,})$/;
const certificate = (what: string) => z.string().max(65_536).regex(PEM, 'is a certificate as PEM').describe(what);

const pair = (what: string) =>
  z
    .strictObject({
      certificate: certificate(`Certificate of ${what}, as PEM.`),
      key: secretLines(`Key of ${what}, as PEM.`),
    })
    .describe(`Certificate and key of ${what}.`);

/** The authorities of a cluster. They are given, and not made by the first node, so that a node can join at any time and trust nothing that it is told. */
const authorities = z.strictObject({
  certificate: certificate('Certificate of the authority of the cluster, as PEM: what every node trusts.'),
  key: secretLines('Key of the authority of the cluster, as PEM. Only for control planes.').optional(),
  etcd: pair('the authority of etcd').optional(),
  frontProxy: pair('the authority of the front proxy').optional(),
  serviceAccounts: z
    .strictObject({
      publicKey: z.string().max(8192).describe('Public key, as PEM.'),
      key: secretLines('Private key, as PEM.'),
    })
    .optional()
    .describe('Keys that the tokens of service accounts are signed with.'),
});

const shape = () =>
  z.strictObject({
    version: Version.describe('Version to install, such as 1.32.3.'),
    repository: repositoryField(origin('0.0')),
    role: z.enum(['control-plane', 'worker']).describe('What the node does.'),
    starts: z.boolean().default(false).describe('This node begins the cluster; exactly one control plane does.'),
    clusterName: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/)
      .default('kubernetes')
      .describe('Name of the cluster.'),
    endpoint: z
      .strictObject({ host: host.describe('Name or address.'), port: port.default(6443).describe('Port.') })
      .describe(
        'Where all nodes reach the API server: a load balancer or a moving address where there are several control planes.',
      ),
    alsoNamed: z
      .array(host)
      .max(32)
      .default([])
      .describe('Further names and addresses in the certificate of the API server.'),
    podCidr: range.default('10.244.0.0/16').describe('Addresses of pods. It cannot be changed later.'),
    serviceCidr: range.default('10.96.0.0/12').describe('Addresses of services. It cannot be changed later.'),
    dnsDomain: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/)
      .default('cluster.local')
      .describe('Domain of the cluster.'),
    runtime: z
      .enum(['containerd', 'crio'])
      .default('containerd')
      .describe('Container runtime, a service of its own on the same server.'),
    joinToken: z
      .string()
      .regex(/^(?:[a-z0-9]{6}\.[a-z0-9]{16}|stand-in-[0-9a-f]+)$/, 'is a token like abcdef.0123456789abcdef')
      .meta({ secret: true })
      .describe('Token that a node shows to be let in: 6 and 16 of a-z and 0-9, with a point between.'),
    joinTokenTtl: z
      .string()
      .regex(/^\d{1,4}h$/)
      .default('24h')
      .describe('How long the first node lets others in by the token; a new token lets in again.'),
    pki: authorities.describe('The authorities of the cluster.'),
    encryptionKey: z
      .string()
      .regex(/^(?:[A-Za-z0-9+/]{43}=|[a-z0-9-]{8,})$/, 'is the base64 of 32 bytes')
      .meta({ secret: true })
      .optional()
      .describe('Key that secrets are encrypted with in etcd: `head -c32 /dev/urandom | base64`. For control planes.'),
    auditDays: z.int().min(1).max(3650).default(30).describe('How long the audit log of the API server is kept.'),
    reservedMemoryMib: z.int().min(0).max(65_536).default(256).describe('Memory that pods never get.'),
    maxPods: z.int().min(1).max(1000).default(110).describe('Most pods on the node.'),
    taint: z.boolean().default(true).describe('Keep ordinary pods off this control plane.'),
  });

/** Shape of its parameters. */
export const fields = () =>
  shape()
    .refine(given => !given.starts || given.role === 'control-plane', {
      path: ['starts'],
      error: 'only a control plane begins a cluster',
    })
    .refine(
      ({ role, pki }) =>
        role === 'worker' || [pki.key, pki.etcd, pki.frontProxy, pki.serviceAccounts].every(part => part !== undefined),
      { path: ['pki'], error: 'a control plane needs key, etcd, frontProxy and serviceAccounts as well' },
    )
    .refine(({ role, encryptionKey }) => role === 'worker' || encryptionKey !== undefined, {
      path: ['encryptionKey'],
      error: 'a control plane needs the key that secrets are encrypted with',
    });

/** Its parameters with their defaults. */
export type Fields = z.output<ReturnType<typeof fields>>;
