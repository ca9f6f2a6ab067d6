import type { KubeObject } from '../host/kube.ts';
import { namespaceObject } from '../host/kube.ts';
import { json } from '../host/render.ts';
import type { Fields } from './fields.ts';

const NAMESPACE = 'kube-flannel';
const LABELS = { tier: 'node', app: 'flannel' };

/** What upstream's kube-flannel.yml says, with the range, the way and the images as asked for. */
export function flannelObjects(given: Fields): readonly KubeObject[] {
  return [
    namespaceObject(NAMESPACE, 'privileged'),
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'flannel', namespace: NAMESPACE } },
    ...rights(),
    configuration(given),
    workload(given),
  ];
}

function rights(): readonly KubeObject[] {
  const apiGroup = 'rbac.authorization.k8s.io';
  return [
    {
      apiVersion: `${apiGroup}/v1`,
      kind: 'ClusterRole',
      metadata: { name: 'flannel' },
      rules: [
        { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
        { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch'] },
      ],
    },
    {
      apiVersion: `${apiGroup}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'flannel' },
      roleRef: { apiGroup, kind: 'ClusterRole', name: 'flannel' },
      subjects: [{ kind: 'ServiceAccount', name: 'flannel', namespace: NAMESPACE }],
    },
  ];
}

function configuration({ podCidr, backend }: Fields): KubeObject {
  const plugins = [
    { type: 'flannel', delegate: { hairpinMode: true, isDefaultGateway: true } },
    { type: 'portmap', capabilities: { portMappings: true } },
  ];
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-flannel-cfg', namespace: NAMESPACE, labels: LABELS },
    data: {
      'cni-conf.json': json({ name: 'cbr0', cniVersion: '0.3.1', plugins }),
      'net-conf.json': json({ Network: podCidr, EnableNFTables: false, Backend: { Type: backend } }),
    },
  };
}

const MOUNTS = {
  run: { name: 'run', mountPath: '/run/flannel' },
  plugin: { name: 'cni-plugin', mountPath: '/opt/cni/bin' },
  cni: { name: 'cni', mountPath: '/etc/cni/net.d' },
  config: { name: 'flannel-cfg', mountPath: '/etc/kube-flannel/' },
  lock: { name: 'xtables-lock', mountPath: '/run/xtables.lock' },
};

function workload({ images }: Fields): KubeObject {
  const field = (fieldPath: string) => ({ valueFrom: { fieldRef: { fieldPath } } });
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'kube-flannel-ds', namespace: NAMESPACE, labels: LABELS },
    spec: {
      selector: { matchLabels: LABELS },
      template: {
        metadata: { labels: LABELS },
        spec: {
          hostNetwork: true,
          priorityClassName: 'system-node-critical',
          serviceAccountName: 'flannel',
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }],
          initContainers: [
            copying('install-cni-plugin', images.plugin, ['/flannel', '/opt/cni/bin/flannel'], [MOUNTS.plugin]),
            copying(
              'install-cni',
              images.flannel,
              ['/etc/kube-flannel/cni-conf.json', '/etc/cni/net.d/10-flannel.conflist'],
              [MOUNTS.cni, MOUNTS.config],
            ),
          ],
          containers: [
            {
              name: 'kube-flannel',
              image: images.flannel,
              command: ['/opt/bin/flanneld'],
              args: ['--ip-masq', '--kube-subnet-mgr'],
              resources: { requests: { cpu: '100m', memory: '50Mi' } },
              securityContext: { privileged: false, capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
              env: [
                { name: 'POD_NAME', ...field('metadata.name') },
                { name: 'POD_NAMESPACE', ...field('metadata.namespace') },
                { name: 'EVENT_QUEUE_DEPTH', value: '5000' },
              ],
              volumeMounts: [MOUNTS.run, MOUNTS.config, MOUNTS.lock],
            },
          ],
          volumes: [
            { name: 'run', hostPath: { path: '/run/flannel' } },
            { name: 'cni-plugin', hostPath: { path: '/opt/cni/bin' } },
            { name: 'cni', hostPath: { path: '/etc/cni/net.d' } },
            { name: 'flannel-cfg', configMap: { name: 'kube-flannel-cfg' } },
            { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } },
          ],
        },
      },
    },
  };
}

function copying(
  name: string,
  image: string,
  words: readonly string[],
  volumeMounts: readonly { name: string; mountPath: string }[],
) {
  return { name, image, command: ['cp'], args: ['-f', ...words], volumeMounts: [...volumeMounts] };
}
