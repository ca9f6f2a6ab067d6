import type { HostPlace } from '../../schemas/taskserv.ts';
import { yaml } from '../host/render.ts';

/** A storage class, and one volume for each place, bound to this server. */
export function classText(
  name: string,
  volumes: { readonly [volume: string]: { readonly path: string; readonly sizeGib: number } },
  { server }: HostPlace,
): string {
  const storageClass = {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner: 'kubernetes.io/no-provisioner',
    volumeBindingMode: 'WaitForFirstConsumer',
  };
  const affinity = {
    required: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [server] }] }],
    },
  };
  const persistent = Object.entries(volumes).map(([volume, { path, sizeGib }]) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `${server}-${volume}`.toLowerCase().replaceAll('_', '-') },
    spec: {
      capacity: { storage: `${sizeGib}Gi` },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: name,
      local: { path },
      nodeAffinity: affinity,
    },
  }));
  return [storageClass, ...persistent].map(one => yaml(one)).join('---\n');
}
