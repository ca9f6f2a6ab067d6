import type { HostItem, HostPlace, TaskService } from '../../schemas/taskserv.ts';
import { applied, inCondition, knownKind, manifestDirectory, manifestFile, ready } from '../host/kube.ts';
import { releaseOf } from '../host/pin.ts';
import { service } from '../host/service.ts';
import { cephObjects } from './objects.ts';
import { type Fields, FILES, upstream, fields } from './fields.ts';

function want(given: Fields, place: HostPlace): readonly HostItem[] {
  const { version, sha256 } = given;
  const brought = FILES.flatMap(file => [
    releaseOf(upstream(file), { version, sha256: sha256[file] }, place),
    applied('rook-ceph', file, `bring ${file} of Rook into the cluster`, 'keeps'),
  ]);
  return [
    ...manifestDirectory('rook-ceph'),
    ...brought,
    knownKind('cephclusters.ceph.rook.io'),
    ready('the operator of Rook runs', 'rook-ceph', 'deployment/rook-ceph-operator'),
    manifestFile('rook-ceph', 'cluster', cephObjects(given)),
    // What holds blocks is never taken out with the service: that is a decision of its own.
    applied('rook-ceph', 'cluster', 'describe the storage', 'keeps'),
    inCondition('the storage is ready', 'rook-ceph', 'cephcluster/rook-ceph', 'jsonpath={.status.phase}=Ready', 1800),
  ];
}

/** Ceph inside a cluster. */
export const rookCeph: TaskService = service({
  name: 'rook-ceph',
  categories: ['storage'],
  summary: 'Replicated storage inside a Kubernetes cluster (Ceph by Rook).',
  source: 'manifest',
  version: null,
  fields,
  needs: ['kubernetes'],
  holdsData: true,
  saysGoodbye: true,
  data: ['/var/lib/rook'],
  host: { memoryMib: 3072 },
  ports: () => [
    { port: 3300, protocol: 'tcp', reach: 'network', purpose: 'monitors' },
    { port: 6789, protocol: 'tcp', reach: 'network', purpose: 'monitors, older protocol' },
  ],
  endpoint: () => null,
  want,
});
