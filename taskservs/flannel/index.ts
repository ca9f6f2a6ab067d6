import type { HostItem, TaskService } from '../../schemas/taskserv.ts';
import { applied, manifestDirectory, manifestFile, rolledOut } from '../host/kube.ts';
import { service } from '../host/service.ts';
import { flannelObjects } from './objects.ts';
import { type Fields, fields } from './fields.ts';

function want(given: Fields): readonly HostItem[] {
  return [
    ...manifestDirectory('flannel'),
    manifestFile('flannel', 'flannel', flannelObjects(given)),
    applied('flannel', 'flannel', 'bring flannel into the cluster'),
    rolledOut('every node carries packets of pods', 'kube-flannel', 'daemonset/kube-flannel-ds'),
  ];
}

/** flannel, the network between pods. */
export const flannel: TaskService = service({
  name: 'flannel',
  categories: ['kubernetes'],
  summary: 'Simple network between the pods of a cluster (flannel).',
  source: 'manifest',
  version: null,
  fields,
  needs: ['kubernetes'],
  conflicts: ['cilium', 'calico'],
  holdsData: false,
  saysGoodbye: true,
  ports: ({ backend }) =>
    backend === 'host-gw'
      ? []
      : [
          {
            port: backend === 'vxlan' ? 8472 : 51_820,
            protocol: 'udp',
            reach: 'network',
            purpose: 'packets between nodes',
          },
        ],
  endpoint: () => null,
  want,
});
