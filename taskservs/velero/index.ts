import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { password, url } from '../host/fields.ts';
import {
  KUBECONFIG,
  applied,
  knownKind,
  manifestDirectory,
  manifestFile,
  manifestFolder,
  rolledOut,
} from '../host/kube.ts';
import { imageField, pinFields, releaseOf, type Upstream } from '../host/pin.ts';
import { service } from '../host/service.ts';

const PROGRAM = '/usr/local/bin/velero';
const UPSTREAM: Upstream = {
  name: 'velero',
  url: 'https://github.com/vmware-tanzu/velero/releases/download/v{version}/velero-v{version}-linux-{arch}.tar.gz',
  archive: 'tar.gz',
  files: [{ from: 'velero-v{version}-linux-{arch}/velero', to: PROGRAM, mode: 0o755 }],
  checksums: 'https://github.com/vmware-tanzu/velero/releases (CHECKSUM)',
  example: '1.15.1',
};
const NAMESPACE = 'velero';
const CREDENTIALS = `${manifestFolder('velero')}/credentials`;

const Schedule = z.strictObject({
  cron: z
    .string()
    .regex(/^(?:@(?:hourly|daily|weekly|monthly)|[\d*,/-]+(?: [\d*,/-]+){4})$/, 'is a time as cron writes it')
    .describe('When, as cron writes it: `0 3 * * *`.'),
  namespaces: z
    .array(z.string().regex(/^(?:\*|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$/))
    .min(1)
    .max(100)
    .default(['*'])
    .describe('Namespaces that are kept.'),
  keepHours: z.int().min(1).max(87_600).default(720).describe('How long a backup is kept.'),
});

const fields = () =>
  z.strictObject({
    ...pinFields(UPSTREAM),
    image: imageField('docker.io/velero/velero:v1.15.1'),
    plugin: imageField('docker.io/velero/velero-plugin-for-aws:v1.11.0'),
    bucket: z
      .string()
      .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'is the name of a bucket')
      .describe('Bucket of the backups.'),
    region: z
      .string()
      .regex(/^[a-z0-9-]{1,63}$/)
      .default('us-east-1')
      .describe('Region of the bucket.'),
    storage: url.optional().describe('Address of an object storage that speaks S3, where it is not AWS.'),
    accessKey: z
      .string()
      .regex(/^[\w.+/=-]{3,128}$/)
      .describe('Name of the key for the bucket.'),
    secretKey: password('Secret of the key for the bucket.'),
    schedules: z
      .record(z.string().regex(/^[a-z0-9](?:[a-z0-9-]{0,51}[a-z0-9])?$/), Schedule)
      .default({})
      .describe('Backups that are made again and again, by name.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

function install(given: Fields): HostItem {
  const config = [
    `region=${given.region}`,
    ...(given.storage === undefined ? [] : ['s3ForcePathStyle=true', `s3Url=${given.storage}`]),
  ];
  return {
    is: 'task',
    title: 'bring Velero into the cluster',
    done: ['kubectl', `--kubeconfig=${KUBECONFIG}`, `--namespace=${NAMESPACE}`, 'get', 'deployment/velero'],
    run: [
      PROGRAM,
      'install',
      `--kubeconfig=${KUBECONFIG}`,
      `--namespace=${NAMESPACE}`,
      `--image=${given.image}`,
      '--provider=aws',
      `--plugins=${given.plugin}`,
      `--bucket=${given.bucket}`,
      `--backup-location-config=${config.join(',')}`,
      `--secret-file=${CREDENTIALS}`,
      '--use-volume-snapshots=false',
      '--use-node-agent',
    ],
    undo: [PROGRAM, 'uninstall', `--kubeconfig=${KUBECONFIG}`, `--namespace=${NAMESPACE}`, '--force'],
  };
}

function schedulesOf({ schedules }: Fields) {
  return Object.entries(schedules).map(([name, one]) => ({
    apiVersion: 'velero.io/v1',
    kind: 'Schedule',
    metadata: { name, namespace: NAMESPACE },
    spec: {
      schedule: one.cron,
      template: { includedNamespaces: one.namespaces, ttl: `${one.keepHours}h0m0s`, defaultVolumesToFsBackup: true },
    },
  }));
}

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  const credentials = `[default]\naws_access_key_id=${given.accessKey}\naws_secret_access_key=${given.secretKey}\n`;
  const plans: readonly HostItem[] =
    Object.keys(given.schedules).length === 0
      ? []
      : [
          manifestFile('velero', 'schedules', schedulesOf(given)),
          applied('velero', 'schedules', 'say when backups are made'),
        ];
  return [
    ...manifestDirectory('velero'),
    releaseOf(UPSTREAM, given, place),
    { is: 'file', path: CREDENTIALS, text: credentials, mode: 0o600, isSecret: true },
    install(given),
    knownKind('schedules.velero.io'),
    rolledOut('Velero runs', NAMESPACE, 'deployment/velero'),
    ...plans,
    {
      is: 'verify',
      title: 'the bucket can be used',
      run: [PROGRAM, 'backup-location', 'get', `--kubeconfig=${KUBECONFIG}`, `--namespace=${NAMESPACE}`],
      expect: 'Available',
      withinSeconds: 120,
    },
  ];
}

/** Velero, backups of a cluster. */
export const velero: TaskService = service({
  name: 'velero',
  categories: ['backup'],
  summary: 'Backups of a Kubernetes cluster and its volumes (Velero).',
  source: 'release',
  version: null,
  fields,
  needs: ['kubernetes'],
  holdsData: false,
  saysGoodbye: true,
  ports: () => [],
  endpoint: () => null,
  want,
});
