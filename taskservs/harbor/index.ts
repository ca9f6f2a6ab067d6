import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { type Chart, chartItems, chartUpstream, helmField } from '../host/chart.ts';
import { host, label, password, port } from '../host/fields.ts';
import { applied, KUBECTL, manifestFile, namespaceObject, rolledOut } from '../host/kube.ts';
import { pinFields } from '../host/pin.ts';
import { service } from '../host/service.ts';

const UPSTREAM = {
  url: 'https://helm.goharbor.io/harbor-{version}.tgz',
  checksums: 'https://helm.goharbor.io/index.yaml (`digest` of the chart)',
  example: '1.16.1',
};
const NAMESPACE = 'harbor';
const gibibytes = (standard: number) => z.int().min(1).max(65_536).default(standard);

const fields = () =>
  z.strictObject({
    ...pinFields(chartUpstream('harbor', UPSTREAM)),
    helm: helmField('harbor'),
    name: host.describe('Name under which people and nodes reach it: `images.example.org`.'),
    ingressClass: z
      .string()
      .regex(/^[a-z0-9-]{1,63}$/)
      .default('nginx')
      .describe('Class of the ingress in front of it.'),
    tlsSecret: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/)
      .optional()
      .describe('Secret of the cluster that holds its certificate; without it the chart makes one that nobody knows.'),
    adminPassword: password('First password of `admin`.'),
    encryptionKey: password('Key that stored credentials are encrypted with, 16 characters.'),
    database: z
      .strictObject({
        host: host.describe('Name or address.'),
        port: port.default(5432).describe('Port.'),
        name: label.default('registry').describe('Name of the database.'),
        user: label.default('harbor').describe('User of the database.'),
        password: password('Password of the user.'),
      })
      .describe('PostgreSQL that it keeps its records in, such as the service `postgres` or the cluster `postgresql`.'),
    storageClass: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/)
      .optional()
      .describe('Storage class of its volumes.'),
    imagesGib: gibibytes(50).describe('Size of the volume of images.'),
    scan: z.boolean().default(true).describe('Look for known holes in images (Trivy).'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

function secrets(given: Fields) {
  const secret = (name: string, stringData: { [key: string]: string }) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: NAMESPACE },
    type: 'Opaque',
    stringData,
  });
  return [
    namespaceObject(NAMESPACE, 'baseline'),
    secret('harbor-admin', { HARBOR_ADMIN_PASSWORD: given.adminPassword }),
    secret('harbor-key', { secretKey: given.encryptionKey }),
    secret('harbor-database', { password: given.database.password }),
  ];
}

function valuesOf({ name, ingressClass, tlsSecret, storageClass, imagesGib, scan, database }: Fields): Chart['values'] {
  const volume = (size: number) => ({ size: `${size}Gi`, ...(storageClass === undefined ? {} : { storageClass }) });
  return {
    externalURL: `https://${name}`,
    expose: {
      type: 'ingress',
      tls:
        tlsSecret === undefined
          ? { enabled: true, certSource: 'auto' }
          : { enabled: true, certSource: 'secret', secret: { secretName: tlsSecret } },
      ingress: { hosts: { core: name }, className: ingressClass },
    },
    existingSecretAdminPassword: 'harbor-admin',
    existingSecretAdminPasswordKey: 'HARBOR_ADMIN_PASSWORD',
    existingSecretSecretKey: 'harbor-key',
    internalTLS: { enabled: true, certSource: 'auto' },
    database: {
      type: 'external',
      external: {
        host: database.host,
        port: String(database.port),
        username: database.user,
        coreDatabase: database.name,
        existingSecret: 'harbor-database',
        sslmode: 'require',
      },
    },
    persistence: {
      enabled: true,
      resourcePolicy: 'keep',
      persistentVolumeClaim: { registry: volume(imagesGib), redis: volume(1), trivy: volume(5) },
    },
    trivy: { enabled: scan },
    metrics: { enabled: true },
  };
}

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  const chart: Chart = {
    service: 'harbor',
    namespace: NAMESPACE,
    upstream: UPSTREAM,
    pin: given,
    helm: given.helm,
    values: valuesOf(given),
  };
  const [etc, manifests, folder, ...rest] = chartItems(chart, place);
  return [
    ...[etc, manifests, folder].filter(item => item !== undefined),
    { ...manifestFile('harbor', 'secrets', secrets(given)), isSecret: true } as HostItem,
    // The namespace holds the volumes of the images: it stays.
    applied('harbor', 'secrets', 'make the namespace and the passwords of Harbor', 'keeps'),
    ...rest,
    rolledOut('Harbor answers', NAMESPACE, 'deployment/harbor-core'),
    {
      is: 'verify',
      title: 'all parts of Harbor say that they are well',
      run: [
        ...KUBECTL,
        'get',
        '--raw',
        `/api/v1/namespaces/${NAMESPACE}/services/https:harbor-core:443/proxy/api/v2.0/health`,
      ],
      expect: '"status":"healthy"',
      withinSeconds: 120,
    },
  ];
}

/** Harbor, a registry with people, scans and signatures. */
export const harbor: TaskService = service({
  name: 'harbor',
  categories: ['registry'],
  summary: 'Registry of container images with people, rights and scans, in a Kubernetes cluster (Harbor).',
  source: 'manifest',
  version: null,
  fields,
  needs: ['kubernetes'],
  holdsData: true,
  saysGoodbye: true,
  ports: () => [],
  endpoint: ({ name }) => `https://${name}`,
  want,
});
