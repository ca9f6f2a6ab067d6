import type { KubeObject } from '../host/kube.ts';
import type { Fields } from './fields.ts';

const NAMESPACE = 'rook-ceph';

/** The cluster, one pool of blocks and its storage class. */
export function cephObjects(given: Fields): readonly KubeObject[] {
  return [cluster(given), pool(given), storageClass(given)];
}

function cluster({ image, monitors, managers, deviceFilter, encrypt }: Fields): KubeObject {
  return {
    apiVersion: 'ceph.rook.io/v1',
    kind: 'CephCluster',
    metadata: { name: 'rook-ceph', namespace: NAMESPACE },
    spec: {
      cephVersion: { image, allowUnsupported: false },
      dataDirHostPath: '/var/lib/rook',
      mon: { count: monitors, allowMultiplePerNode: false },
      mgr: { count: managers, allowMultiplePerNode: false },
      dashboard: { enabled: true, ssl: true },
      network: { connections: { encryption: { enabled: encrypt }, requireMsgr2: encrypt } },
      crashCollector: { disable: false },
      storage: {
        useAllNodes: true,
        useAllDevices: false,
        ...(deviceFilter === undefined ? {} : { deviceFilter }),
        config: { encryptedDevice: String(encrypt) },
      },
      disruptionManagement: { managePodBudgets: true },
    },
  };
}

function pool({ replicas }: Fields): KubeObject {
  return {
    apiVersion: 'ceph.rook.io/v1',
    kind: 'CephBlockPool',
    metadata: { name: 'blocks', namespace: NAMESPACE },
    spec: { failureDomain: 'host', replicated: { size: replicas, requireSafeReplicaSize: true } },
  };
}

function storageClass({ storageClass: name }: Fields): KubeObject {
  const secret = (step: string, of: string) => ({
    [`csi.storage.k8s.io/${step}-secret-name`]: `rook-csi-rbd-${of}`,
    [`csi.storage.k8s.io/${step}-secret-namespace`]: NAMESPACE,
  });
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner: `${NAMESPACE}.rbd.csi.ceph.com`,
    parameters: {
      clusterID: NAMESPACE,
      pool: 'blocks',
      imageFormat: '2',
      imageFeatures: 'layering',
      ...secret('provisioner', 'provisioner'),
      ...secret('controller-expand', 'provisioner'),
      ...secret('node-stage', 'node'),
      'csi.storage.k8s.io/fstype': 'ext4',
    },
    reclaimPolicy: 'Retain',
    allowVolumeExpansion: true,
  };
}
