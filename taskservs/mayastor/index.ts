import { z } from 'zod';
import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { type Chart, chartItems, chartUpstream, helmField } from '../host/chart.ts';
import { applied, knownKind, manifestFile, rolledOut } from '../host/kube.ts';
import { pinFields } from '../host/pin.ts';
import { heading } from '../host/render.ts';
import { service } from '../host/service.ts';

const UPSTREAM = {
  url: 'https://openebs.github.io/mayastor-extensions/mayastor-{version}.tgz',
  checksums: 'https://openebs.github.io/mayastor-extensions/index.yaml (`digest` of the chart)',
  example: '2.7.1',
};
const NAMESPACE = 'mayastor';
const SYSCTL = '/etc/sysctl.d/60-mayastor.conf';
const KubeName = z.string().regex(/^[a-z0-9](?:[a-z0-9.-]{0,61}[a-z0-9])?$/, 'is a name of a-z, 0-9, . and -');

const Pool = z.strictObject({
  node: KubeName.describe('Node that the disk is in.'),
  disk: z
    .string()
    .regex(/^\/dev\/[\w./-]{1,200}$/, 'is a device such as /dev/disk/by-id/...')
    .describe('Empty disk that it takes whole, best named by /dev/disk/by-id.'),
});

const fields = () =>
  z.strictObject({
    ...pinFields(chartUpstream('mayastor', UPSTREAM)),
    helm: helmField('mayastor'),
    pools: z.record(KubeName, Pool).default({}).describe('Disks that blocks are kept on, by the name of the pool.'),
    replicas: z.int().min(1).max(5).default(2).describe('Copies of every block, on different nodes.'),
    storageClass: KubeName.default('mayastor').describe('Name of the storage class.'),
    hugepages: z.int().min(1024).max(1_048_576).default(1024).describe('Pages of 2 MiB that are set aside.'),
  });
type Fields = z.output<ReturnType<typeof fields>>;

function objects({ pools, replicas, storageClass }: Fields) {
  return [
    ...Object.entries(pools).map(([name, { node, disk }]) => ({
      apiVersion: 'openebs.io/v1beta3',
      kind: 'DiskPool',
      metadata: { name, namespace: NAMESPACE },
      spec: { node, disks: [disk] },
    })),
    {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { name: storageClass },
      provisioner: 'io.openebs.csi-mayastor',
      parameters: { protocol: 'nvmf', repl: String(replicas), thin: 'false' },
      reclaimPolicy: 'Retain',
      volumeBindingMode: 'WaitForFirstConsumer',
    },
  ];
}

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  const chart: Chart = {
    service: 'mayastor',
    namespace: NAMESPACE,
    upstream: UPSTREAM,
    pin: given,
    helm: given.helm,
    values: {
      etcd: { replicaCount: 3 },
      io_engine: { logLevel: 'info' },
      loki: { enabled: false },
      'loki-stack': { enabled: false },
    },
  };
  return [
    { is: 'file', path: SYSCTL, text: `${heading()}vm.nr_hugepages = ${given.hugepages}\n` },
    {
      is: 'task',
      title: 'set memory aside',
      done: ['sh', '-c', 'test "$(cat /proc/sys/vm/nr_hugepages)" -ge "$1"', 'sh', String(given.hugepages)],
      run: ['sysctl', `--load=${SYSCTL}`],
    },
    ...chartItems(chart, place),
    knownKind('diskpools.openebs.io'),
    manifestFile('mayastor', 'pools', objects(given)),
    applied('mayastor', 'pools', 'name the disks and the storage class', 'keeps'),
    rolledOut('storage answers', NAMESPACE, 'deployment/mayastor-api-rest'),
  ];
}

/** Mayastor, replicated storage over NVMe. */
export const mayastor: TaskService = service({
  name: 'mayastor',
  categories: ['storage'],
  summary: 'Fast replicated storage inside a Kubernetes cluster over NVMe (OpenEBS Mayastor).',
  source: 'manifest',
  version: null,
  fields,
  needs: ['kubernetes'],
  holdsData: true,
  saysGoodbye: true,
  host: {
    memoryMib: 4096,
    paths: [
      {
        path: '/sys/module/nvme_tcp',
        hint: 'load the kernel part nvme_tcp: `modprobe nvme_tcp`, and name it in /etc/modules-load.d',
      },
      {
        path: '/sys/kernel/mm/hugepages/hugepages-2048kB',
        hint: 'this kernel has no huge pages of 2 MiB; use another',
      },
    ],
  },
  ports: () => [
    { port: 10_124, protocol: 'tcp', reach: 'network', purpose: 'control of storage nodes' },
    { port: 8420, protocol: 'tcp', reach: 'network', purpose: 'blocks over NVMe' },
    { port: 4421, protocol: 'tcp', reach: 'network', purpose: 'discovery of blocks' },
  ],
  endpoint: () => null,
  want,
});
